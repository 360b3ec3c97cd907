// Package ring has the check ring, which finds jobs that wait for each other's objects.
// Run desyncvet help ring for its documentation.
package ring

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/go-desync/go-desync/tools/desyncvet/internal/api"
	"github.com/go-desync/go-desync/tools/desyncvet/internal/check"
	"github.com/go-desync/go-desync/tools/desyncvet/internal/model"
)

const doc = `find jobs that wait for each other's objects

The check collects, for all functions of a package, which jobs wait for which
other objects, and reports a cycle of waits, a ring: a job of A waits for B, and a
job of B waits for A, directly or through other objects. If both run at the same
time, each holds the object that the other waits for.

	func (s *Shop) Sell()   { s.stock.Do(func(*Stock) { s.till.Do(take) }) }
	func (s *Shop) Refund() { s.till.Do(func(*Till) { s.stock.Do(put) }) }

The check knows that objects are different if they are different package variables,
different fields of one value in the same function, or different variables of one
function. It follows objects that are parameters of a function to its callers.
Sync2 takes both of its objects in one step. So it is in no ring with another
Sync2, but may be in one with a job of one of its objects that waits for the other.

What the adapters wait for counts as well: the results of a stage of a pipe, or a
writer whose sink waits for an object.

Take both objects at once with Sync2 or DoAll, or hand the inner job over with
Async.

Jobs that one goroutine runs one after the other close no ring, and neither do jobs
of a function that waits in between. Functions that look at a desync.DeadlockError
close rings on purpose and are not reported.`

// Analyzer is the check.
var Analyzer = check.New("ring", doc, func(_ *analysis.Pass, m *model.Facts, report check.Reporter) {
	graph := make(map[string][]nodeEdge)
	m.Walk(func(n ast.Node, f model.Frame) {
		for _, e := range m.Edges(n, f) {
			if m.RingOnPurpose(n, f) {
				continue
			}
			for _, ne := range nodeEdges(m, e) {
				graph[ne.from] = append(graph[ne.from], ne)
			}
		}
	})
	reportRings(m, graph, report)
})

// A nodeEdge is an ObjectEdge between objects under the names that the whole package
// uses.
type nodeEdge struct {
	from, to string
	model.ObjectEdge
	instance bool // from and to are variables of a function, not fields of a type
}

// nodeEdges returns an edge between package variables or variables of one
// function, or between fields of one value.
func nodeEdges(m *model.Facts, e model.ObjectEdge) (es []nodeEdge) {
	from, to := instanceNode(e.From), instanceNode(e.To)
	es = append(es, nodeEdge{from, to, e, model.IsLocal(e.From.Root) || model.IsLocal(e.To.Root)})
	if e.From.Root == e.To.Root && model.IsLocal(e.From.Root) && e.From.Path != e.To.Path &&
		m.Vars[e.From.Root].Param && !strings.Contains(e.From.Path+e.To.Path, "[") {
		if named := api.NamedOf(e.From.Root.Type()); named != nil {
			name := types.TypeString(named.Origin(), nil)
			es = append(es, nodeEdge{name + e.From.Path, name + e.To.Path, e, false})
		}
	}
	return es
}

func instanceNode(r model.Ref) string {
	return fmt.Sprintf("%d:%s%s|%s", r.Root.Pos(), r.Root.Name(), r.Path, r.Key)
}

// reportRings reports each ring once, at the wait that closes it.
func reportRings(m *model.Facts, graph map[string][]nodeEdge, report check.Reporter) {
	seen := make(map[string]bool)
	starts := make([]string, 0, len(graph))
	for node := range graph {
		starts = append(starts, node)
	}
	slices.Sort(starts)
	const longest = 6
	var path []nodeEdge
	var visit func(start, node string)
	visit = func(start, node string) {
		for _, e := range graph[node] {
			if slices.ContainsFunc(path, func(p nodeEdge) bool { return p.from == e.to && e.to != start }) {
				continue
			}
			ring := append(path, e)
			if e.to == start {
				if canClose(m, ring) {
					reportRing(m, slices.Clone(ring), seen, report)
				}
				continue
			}
			if len(ring) < longest {
				path = ring
				visit(start, e.to)
				path = path[:len(path)-1]
			}
		}
	}
	for _, start := range starts {
		visit(start, start)
	}
}

