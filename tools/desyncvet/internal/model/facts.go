package model

import (
	"go/ast"
	"go/types"
	"iter"
	"maps"
	"reflect"
	"slices"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"

	"github.com/go-desync/go-desync/tools/desyncvet/internal/api"
)

// Facts are the facts about the functions of a package and the functions that it
// calls, with the syntax of the package. They do not change once they are made,
// since the checks share them.
type Facts struct {
	*Model
	sums map[*types.Func]*summary
	made bool
}

// Analyzer makes the facts and passes the summaries of functions on to the
// packages that call them. A package of the standard library has none.
var Analyzer = &analysis.Analyzer{
	Name:       "desyncfacts",
	Doc:        "collect what the checks of desyncvet rest on",
	Requires:   []*analysis.Analyzer{inspect.Analyzer},
	FactTypes:  []analysis.Fact{(*summary)(nil)},
	ResultType: reflect.TypeFor[*Facts](),
	Run: func(pass *analysis.Pass) (any, error) {
		if inStandardLibrary(pass) {
			return (*Facts)(nil), nil
		}
		m := &Facts{Model: newModel(pass), sums: make(map[*types.Func]*summary)}
		m.summarize()
		m.made = true
		return m, nil
	},
}

// A summary has what callers of a function need to know about it. It is a fact,
// so that it reaches callers in other packages.
type summary struct {
	Waits  []Waited  // objects that it waits for
	Awaits []int     // parameters that are futures that it waits for
	Edges  []Edge    // waits for an object in jobs of another one that it runs or hands over
	Future *Place    // the object whose future it returns
	Goexit string    // the call in it that ends its goroutine, or ""
	Copies []int     // type parameters whose values it copies
	New    bool      // it returns a pointer to something that it has just made
	Pause  api.Pause // whether it waits for anything
}

// A Waited is an object that a function waits for.
type Waited struct {
	Place
	Ends bool // the end of a context may end it
}

// An Edge says that a job of one object waits for another, or that one call for
// several objects waits for both.
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
func (m *Facts) summarize() {
	for n := range m.In.PreorderSeq((*ast.FuncDecl)(nil)) {
		if fn, ok := m.Info().Defs[n.(*ast.FuncDecl).Name].(*types.Func); ok {
			m.Summary(fn)
		}
	}
	for n := range m.In.PreorderSeq((*ast.Ident)(nil)) {
		if fn, ok := m.Info().Uses[n.(*ast.Ident)].(*types.Func); ok {
			m.Summary(fn.Origin())
		}
	}
	for fn, s := range m.sums {
		if fn.Pkg() == m.Pass.Pkg && !s.empty() {
			m.Pass.ExportObjectFact(fn, s)
		}
	}
}

// Functions yields the functions that the package declares or names.
func (m *Facts) Functions() iter.Seq[*types.Func] { return maps.Keys(m.sums) }

// Summary returns the summary of fn. It may be incomplete if fn is part of a
// recursion.
func (m *Facts) Summary(fn *types.Func) *summary {
	s, ok := m.sums[fn]
	if ok {
		return s
	}
	s = new(summary)
	if m.made {
		return s // no code of the package names fn
	}
	m.sums[fn] = s
	if decl := m.Decls[fn]; decl != nil {
		m.fill(s, fn, decl)
	} else if fn.Pkg() != nil && fn.Pkg() != m.Pass.Pkg {
		m.Pass.ImportObjectFact(fn, s)
	}
	return s
}

func (m *Facts) fill(s *summary, fn *types.Func, decl *ast.FuncDecl) {
	s.Pause = m.pauseIn(decl.Body)
	guards := m.guards(decl)
	m.Inline(decl.Body, Frame{Thread: decl}, func(n ast.Node, f Frame) {
		if s.Goexit == "" {
			s.Goexit = m.Goexit(n)
		}
		if guards.cover(n) {
			return
		}
		for _, w := range m.Waits(n) {
			if w.Future != nil {
				future := ast.Unparen(w.Future)
				if u, ok := future.(*ast.UnaryExpr); ok {
					future = u.X
				}
				if i := api.ParamIndex(fn, m.VarOf(future)); i >= 0 {
					if !slices.Contains(s.Awaits, i) {
						s.Awaits = append(s.Awaits, i)
					}
					if w.Made == nil {
						continue
					}
				}
			}
			if w.Made != nil && (m.Owner[w.Made] != decl || len(f.Held) > 0) {
				continue // made elsewhere: it may be older than the job of the caller
			}
			if p, ok := place(fn, w.Ref); ok && !slices.Contains(s.Waits, Waited{p, w.Ends}) {
				s.Waits = append(s.Waits, Waited{p, w.Ends})
			}
		}
	})
	addEdges := func(n ast.Node, f Frame) {
		for _, e := range m.Edges(n, f) {
			from, ok1 := place(fn, e.From)
			to, ok2 := place(fn, e.To)
			if edge := (Edge{from, to, e.Atomic}); ok1 && ok2 && !slices.Contains(s.Edges, edge) {
				s.Edges = append(s.Edges, edge)
			}
		}
	}
	m.Inline(decl.Body, m.declFrame(decl), addEdges)
	m.walkLiterals(decl, addEdges)
	ast.Inspect(decl.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			if len(n.Results) == 1 && s.Future == nil {
				refs, _ := m.FutureOf(n.Results[0], nil)
				for _, r := range refs { // the first of them that callers know
					if p, ok := place(fn, r); ok {
						s.Future = &p
						break
					}
				}
			}
		}
		return true
	})
	s.Copies = m.copies(fn, decl)
	s.New = m.returnsNew(decl)
}
