package desyncvet

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
)

const ringDoc = `find jobs that wait for each other's objects

The check collects, for all functions of a package, which jobs wait for which
other objects, and reports a ring: a job of A waits for B, and a job of B waits
for A, directly or over further objects. When both run at the same time each
holds what the other waits for.

	func (s *Shop) Sell()   { s.stock.Do(func(*Stock) { s.till.Do(take) }) }
	func (s *Shop) Refund() { s.till.Do(func(*Till) { s.stock.Do(put) }) }

Objects are told apart by the package variable that they are, by the fields of
the one value that a function reaches both through, or by the variables of one
function; what functions do with objects among their parameters is followed to
their callers. Sync2 takes both of its objects in one step, and so is in no ring
with another Sync2, but can be in one with a job of one of its objects that waits
for the other.

Take both objects at once with Sync2 or DoAll, or hand the inner job over with
Async.

Jobs that one goroutine runs one after the other close no ring, nor do those of a
function that waits in between. Functions that look at a desync.DeadlockError
close rings on purpose and are not reported.`

// An objectEdge says that a job of one object waits for another, at a place.
type objectEdge struct {
	from, to ref
	at       ast.Node
	frame    frame
	atomic   bool // both belong to one Sync2 or DoAll
}

// edges returns what n, run in a frame, adds to the relation of waits.
func (m *facts) edges(n ast.Node, f frame) (es []objectEdge) {
	add := func(from, to ref, atomic bool) {
		if from.known() && to.known() && from != to {
			es = append(es, objectEdge{from, to, n, f, atomic})
		}
	}
	for _, w := range m.waits(n) {
		if m.waitsForSelf(w, f) {
			continue
		}
		for _, h := range f.held {
			add(h.ref, w.ref, false)
		}
	}
	expr, ok := n.(*ast.CallExpr)
	if !ok {
		return es
	}
	if c := m.calls[expr]; c != nil && c.Recv == "" {
		refs := m.objects(c)
		for _, a := range refs {
			for _, b := range refs {
				add(a, b, true)
			}
		}
	}
	if fn := api.Callee(m.info(), expr); fn != nil && m.calls[expr] == nil {
		for _, e := range m.summary(fn).Edges {
			add(m.at(e.From, expr, fn), m.at(e.To, expr, fn), e.Atomic)
		}
	}
	return es
}

func ringCheck(factsOf *analysis.Analyzer) *analysis.Analyzer {
	return check("ring", ringDoc, factsOf, func(_ *analysis.Pass, m *facts, report reporter) {
		graph := make(map[string][]nodeEdge)
		m.walk(func(n ast.Node, f frame) {
			for _, e := range m.edges(n, f) {
				if m.ringOnPurpose(n, f) {
					continue
				}
				for _, ne := range m.nodeEdges(e) {
					graph[ne.from] = append(graph[ne.from], ne)
				}
			}
		})
		m.reportRings(graph, report)
	})
}

// A nodeEdge is an objectEdge between objects as the whole package names them.
type nodeEdge struct {
	from, to string
	objectEdge
	instance bool // from and to are variables of a function, not fields of a type
}

// nodeEdges returns an edge between package variables or variables of one
// function, or between fields of one value.
func (m *facts) nodeEdges(e objectEdge) (es []nodeEdge) {
	from, to := instanceNode(e.from), instanceNode(e.to)
	es = append(es, nodeEdge{from, to, e, isLocal(e.from.root) || isLocal(e.to.root)})
	if e.from.root == e.to.root && isLocal(e.from.root) && e.from.path != e.to.path &&
		m.vars[e.from.root].param && !strings.Contains(e.from.path+e.to.path, "[") {
		if named := api.NamedOf(e.from.root.Type()); named != nil {
			name := types.TypeString(named.Origin(), nil)
			es = append(es, nodeEdge{name + e.from.path, name + e.to.path, e, false})
		}
	}
	return es
}

// begins returns where the job of the edge is handed over or its goroutine
// started, in the function that the edge is in.
func (e objectEdge) begins() token.Pos {
	if _, ok := e.frame.thread.(*ast.FuncDecl); ok {
		return e.at.Pos()
	}
	return e.frame.thread.Pos()
}

func instanceNode(r ref) string {
	return fmt.Sprintf("%d:%s%s|%s", r.root.Pos(), r.root.Name(), r.path, r.key)
}

