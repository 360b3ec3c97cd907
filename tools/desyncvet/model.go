package desyncvet

import (
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"

	"github.com/go-desync/go-desync/tools/desyncvet/internal/api"
)

// A model is what the checks need to know of a package: the calls of package
// desync, what its function literals are used for, and what its functions and
// those that it calls do.
type model struct {
	pass   *analysis.Pass
	in     *inspector.Inspector
	vars   vars
	calls  map[*ast.CallExpr]*api.Call
	uses   map[*ast.FuncLit]use
	decls  map[*types.Func]*ast.FuncDecl
	owner  map[ast.Node]*ast.FuncDecl // of a function literal, call or selection
	fields map[*ast.FuncDecl]map[*types.Var]int

	rangeOver map[*types.Var]ast.Expr // what a range statement takes the variable's values from
	wrapped   wrapped

	polled  map[ast.Node]bool // receives and sends of select statements that have others
	ignored ignores
}

func (m *model) info() *types.Info { return m.pass.TypesInfo }

// newModel looks at the syntax of a package.
func newModel(pass *analysis.Pass) *model {
	m := &model{
		pass:      pass,
		in:        pass.ResultOf[inspect.Analyzer].(*inspector.Inspector),
		calls:     make(map[*ast.CallExpr]*api.Call),
		uses:      make(map[*ast.FuncLit]use),
		decls:     make(map[*types.Func]*ast.FuncDecl),
		owner:     make(map[ast.Node]*ast.FuncDecl),
		fields:    make(map[*ast.FuncDecl]map[*types.Var]int),
		rangeOver: make(map[*types.Var]ast.Expr),
		polled:    make(map[ast.Node]bool),
	}
	m.vars = collectVars(pass.TypesInfo, m.in)
	for _, file := range pass.Files {
		maps.Copy(m.polled, polled(file))
	}
	m.collect()
	m.wrapped = m.collectWrapped()
	return m
}

// inStandardLibrary reports whether a package belongs to the go toolchain: then
// it is in no module, and its path has no dot in the first element. Nothing of
// that needs to be known but what the checks have in their lists.
func inStandardLibrary(pass *analysis.Pass) bool {
	first, _, _ := strings.Cut(pass.Pkg.Path(), "/")
	if strings.Contains(first, ".") || pass.Module != nil && pass.Module.Path != "" {
		return false
	}
	return !slices.ContainsFunc(pass.Pkg.Imports(), func(p *types.Package) bool {
		return p.Path() == api.DesyncPath || p.Path() == api.FuturesPath
	})
}

func (m *model) collect() {
	nodes := []ast.Node{
		(*ast.FuncDecl)(nil), (*ast.CallExpr)(nil), (*ast.FuncLit)(nil), (*ast.AssignStmt)(nil), (*ast.SelectorExpr)(nil),
		(*ast.RangeStmt)(nil),
	}
	for c := range m.in.Root().Preorder(nodes...) {
		var decl *ast.FuncDecl
		for e := range c.Enclosing((*ast.FuncDecl)(nil)) {
			decl = e.Node().(*ast.FuncDecl)
		}
		m.owner[c.Node()] = decl
		switch n := c.Node().(type) {
		case *ast.FuncDecl:
			if fn, ok := m.info().Defs[n.Name].(*types.Func); ok && n.Body != nil {
				m.decls[fn] = n
			}
		case *ast.CallExpr:
			if call := api.AsCall(m.info(), n); call != nil {
				m.calls[n] = call
			}
		case *ast.RangeStmt:
			if id, ok := n.Value.(*ast.Ident); ok {
				if v := m.varOf(id); v != nil {
					m.rangeOver[v] = n.X
				}
			}
		case *ast.AssignStmt:
			for _, lhs := range n.Lhs {
				if sel, ok := ast.Unparen(lhs).(*ast.SelectorExpr); ok && decl != nil {
					if v, ok := m.info().Uses[sel.Sel].(*types.Var); ok && v.IsField() {
						if m.fields[decl] == nil {
							m.fields[decl] = make(map[*types.Var]int)
						}
						m.fields[decl][v.Origin()]++
					}
				}
			}
		}
	}
	// Uses come second, for they ask for calls.
	for c := range m.in.Root().Preorder((*ast.FuncLit)(nil)) {
		m.uses[c.Node().(*ast.FuncLit)] = m.useOf(c)
	}
}

// reassigned reports whether the function around a selection gives its field,
// a pointer, more than one value.
func (m *model) reassigned(sel *ast.SelectorExpr, field *types.Var) bool {
	if _, ok := field.Type().Underlying().(*types.Pointer); !ok {
		return false
	}
	return m.fields[m.owner[sel]][field.Origin()] > 1
}

// mentions reports whether the function around n, or one of the package that
// it calls, names an object of package desync or futures.
func (m *model) mentions(n ast.Node, pkg, name string) bool {
	decl := m.owner[n]
	if decl == nil {
		return false
	}
	found := false
	var look func(decl *ast.FuncDecl, calls bool)
	look = func(decl *ast.FuncDecl, calls bool) {
		ast.Inspect(decl, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if !ok || found {
				return !found
			}
			obj := m.info().Uses[id]
			if obj != nil && id.Name == name && obj.Pkg() != nil && obj.Pkg().Path() == pkg {
				found = true
			}
			if fn, ok := obj.(*types.Func); ok && calls {
				if called := m.decls[fn.Origin()]; called != nil {
					look(called, false)
				}
			}
			return !found
		})
	}
	look(decl, true)
	return found
}

// isReceive reports whether e is <-c.
func isReceive(n ast.Node) bool {
	e, ok := n.(*ast.UnaryExpr)
	return ok && e.Op == token.ARROW
}
