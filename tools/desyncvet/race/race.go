// Package race has the check race, which finds variables that background jobs write and
// the function reads. Run desyncvet help race for its documentation.
package race

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/ctrlflow"
	"golang.org/x/tools/go/cfg"

	"github.com/go-desync/go-desync/tools/desyncvet/internal/api"
	"github.com/go-desync/go-desync/tools/desyncvet/internal/check"
	"github.com/go-desync/go-desync/tools/desyncvet/internal/flow"
	"github.com/go-desync/go-desync/tools/desyncvet/internal/model"
)

const doc = `find variables that background jobs write and the function reads

The check reports a local variable that a job of Async, Future, FutureContext,
After or group.Go writes, if the function that handed the job over reads or writes
the variable afterwards and does not wait for the job in between.

	var total int
	d.Async(func(n *int) { total = *n })
	fmt.Println(total) // the job may not have run, or may be running

It follows the branches and loops of the function, its deferred calls and its
named results, and the elements, fields and map entries of the variable. A loop
over the variable reads all its elements. The check also reports a variable that
the job reads and the function changes after the call. And it reports a variable
or a map that jobs of several objects write, since they run at the same time: jobs
that are handed over in a loop, or jobs of two objects that are certainly not the
same.

Anything that may wait for the job puts the accesses in order: Do, Sync and their
variants on the same object, on one that may be the same, or on one whose own jobs
may wait; Await; a channel, also one that a loop ranges over; an iterator; a mutex;
a WaitGroup; and every function that may wait.

If the job itself first waits for a channel, a mutex, a WaitGroup or another object,
or if its object is suspended, its accesses may be in order with those that the
function makes meanwhile, and are not reported.

Return the value from Sync or from a Future instead of writing it to a variable.`

// Analyzer is the check.
var Analyzer = check.New("race", doc, func(pass *analysis.Pass, m *model.Facts, report check.Reporter) {
	graphs := pass.ResultOf[ctrlflow.Analyzer].(*ctrlflow.CFGs)
	for n := range m.In.PreorderSeq((*ast.FuncDecl)(nil), (*ast.FuncLit)(nil)) {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if n.Body != nil {
				checkRaces(m, graphs.FuncDecl(n), n.Body, n.Type, model.Frame{}, report)
			}
		case *ast.FuncLit:
			switch u := m.Uses[n]; {
			case u.Kind == model.UseInline, u.Kind == model.UseJob && u.Call.Mode != api.Background:
				// part of the function around it
			case u.Kind == model.UseJob:
				checkRaces(m, graphs.FuncLit(n), n.Body, n.Type, model.Frame{}.Holding(m.Held(u.Call), n), report)
			default:
				checkRaces(m, graphs.FuncLit(n), n.Body, n.Type, model.Frame{}, report)
			}
		}
	}
}, ctrlflow.Analyzer)

func checkRaces(m *model.Facts, graph *cfg.CFG, body *ast.BlockStmt, ft *ast.FuncType, own model.Frame, report check.Reporter) {
	handovers := flow.Handovers(m, body, own)
	if len(handovers) == 0 {
		return
	}
	for _, h := range handovers {
		checkLoopRace(m, body, h, report)
	}
	f := &judge{&flow.Paths{M: m, Body: body, Handovers: handovers, Named: namedResults(m.Info(), ft)}, report}
	f.OnAccess, f.OnJob = f.access, f.jobs
	f.Run(graph)
}

func namedResults(info *types.Info, ft *ast.FuncType) (vs []*types.Var) {
	if ft.Results == nil {
		return nil
	}
	for _, field := range ft.Results.List {
		for _, name := range field.Names {
			if v, ok := info.Defs[name].(*types.Var); ok {
				vs = append(vs, v)
			}
		}
	}
	return vs
}
