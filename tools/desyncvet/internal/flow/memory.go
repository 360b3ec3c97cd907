package flow

import (
	"go/ast"
	"go/types"
	"reflect"

	"golang.org/x/tools/go/analysis"

	"github.com/go-desync/go-desync/tools/desyncvet/internal/api"
	"github.com/go-desync/go-desync/tools/desyncvet/internal/model"
)

// Memory has the facts about the data of objects: what a package changes in it, and
// which functions let it escape.
type Memory struct {
	*model.Facts
	pass     *analysis.Pass          // its own, which has the facts of other packages
	dataKeys map[*types.Var][]string // of the parameter of a job that points to the data
	jobOf    map[*ast.FuncLit]bool   // literals in variables that are jobs
	jobDecls map[*ast.FuncDecl]bool  // functions that are jobs
	Changes  changes
	leaks    map[*types.Func]*leaks
	made     bool
}

// Analyzer makes a Memory, and passes the leaks of functions on to the packages
// that call them.
var Analyzer = &analysis.Analyzer{
	Name:       "desyncmemory",
	Doc:        "collect what becomes of the data of objects",
	Requires:   []*analysis.Analyzer{model.Analyzer},
	FactTypes:  []analysis.Fact{(*leaks)(nil)},
	ResultType: reflect.TypeFor[*Memory](),
	Run: func(pass *analysis.Pass) (any, error) {
		known := pass.ResultOf[model.Analyzer].(*model.Facts)
		if known == nil {
			return (*Memory)(nil), nil
		}
		m := &Memory{
			Facts:    known,
			pass:     pass,
			dataKeys: make(map[*types.Var][]string),
			jobOf:    make(map[*ast.FuncLit]bool),
			jobDecls: make(map[*ast.FuncDecl]bool),
			leaks:    make(map[*types.Func]*leaks),
		}
		for _, c := range m.Calls {
			m.collectJob(c)
		}
		m.Changes = m.collectChanges()
		m.summarizeLeaks()
		m.made = true
		return m, nil
	},
}

// collectJob notes the function that is the job of a call.
func (m *Memory) collectJob(c *api.Call) {
	if c.Job < 0 || c.Arg(c.Job) == nil {
		return
	}
	var ft *ast.FuncType
	if lit := m.Literal(c.Arg(c.Job)); lit != nil {
		ft = lit.Type
		if m.Uses[lit].Kind == model.UseVar {
			m.jobOf[lit] = true
		}
	} else if decl := m.Decls[m.Function(c.Arg(c.Job))]; decl != nil {
		ft = decl.Type
		m.jobDecls[decl] = true
	}
	if ft == nil {
		return
	}
	for i, r := range m.Objects(c) {
		if v := api.ParamVar(m.Info(), ft, c.Data+i); v != nil && r.Known() && c.List < 0 {
			m.dataKeys[v] = append(m.dataKeys[v], objectKey(r))
		}
	}
}