// reportRings reports each ring once, where the wait is that closes it.
func (m *facts) reportRings(graph map[string][]nodeEdge, report reporter) {
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
				if m.canClose(ring) {
					m.reportRing(slices.Clone(ring), seen, report)
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
func (m *facts) canClose(ring []nodeEdge) bool {
	threads := make(map[ast.Node]bool)
	atomic := 0
	for _, e := range ring {
		if e.atomic {
			atomic++
		}
		threads[e.frame.thread] = true
	}
	if atomic == len(ring) {
		return false
	}
	if len(threads) == 1 {
		// One goroutine, or several that begin with the same function: only
		// methods are taken to be called by several.
		decl, ok := ring[0].frame.thread.(*ast.FuncDecl)
		return ok && decl.Recv != nil && !slices.ContainsFunc(ring, func(e nodeEdge) bool { return e.instance || !m.onReceiver(e, decl) })
	}
	for i, a := range ring {
		for _, b := range ring[:i] {
			if m.ordered(a, b) {
				return false
			}
		}
	}
	return true
}

func (m *model) onReceiver(e nodeEdge, decl *ast.FuncDecl) bool {
	return len(decl.Recv.List[0].Names) == 1 && m.info().Defs[decl.Recv.List[0].Names[0]] == e.objectEdge.from.root
}

// ordered reports whether the function that both edges are in waits for
// something between the two.
func (m *facts) ordered(a, b nodeEdge) bool {
	decl := m.owner[ownerNode(a.at, a.frame)]
	if decl == nil || decl != m.owner[ownerNode(b.at, b.frame)] {
		return false
	}
	if b.begins() < a.begins() {
		a, b = b, a
	}
	if a.frame.thread == decl && a.at.End() <= b.begins() {
		return true // it has returned
	}
	start, end := a.at.End(), b.begins()
	if a.frame.thread != decl {
		start = a.frame.thread.End()
	}
	found := false
	m.inline(decl.Body, frame{}, func(n ast.Node, f frame) {
		if n.Pos() >= start && endOf(n) <= end && len(f.held) == 0 {
			found = found || m.mayOrder(n)
		}
	})
	return found
}

// mayOrder reports whether n can make its goroutine wait for another.
func (m *facts) mayOrder(n ast.Node) bool {
	if p := m.pauseOf(n); p != api.PauseUnknown {
		return p == api.PauseMay
	}
	expr, ok := n.(*ast.CallExpr)
	if !ok {
		_, loop := n.(*ast.RangeStmt) // over an iterator that is not known
		return loop
	}
	if c := m.calls[expr]; c != nil {
		return c.Mode != api.Background
	}
	// The name of a method of an interface is all that is known of it.
	fn := api.Callee(m.info(), expr)
	return fn != nil && (strings.HasPrefix(fn.Name(), "Wait") || fn.Name() == "Await")
}

func (m *facts) reportRing(ring []nodeEdge, seen map[string]bool, report reporter) {
	places := make([]token.Pos, len(ring))
	for i, e := range ring {
		places[i] = e.at.Pos()
	}
	key := slices.Clone(places)
	slices.Sort(key)
	if id := fmt.Sprint(key); seen[id] {
		return
	} else {
		seen[id] = true
	}
	// The last in the source is reported, and names the others.
	last := slices.MaxFunc(ring, func(a, b nodeEdge) int { return cmp.Compare(a.at.Pos(), b.at.Pos()) })
	i := slices.IndexFunc(ring, func(e nodeEdge) bool { return e.at == last.at })
	ring = append(ring[i:], ring[:i]...)
	var others []string
	for _, e := range ring[1:] {
		pos := m.pass.Fset.Position(e.at.Pos())
		others = append(others, fmt.Sprintf("a job of %s waits for %s at %s:%d", e.objectEdge.from, e.objectEdge.to, baseName(pos.Filename), pos.Line))
	}
	report(analysis.Diagnostic{
		Pos: ring[0].at.Pos(), End: ring[0].at.End(),
		Message: fmt.Sprintf("a job of %s waits for %s, and %s: they can wait for each other",
			ring[0].objectEdge.from, ring[0].objectEdge.to, strings.Join(others, ", and ")),
	})
}

func baseName(name string) string { return name[strings.LastIndexAny(name, `/\`)+1:] }
