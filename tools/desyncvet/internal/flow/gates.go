package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/go-desync/go-desync/tools/desyncvet/internal/api"
	"github.com/go-desync/go-desync/tools/desyncvet/internal/model"
)

// gates are the places at which a job waits for something that the function which
// hands it over may do later. Accesses of the job after a gate may be in order with
// accesses of the function before it does that.
type gates struct {
	ends   []token.Pos
	defers []*ast.DeferStmt
}

// before reports whether there is a gate that the job has passed when it has
// done n.
func (g gates) before(n ast.Node) bool {
	at := n.Pos()
	switch n.(type) {
	case *ast.AssignStmt, *ast.IncDecStmt:
		at = n.End() // the right side comes first
	}
	for _, d := range g.defers {
		if d.Pos() <= n.Pos() && n.End() <= d.End() {
			return len(g.ends) > 0
		}
	}
	return slices.ContainsFunc(g.ends, func(end token.Pos) bool { return end <= at })
}

// gatesOf returns the gates of a job that body hands over.
func gatesOf(m *model.Facts, body *ast.BlockStmt, job *ast.FuncLit) (g gates) {
	ast.Inspect(job.Body, func(n ast.Node) bool {
		if d, ok := n.(*ast.DeferStmt); ok {
			g.defers = append(g.defers, d)
		}
		return true
	})
	tried := triedIn(job.Body)
	m.Inline(job.Body, model.Frame{}, func(n ast.Node, _ model.Frame) {
		for _, d := range g.defers {
			if d.Pos() <= n.Pos() && n.End() <= d.End() {
				return
			}
		}
		if m.PauseOf(n) != api.PauseMay || tried[n] {
			return
		}
		if expr, ok := n.(*ast.CallExpr); ok && cannotHold(m, body, job, expr) {
			return
		}
		switch n := n.(type) {
		case *ast.SelectStmt:
			g.ends = append(g.ends, n.Body.Lbrace)
		case *ast.RangeStmt:
			g.ends = append(g.ends, n.X.End())
		case *ast.CallExpr:
			g.ends = append(g.ends, n.End())
			for _, arg := range n.Args {
				if lit := m.Literal(arg); lit != nil {
					g.ends = append(g.ends, lit.Body.Lbrace) // it runs after the wait
				}
			}
		default:
			g.ends = append(g.ends, n.End())
		}
	})
	return g
}

// triedIn returns the receives and sends of select statements with a default.
func triedIn(body ast.Node) map[ast.Node]bool {
	nodes := make(map[ast.Node]bool)
	ast.Inspect(body, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectStmt); ok && model.HasDefault(s) {
			for n := range model.Polled(s) {
				nodes[n] = true
			}
		}
		return true
	})
	return nodes
}

// cannotHold reports whether a call in the job certainly does not wait for the
// function: the call locks a local variable that the function does not lock, or uses
// a local object whose jobs wait for nothing.
func cannotHold(m *model.Facts, body *ast.BlockStmt, job *ast.FuncLit, expr *ast.CallExpr) bool {
	if c := m.Calls[expr]; c != nil {
		for _, r := range m.Objects(c) {
			if !idle(m, r) {
				return false
			}
		}
		return true
	}
	if !api.IsFunc(api.Callee(m.Info(), expr), "sync", "Mutex.Lock", "RWMutex.Lock", "RWMutex.RLock") {
		return false
	}
	lock := m.Ref(api.Receiver(m.Info(), expr).X)
	if !lock.Known() || lock.Root.Pos() < body.Pos() || lock.Root.Pos() >= body.End() {
		return false
	}
	if _, isPointer := lock.Root.Type().Underlying().(*types.Pointer); isPointer {
		return false
	}
	held := false
	ast.Inspect(body, func(n ast.Node) bool {
		if n, ok := n.(*ast.CallExpr); ok && (n.Pos() < job.Pos() || n.Pos() >= job.End()) {
			if api.IsFunc(api.Callee(m.Info(), n), "sync", "Mutex.Lock", "RWMutex.Lock", "RWMutex.RLock", "Mutex.TryLock", "RWMutex.TryLock", "RWMutex.TryRLock") {
				held = held || m.Ref(api.Receiver(m.Info(), n).X) == lock
			}
		}
		return !held
	})
	return !held
}

