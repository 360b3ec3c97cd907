// Package escape has the check escape, which finds data of an object that leaves its
// jobs. Run desyncvet help escape for its documentation.
package escape

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"

	"golang.org/x/tools/go/analysis"

	"github.com/go-desync/go-desync/tools/desyncvet/internal/api"
	"github.com/go-desync/go-desync/tools/desyncvet/internal/check"
	"github.com/go-desync/go-desync/tools/desyncvet/internal/flow"
	"github.com/go-desync/go-desync/tools/desyncvet/internal/model"
)

const doc = `find data of an object that leaves its jobs

The check reports a job that returns its pointer to the data, or something that it
reaches by it: a slice, a map, a pointer to a field. It also reports a job that
stores such a value outside of the data, sends it to a channel, or uses it in a
goroutine or in a job of another object that may outlive the job. The check follows
functions that store or return their arguments, in other packages too.

	func (s *Store) All() []Item {
		return s.d.Sync(func(items *[]Item) []Item { return *items })
	}

The caller of All has the slice that later jobs change: a data race. Return a
copy, or do the work in the job.

append, copy, slices.Clone, maps.Clone, slices.Collect and the like copy only the
elements. If these have slices, maps or pointers that jobs change, they leave with
the copy, and that is reported. Copy them too.

A pointer to the data itself must not leave at all. A slice, a map or a pointer
inside the data may leave as long as nobody changes what it refers to. So it is
reported only if the package changes it in place somewhere: an element, or the
fields behind a pointer in a job. A value that the job takes out of the data first
is not reported either:

	batch := *queue
	*queue = nil
	return batch

Pointers to structs with a mutex or an object of their own, channels, functions
and interfaces in the data are not reported. A goroutine is not reported if the job
waits for something after it has started the goroutine.`

// Analyzer is the check.
var Analyzer = check.New("escape", doc, func(pass *analysis.Pass, _ *model.Facts, report check.Reporter) {
	m := pass.ResultOf[flow.Analyzer].(*flow.Memory)
	for n := range m.In.PreorderSeq((*ast.CallExpr)(nil)) {
		c := m.Calls[n.(*ast.CallExpr)]
		if c == nil || c.Job < 0 {
			continue
		}
		if lit := m.Literal(c.Arg(c.Job)); lit != nil {
			checkJob(m, c, lit, report)
		} else if fn := m.Function(c.Arg(c.Job)); fn != nil {
			checkJobFunction(m, c, fn, report)
		}
	}
}, flow.Analyzer)

// dataParams returns the parameters of a job that point to data.
func dataParams(m *flow.Memory, c *api.Call, ft *ast.FuncType) map[*types.Var]bool {
	params := make(map[*types.Var]bool)
	for i := range max(1, len(c.Several)) {
		if v := api.ParamVar(m.Info(), ft, c.Data+i); v != nil {
			params[v] = c.List >= 0
		}
	}
	return params
}

func checkJob(m *flow.Memory, c *api.Call, lit *ast.FuncLit, report check.Reporter) {
	params := dataParams(m, c, lit.Type)
	if len(params) == 0 {
		return
	}
	least := flow.Appended
	if m.InTest(lit) {
		least = flow.Altered // a test may read a log when nothing is appended to it any more
	}
	f := flow.NewValues(m, lit.Body, params)
	f.Sinks(lit, m.Objects(c), func(e ast.Node, o flow.Origin, how string, _ *types.Var) {
		if f.Gone(o) {
			return
		}
		var what string
		switch {
		case o.Direct():
			what = "it is memory of the object"
		case o.Changed || m.Changes.Any(o.Inner(), least):
			what = "it is changed in place"
		default:
			return
		}
		report(analysis.Diagnostic{
			Pos: e.Pos(), End: e.End(),
			Message: fmt.Sprintf("%s leaves the job of %s: it is %s, and %s", flow.ExprText(e), c, how, what),
		})
	})
}

// checkJobFunction reports a declared function that is used as a job, if a literal
// that does the same with its parameters would be reported.
func checkJobFunction(m *flow.Memory, c *api.Call, fn *types.Func, report check.Reporter) {
	leaks := m.LeaksOf(fn)
	first := 0
	if fn.Signature().Recv() != nil {
		first = 1
	}
	returned := leaks.Returned
	if c.Name == "Range" {
		returned = nil
	}
	for _, l := range slices.Concat(leaks.Kept, returned) {
		if l.Param != first+c.Data {
			continue
		}
		if !l.Inner || l.Changed || m.Changes.Any(l.Keys, flow.Appended) {
			arg := c.Arg(c.Job)
			report(analysis.Diagnostic{
				Pos: arg.Pos(), End: arg.End(),
				Message: fmt.Sprintf("data of the object leaves the job of %s: it is %s by %s", c, l.How, fn.Name()),
			})
			return
		}
	}
}
