package desyncvet

import (
	"go/ast"
	"go/token"
	"go/types"
	"reflect"
	"slices"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"

	"github.com/go-desync/go-desync/tools/desyncvet/internal/api"
)

// Facts are what is known of the functions of a package, and of those that it calls,
// with the syntax of the package. They do not change once they are made: the checks
// share them.
type facts struct {
	*model
	sums map[*types.Func]*summary
	made bool
}

// newFacts returns the analyzer that makes the facts and hands the summaries of
// functions on to the packages that call them. For a package of the standard library
// there are none.
func newFacts() *analysis.Analyzer {
	return &analysis.Analyzer{
		Name:       "desyncfacts",
		Doc:        "collect what the checks of desyncvet rest on",
		Requires:   []*analysis.Analyzer{inspect.Analyzer},
		FactTypes:  []analysis.Fact{(*summary)(nil)},
		ResultType: reflect.TypeFor[*facts](),
		Run: func(pass *analysis.Pass) (any, error) {
			if inStandardLibrary(pass) {
				return (*facts)(nil), nil
			}
			m := &facts{model: newModel(pass), sums: make(map[*types.Func]*summary)}
			m.summarize()
			m.made = true
			return m, nil
		},
	}
}

// A summary is what callers of a function need to know of it. It is a fact, so
// it reaches them in other packages too.
type summary struct {
	Waits  []Waited  // objects that it waits for
	Awaits []int     // parameters that are futures that it waits for
	Edges  []Edge    // objects whose jobs, in it or started by it, wait for another
	Future *Place    // the object whose future it returns
	Goexit string    // what it calls that ends its goroutine, or ""
	Copies []int     // type parameters whose values it copies
	New    bool      // it returns a pointer to what it has just made
	Pause  api.Pause // whether it waits for anything
}

// A Waited is an object that a function waits for.
type Waited struct {
	Place
	Ends bool // the end of a context may end it
}

// An Edge says that a job of one object waits for another, or that one Sync2 or
// DoAll waits for both.
type Edge struct {
	From, To Place
	Atomic   bool
}

func (*summary) AFact() {}

func (s *summary) String() string { return "summary" }

func (s *summary) empty() bool {
	return len(s.Waits) == 0 && len(s.Awaits) == 0 && len(s.Edges) == 0 && s.Future == nil && s.Goexit == "" &&
		len(s.Copies) == 0 && !s.New && s.Pause == api.PauseUnknown
}

// summarize makes the summaries of the functions of the package, and looks up
// those of the functions that it calls.
func (m *facts) summarize() {
	for n := range m.in.PreorderSeq((*ast.FuncDecl)(nil)) {
		if fn, ok := m.info().Defs[n.(*ast.FuncDecl).Name].(*types.Func); ok {
			m.summary(fn)
		}
	}
	for n := range m.in.PreorderSeq((*ast.Ident)(nil)) {
		if fn, ok := m.info().Uses[n.(*ast.Ident)].(*types.Func); ok {
			m.summary(fn.Origin())
		}
	}
	for fn, s := range m.sums {
		if fn.Pkg() == m.pass.Pkg && !s.empty() {
			m.pass.ExportObjectFact(fn, s)
		}
	}
}

// summary returns the summary of fn. Of a function that is part of a recursion
// it may not say all.
func (m *facts) summary(fn *types.Func) *summary {
	s, ok := m.sums[fn]
	if ok {
		return s
	}
	s = new(summary)
	if m.made {
		return s // no code of the package names fn
	}
	m.sums[fn] = s
	if decl := m.decls[fn]; decl != nil {
		m.fill(s, fn, decl)
	} else if fn.Pkg() != nil && fn.Pkg() != m.pass.Pkg {
		m.pass.ImportObjectFact(fn, s)
	}
	return s
}

func (m *facts) fill(s *summary, fn *types.Func, decl *ast.FuncDecl) {
	s.Pause = m.pauseIn(decl.Body)
	guards := m.guards(decl)
	m.inline(decl.Body, frame{thread: decl}, func(n ast.Node, f frame) {
		if s.Goexit == "" {
			s.Goexit = m.goexit(n)
		}
		if guards.cover(n) {
			return
		}
		for _, w := range m.waits(n) {
			if w.future != nil {
				future := ast.Unparen(w.future)
				if u, ok := future.(*ast.UnaryExpr); ok {
					future = u.X
				}
				if i := api.ParamIndex(fn, m.varOf(future)); i >= 0 {
					if !slices.Contains(s.Awaits, i) {
						s.Awaits = append(s.Awaits, i)
					}
					if w.made == nil {
						continue
					}
				}
			}
			if w.made != nil && (m.owner[w.made] != decl || len(f.held) > 0) {
				continue // made elsewhere: it may be older than the job of the caller
			}
			if p, ok := place(fn, w.ref); ok && !slices.Contains(s.Waits, Waited{p, w.ends}) {
				s.Waits = append(s.Waits, Waited{p, w.ends})
			}
		}
	})
	addEdges := func(n ast.Node, f frame) {
		for _, e := range m.edges(n, f) {
			from, ok1 := place(fn, e.from)
			to, ok2 := place(fn, e.to)
			if edge := (Edge{from, to, e.atomic}); ok1 && ok2 && !slices.Contains(s.Edges, edge) {
				s.Edges = append(s.Edges, edge)
			}
		}
	}
	m.inline(decl.Body, m.declFrame(decl), addEdges)
	m.walkLiterals(decl, addEdges)
	ast.Inspect(decl.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			if len(n.Results) == 1 && s.Future == nil {
				if r, _, ok := m.futureOf(n.Results[0], nil); ok {
					if p, ok := place(fn, r); ok {
						s.Future = &p
					}
				}
			}
		}
		return true
	})
	s.Copies = m.copies(fn, decl)
	s.New = m.returnsNew(decl)
}

// Guards are the parts of a function that run or not depending on what its
// caller says, so that it cannot be told from the function alone.
type guards [][2]token.Pos

func (g guards) cover(n ast.Node) bool {
	return slices.ContainsFunc(g, func(r [2]token.Pos) bool { return r[0] <= n.Pos() && n.End() <= r[1] })
}

func (m *model) guards(decl *ast.FuncDecl) (g guards) {
	ast.Inspect(decl.Body, func(n ast.Node) bool {
		block, ok := n.(*ast.BlockStmt)
		if !ok {
			return true
		}
		for _, stmt := range block.List {
			s, ok := stmt.(*ast.IfStmt)
			if !ok || !m.dependsOnCaller(s) {
				continue
			}
			g = append(g, [2]token.Pos{s.Body.Pos(), s.End()})
			if k := len(s.Body.List); k > 0 {
				if _, ok := s.Body.List[k-1].(*ast.ReturnStmt); ok {
					g = append(g, [2]token.Pos{s.End(), block.End()})
				}
			}
		}
		return true
	})
	return g
}

// dependsOnCaller reports whether the condition asks a boolean parameter or a
// value of a context.
func (m *model) dependsOnCaller(s *ast.IfStmt) (depends bool) {
	ask := func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			if v, ok := m.info().Uses[n].(*types.Var); ok && m.vars[v].param {
				b, ok := v.Type().Underlying().(*types.Basic)
				depends = depends || ok && b.Info()&types.IsBoolean != 0
			}
		case *ast.CallExpr:
			depends = depends || api.IsFunc(api.Callee(m.info(), n), "context", "Context.Value")
		}
		return true
	}
	ast.Inspect(s.Cond, ask)
	if s.Init != nil {
		ast.Inspect(s.Init, ask)
	}
	return depends
}