// heldUp reports whether the job of a call may be kept from its turn until the
// function lets it go: the object is suspended, or an earlier job of it waits.
func heldUp(m *model.Facts, body *ast.BlockStmt, c *api.Call, object model.Ref) bool {
	if c.Name == "After" && settledLater(m, body, c) {
		return true
	}
	held := false
	ast.Inspect(body, func(n ast.Node) bool {
		expr, ok := n.(*ast.CallExpr)
		if !ok || held || expr.Pos() >= c.Expr.Pos() {
			return !held
		}
		if api.IsFunc(api.Callee(m.Info(), expr), api.DesyncPath, "Desync.Suspend", "Key.Suspend", "Object.Suspend") {
			held = !Distinct(m, m.Ref(api.Receiver(m.Info(), expr).X), object) && !resumed(m, body, expr, c.Expr.Pos())
			return !held
		}
		earlier := m.Calls[expr]
		if earlier == nil || earlier.Mode != api.Background || earlier.All || earlier.Lazy || Distinct(m, m.Object(earlier), object) ||
			doneBetween(m, body, earlier, c) {
			return true
		}
		if earlier.Name == "After" && settledLater(m, body, earlier) {
			held = true
		} else if lit := m.Literal(earlier.Arg(earlier.Job)); lit != nil {
			held = len(gatesOf(m, body, lit).ends) > 0
		} else if fn := m.Function(earlier.Arg(earlier.Job)); fn != nil {
			held = m.Summary(fn).Pause == api.PauseMay
		}
		return !held
	})
	return held
}

// doneBetween reports whether a function certainly waits for the object of one call,
// after it and before another call.
func doneBetween(m *model.Facts, body *ast.BlockStmt, earlier, later *api.Call) (done bool) {
	object := m.Object(earlier)
	waits := func(e ast.Expr) bool {
		expr, ok := ast.Unparen(e).(*ast.CallExpr)
		if !ok || m.Calls[expr] == nil {
			return false
		}
		c := m.Calls[expr]
		return c.Mode == api.Foreground && c.Ctx < 0 && (c.Recv == "Desync" || c.Recv == "Key" && object.Key != model.AnyKey) &&
			object.Known() && m.Objects(c)[0] == object
	}
	ast.Inspect(body, func(n ast.Node) bool {
		block, ok := n.(*ast.BlockStmt)
		if !ok || later.Expr.Pos() < block.Pos() || block.End() <= later.Expr.Pos() {
			return true
		}
		for _, stmt := range block.List {
			if stmt.Pos() < earlier.Expr.End() || later.Expr.Pos() < stmt.End() {
				continue
			}
			switch stmt := stmt.(type) {
			case *ast.ExprStmt:
				done = done || waits(stmt.X)
			case *ast.AssignStmt:
				done = done || len(stmt.Rhs) == 1 && waits(stmt.Rhs[0])
			}
		}
		return true
	})
	return done
}

// settledLater reports whether the function may later settle the future of an After:
// because the future is not known to belong to a job, or because the job is held up.
func settledLater(m *model.Facts, body *ast.BlockStmt, c *api.Call) bool {
	refs, made := m.FutureOf(c.Arg(0), nil)
	expr, isCall := made.(*ast.CallExpr)
	if len(refs) != 1 || !isCall || m.Calls[expr] == nil {
		return true
	}
	of := m.Calls[expr]
	if lit := m.Literal(of.Arg(of.Job)); lit == nil || len(gatesOf(m, body, lit).ends) > 0 {
		return true
	}
	return heldUp(m, body, of, refs[0])
}

// resumed reports whether the result of a Suspend is certainly called before pos,
// judged by the order of the source.
func resumed(m *model.Facts, body *ast.BlockStmt, suspend *ast.CallExpr, pos token.Pos) bool {
	var resume *types.Var
	called := false
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if len(n.Lhs) == 1 && len(n.Rhs) == 1 && ast.Unparen(n.Rhs[0]) == suspend {
				resume = m.VarOf(n.Lhs[0])
			}
		case *ast.FuncLit, *ast.DeferStmt, *ast.GoStmt:
			return false
		case *ast.CallExpr:
			called = called || resume != nil && m.VarOf(n.Fun) == resume && n.End() <= pos
		}
		return true
	})
	return called
}