// canClose reports whether the jobs of a ring can run at the same time.
func canClose(m *model.Facts, ring []nodeEdge) bool {
	threads := make(map[ast.Node]bool)
	atomic := 0
	for _, e := range ring {
		if e.Atomic {
			atomic++
		}
		threads[e.Frame.Thread] = true
	}
	if atomic == len(ring) {
		return false
	}
	if len(threads) == 1 {
		// This is one goroutine, or several that begin with the same function. Only
		// methods are assumed to be called by several goroutines.
		decl, ok := ring[0].Frame.Thread.(*ast.FuncDecl)
		return ok && decl.Recv != nil && !slices.ContainsFunc(ring, func(e nodeEdge) bool { return e.instance || !onReceiver(m, e, decl) })
	}
	for i, a := range ring {
		for _, b := range ring[:i] {
			if ordered(m, a, b) {
				return false
			}
		}
	}
	return true
}

func onReceiver(m *model.Facts, e nodeEdge, decl *ast.FuncDecl) bool {
	return len(decl.Recv.List[0].Names) == 1 && m.Info().Defs[decl.Recv.List[0].Names[0]] == e.ObjectEdge.From.Root
}

// ordered reports whether the function that both edges are in waits for
// something between the two.
func ordered(m *model.Facts, a, b nodeEdge) bool {
	decl := m.Owner[model.OwnerNode(a.At, a.Frame)]
	if decl == nil || decl != m.Owner[model.OwnerNode(b.At, b.Frame)] {
		return false
	}
	if b.Begins() < a.Begins() {
		a, b = b, a
	}
	if a.Frame.Thread == decl && a.At.End() <= b.Begins() {
		return true // it has returned
	}
	start, end := a.At.End(), b.Begins()
	if a.Frame.Thread != decl {
		start = a.Frame.Thread.End()
	}
	found := false
	m.Inline(decl.Body, model.Frame{}, func(n ast.Node, f model.Frame) {
		if n.Pos() >= start && model.EndOf(n) <= end && len(f.Held) == 0 {
			found = found || m.MayOrder(n)
		}
	})
	return found
}

func reportRing(m *model.Facts, ring []nodeEdge, seen map[string]bool, report check.Reporter) {
	places := make([]token.Pos, len(ring))
	for i, e := range ring {
		places[i] = e.At.Pos()
	}
	key := slices.Clone(places)
	slices.Sort(key)
	if id := fmt.Sprint(key); seen[id] {
		return
	} else {
		seen[id] = true
	}
	// Report the last wait in the source, and name the others.
	last := slices.MaxFunc(ring, func(a, b nodeEdge) int { return cmp.Compare(a.At.Pos(), b.At.Pos()) })
	i := slices.IndexFunc(ring, func(e nodeEdge) bool { return e.At == last.At })
	ring = append(ring[i:], ring[:i]...)
	var others []string
	for _, e := range ring[1:] {
		pos := m.Pass.Fset.Position(e.At.Pos())
		others = append(others, fmt.Sprintf("a job of %s waits for %s at %s:%d", e.ObjectEdge.From, e.ObjectEdge.To, baseName(pos.Filename), pos.Line))
	}
	report(analysis.Diagnostic{
		Pos: ring[0].At.Pos(), End: ring[0].At.End(),
		Message: fmt.Sprintf("a job of %s waits for %s, and %s: they can wait for each other",
			ring[0].ObjectEdge.From, ring[0].ObjectEdge.To, strings.Join(others, ", and ")),
	})
}

func baseName(name string) string { return name[strings.LastIndexAny(name, `/\`)+1:] }
