// Package model makes a model of a package: its objects and how its functions name them,
// what its function literals are used for, which places wait for which objects, and facts
// about its functions, which reach their callers. A model does not change once it is
// made, since the checks share it.
package model

import (
	"go/ast"
	"go/types"
	"maps"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"

	"github.com/go-desync/go-desync/tools/desyncvet/internal/api"
)

// A Model has what the checks need to know about a package: the calls of package desync,
// what its function literals are used for, and what its functions and the functions that
// it calls do.
type Model struct {
	Pass   *analysis.Pass
	In     *inspector.Inspector
	Vars   vars
	Calls  map[*ast.CallExpr]*api.Call
	Uses   map[*ast.FuncLit]use
	Decls  map[*types.Func]*ast.FuncDecl
	Owner  map[ast.Node]*ast.FuncDecl // of a function literal, call or selection
	fields map[*ast.FuncDecl]map[*types.Var]int

	RangeOver map[*types.Var]ast.Expr // the operand of the range statement that sets the variable
	wrapped   wrapped

	Polled map[ast.Node]bool // receives and sends in select statements with other clauses
}

// Info returns the types of the package.
func (m *Model) Info() *types.Info { return m.Pass.TypesInfo }

// newModel looks at the syntax of a package.
func newModel(pass *analysis.Pass) *Model {
	m := &Model{
		Pass:      pass,
		In:        pass.ResultOf[inspect.Analyzer].(*inspector.Inspector),
		Calls:     make(map[*ast.CallExpr]*api.Call),
		Uses:      make(map[*ast.FuncLit]use),
		Decls:     make(map[*types.Func]*ast.FuncDecl),
		Owner:     make(map[ast.Node]*ast.FuncDecl),
		fields:    make(map[*ast.FuncDecl]map[*types.Var]int),
		RangeOver: make(map[*types.Var]ast.Expr),
		Polled:    make(map[ast.Node]bool),
	}
	m.Vars = collectVars(pass.TypesInfo, m.In)
	for _, file := range pass.Files {
		maps.Copy(m.Polled, Polled(file))
	}
	m.collect()
	m.wrapped = m.collectWrapped()
	return m
}

// inStandardLibrary reports whether a package belongs to the Go toolchain: then it is in
// no module, and the first element of its path has no dot. The checks have lists for
// these packages and need no facts.
func inStandardLibrary(pass *analysis.Pass) bool {
	first, _, _ := strings.Cut(pass.Pkg.Path(), "/")
	if strings.Contains(first, ".") || pass.Module != nil && pass.Module.Path != "" {
		return false
	}
	return !slices.ContainsFunc(pass.Pkg.Imports(), func(p *types.Package) bool {
		return p.Path() == api.DesyncPath || p.Path() == api.FuturesPath
	})
}

func (m *Model) collect() {
	nodes := []ast.Node{
		(*ast.FuncDecl)(nil), (*ast.CallExpr)(nil), (*ast.FuncLit)(nil), (*ast.AssignStmt)(nil), (*ast.SelectorExpr)(nil),
		(*ast.RangeStmt)(nil),
	}
	for c := range m.In.Root().Preorder(nodes...) {
		var decl *ast.FuncDecl
		for e := range c.Enclosing((*ast.FuncDecl)(nil)) {
			decl = e.Node().(*ast.FuncDecl)
		}
		m.Owner[c.Node()] = decl
		switch n := c.Node().(type) {
		case *ast.FuncDecl:
			if fn, ok := m.Info().Defs[n.Name].(*types.Func); ok && n.Body != nil {
				m.Decls[fn] = n
			}
		case *ast.CallExpr:
			if call := api.AsCall(m.Info(), n); call != nil {
				m.Calls[n] = call
			}
		case *ast.RangeStmt:
			if id, ok := n.Value.(*ast.Ident); ok {
				if v := m.VarOf(id); v != nil {
					m.RangeOver[v] = n.X
				}
			}
		case *ast.AssignStmt:
			for _, lhs := range n.Lhs {
				if sel, ok := ast.Unparen(lhs).(*ast.SelectorExpr); ok && decl != nil {
					if v, ok := m.Info().Uses[sel.Sel].(*types.Var); ok && v.IsField() {
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
	for c := range m.In.Root().Preorder((*ast.FuncLit)(nil)) {
		m.Uses[c.Node().(*ast.FuncLit)] = m.useOf(c)
	}
}

// reassigned reports whether the function around a selection gives its field,
// a pointer, more than one value.
func (m *Model) reassigned(sel *ast.SelectorExpr, field *types.Var) bool {
	if _, ok := field.Type().Underlying().(*types.Pointer); !ok {
		return false
	}
	return m.fields[m.Owner[sel]][field.Origin()] > 1
}
