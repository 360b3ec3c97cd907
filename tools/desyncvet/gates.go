package desyncvet

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ast/inspector"

	"github.com/go-desync/go-desync/tools/desyncvet/internal/api"
)

// gates are the places at which a job waits for something that the function which
// hands it over may do later: what the job does after them may be in order with
// what the function does before that.
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
	for _, end := range g.ends {
		if end <= at {
			return true
		}
	}
	return false
}

// gatesOf returns the gates of a job that body hands over.
func (m *facts) gatesOf(body *ast.BlockStmt, job *ast.FuncLit) (g gates) {
	ast.Inspect(job.Body, func(n ast.Node) bool {
		if d, ok := n.(*ast.DeferStmt); ok {
			g.defers = append(g.defers, d)
		}
		return true
	})
	tried := triedIn(job.Body)
	m.inline(job.Body, frame{}, func(n ast.Node, _ frame) {
		for _, d := range g.defers {
			if d.Pos() <= n.Pos() && n.End() <= d.End() {
				return
			}
		}
		if m.pauseOf(n) != api.PauseMay || tried[n] {
			return
		}
		if expr, ok := n.(*ast.CallExpr); ok && m.cannotHold(body, job, expr) {
			return
		}
		switch n := n.(type) {
		case *ast.SelectStmt:
			g.ends = append(g.ends, n.Body.Lbrace)
		case *ast.RangeStmt:
			g.ends = append(g.ends, n.X.End())
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
		if s, ok := n.(*ast.SelectStmt); ok && hasDefault(s) {
			for n := range polled(s) {
				nodes[n] = true
			}
		}
		return true
	})
	return nodes
}

// cannotHold reports whether the function cannot be what a call in its job waits
// for: it is a lock of a variable of its own that it does not lock, or an object
// of its own whose jobs wait for nothing.
func (m *facts) cannotHold(body *ast.BlockStmt, job *ast.FuncLit, expr *ast.CallExpr) bool {
	if c := m.calls[expr]; c != nil {
		for _, r := range m.objects(c) {
			if !m.idle(r) {
				return false
			}
		}
		return true
	}
	if !api.IsFunc(api.Callee(m.info(), expr), "sync", "Mutex.Lock", "RWMutex.Lock", "RWMutex.RLock") {
		return false
	}
	lock := m.ref(api.Receiver(m.info(), expr).X)
	if !lock.known() || lock.root.Pos() < body.Pos() || lock.root.Pos() >= body.End() {
		return false
	}
	if _, isPointer := lock.root.Type().Underlying().(*types.Pointer); isPointer {
		return false
	}
	held := false
	ast.Inspect(body, func(n ast.Node) bool {
		if n, ok := n.(*ast.CallExpr); ok && (n.Pos() < job.Pos() || n.Pos() >= job.End()) {
			if api.IsFunc(api.Callee(m.info(), n), "sync", "Mutex.Lock", "RWMutex.Lock", "RWMutex.RLock", "Mutex.TryLock", "RWMutex.TryLock", "RWMutex.TryRLock") {
				held = held || m.ref(api.Receiver(m.info(), n).X) == lock
			}
		}
		return !held
	})
	return !held
}

// heldUp reports whether the job of a call may be kept from its turn until the
// function lets it go: the object is suspended, or an earlier job of it waits.
func (m *facts) heldUp(body *ast.BlockStmt, c *api.Call, object ref) bool {
	if c.Name == "After" && m.settledLater(body, c) {
		return true
	}
	held := false
	ast.Inspect(body, func(n ast.Node) bool {
		expr, ok := n.(*ast.CallExpr)
		if !ok || held || expr.Pos() >= c.Expr.Pos() {
			return !held
		}
		if api.IsFunc(api.Callee(m.info(), expr), api.DesyncPath, "Desync.Suspend") {
			held = !m.distinct(m.ref(api.Receiver(m.info(), expr).X), object) && !m.resumed(body, expr, c.Expr.Pos())
			return !held
		}
		earlier := m.calls[expr]
		if earlier == nil || earlier.Mode != api.Background || earlier.All || earlier.Lazy || m.distinct(m.objects(earlier)[0], object) ||
			m.doneBetween(body, earlier, c) {
			return true
		}
		if earlier.Name == "After" && m.settledLater(body, earlier) {
			held = true
		} else if lit := m.literal(earlier.Arg(earlier.Job)); lit != nil {
			held = len(m.gatesOf(body, lit).ends) > 0
		} else if fn := m.function(earlier.Arg(earlier.Job)); fn != nil {
			held = m.summary(fn).Pause == api.PauseMay
		}
		return !held
	})
	return held
}

// doneBetween reports whether a function certainly waits for the object of one call,
// after it and before another call.
func (m *facts) doneBetween(body *ast.BlockStmt, earlier, later *api.Call) (done bool) {
	object := m.objects(earlier)[0]
	waits := func(e ast.Expr) bool {
		expr, ok := ast.Unparen(e).(*ast.CallExpr)
		if !ok || m.calls[expr] == nil {
			return false
		}
		c := m.calls[expr]
		return c.Mode == api.Foreground && c.Ctx < 0 && c.Recv == "Desync" && object.known() && m.objects(c)[0] == object
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

// settledLater reports whether the future of an After may be one that the function
// settles: it is not known to be that of a job, or the job is held up.
func (m *facts) settledLater(body *ast.BlockStmt, c *api.Call) bool {
	r, made, ok := m.futureOf(c.Arg(0), nil)
	expr, isCall := made.(*ast.CallExpr)
	if !ok || !isCall || m.calls[expr] == nil {
		return true
	}
	of := m.calls[expr]
	if lit := m.literal(of.Arg(of.Job)); lit == nil || len(m.gatesOf(body, lit).ends) > 0 {
		return true
	}
	return m.heldUp(body, of, r)
}

// resumed reports whether what a Suspend returned is called before pos, for
// certain as far as the order of the source shows it.
func (m *facts) resumed(body *ast.BlockStmt, suspend *ast.CallExpr, pos token.Pos) bool {
	var resume *types.Var
	called := false
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if len(n.Lhs) == 1 && len(n.Rhs) == 1 && ast.Unparen(n.Rhs[0]) == suspend {
				resume = m.varOf(n.Lhs[0])
			}
		case *ast.FuncLit, *ast.DeferStmt, *ast.GoStmt:
			return false
		case *ast.CallExpr:
			called = called || resume != nil && m.varOf(n.Fun) == resume && n.End() <= pos
		}
		return true
	})
	return called
}

// idle reports whether an object is certainly free soon, whatever else happens: it
// is a variable of a package or function, or of the fields of one, that is used
// for nothing but jobs which wait for nothing.
func (m *facts) idle(r ref) bool {
	if !r.known() || r.path != "" || m.vars[r.root].param || r.root.Exported() && !isLocal(r.root) {
		return false
	}
	for c := range m.in.Root().Preorder((*ast.Ident)(nil)) {
		if m.info().Uses[c.Node().(*ast.Ident)] == r.root && !m.idleUse(c) {
			return false
		}
	}
	return true
}

// idleUse reports whether a use of an object hands over a job that waits for
// nothing.
func (m *facts) idleUse(use inspector.Cursor) bool {
	sel, ok := use.Parent().Node().(*ast.SelectorExpr)
	if !ok {
		return false
	}
	expr, ok := use.Parent().Parent().Node().(*ast.CallExpr)
	if !ok || ast.Unparen(expr.Fun) != sel {
		return false
	}
	c := m.calls[expr]
	if c == nil || c.Job < 0 || c.All || c.Name == "After" {
		return false
	}
	if lit := m.literal(c.Arg(c.Job)); lit != nil {
		return !m.synchronizes(lit)
	}
	fn := m.function(c.Arg(c.Job))
	return fn != nil && m.summary(fn).Pause == api.PauseNever
}
