// Package api says what calls of packages desync, futures and the adapters mean, and
// which functions of the standard library wait.
package api

import (
	"go/ast"
	"go/types"
)

const (
	DesyncPath  = "github.com/go-desync/go-desync/desync"
	FuturesPath = "github.com/go-desync/go-desync/futures"
	Adapters    = "github.com/go-desync/go-desync/adapters/"
)

// A Mode says where the job of a call runs, and whether the caller waits.
type Mode int

const (
	Background Mode = iota // on another goroutine; the caller does not wait
	Foreground             // on the caller's goroutine, in its turn
	Try                    // on the caller's goroutine, or not at all
	Waiting                // no job: the caller waits for the object
)

// A shape says what the arguments of one function of package desync mean.
type shape struct {
	Mode   Mode
	Ctx    int // the argument that is the context, or -1
	Key    int // the argument that is the key of a Map, or -1
	Job    int // the argument that is the job, or -1
	Data   int // the parameter of the job that points to the data
	All    bool
	Object int  // the argument that is the object, or -1
	Lazy   bool // the jobs are queued when somebody asks for their results
}

// shapeOf describes the functions that take a job or wait, by receiver and
// name.
func shapeOf(recv, name string) (shape, bool) {
	switch recv {
	case "Desync":
		switch name {
		case "Async", "Future":
			return shape{Background, -1, -1, 0, 0, false, -1, false}, true
		case "After":
			return shape{Background, -1, -1, 1, 0, false, -1, false}, true
		case "Do", "Sync":
			return shape{Foreground, -1, -1, 0, 0, false, -1, false}, true
		case "TryDo", "TrySync":
			return shape{Try, -1, -1, 0, 0, false, -1, false}, true
		case "DoContext", "SyncContext":
			return shape{Foreground, 0, -1, 1, 1, false, -1, false}, true
		case "FutureContext":
			return shape{Background, 0, -1, 1, 1, false, -1, false}, true
		}
	case "Map":
		switch name {
		case "Async", "Future":
			return shape{Background, -1, 0, 1, 0, false, -1, false}, true
		case "Do", "Sync":
			return shape{Foreground, -1, 0, 1, 0, false, -1, false}, true
		case "DoContext", "SyncContext":
			return shape{Foreground, 0, 1, 2, 1, false, -1, false}, true
		case "FutureContext":
			return shape{Background, 0, 1, 2, 1, false, -1, false}, true
		case "Range":
			return shape{Foreground, -1, -1, 0, 1, true, -1, false}, true
		case "EvictIdle":
			return shape{Background, -1, -1, 1, 1, true, -1, false}, true
		case "Wait":
			return shape{Waiting, 0, -1, -1, -1, true, -1, false}, true
		}
	case "":
		switch name {
		case "Sync2":
			return shape{Foreground, -1, -1, 2, 0, false, -1, false}, true
		case "DoAll":
			return shape{Foreground, -1, -1, 1, 0, false, -1, false}, true
		}
	}
	return shape{}, false
}

// A Call is a call of package desync that takes a job or waits.
type Call struct {
	shape
	Expr *ast.CallExpr
	Recv string // the receiver's type, "" for a function
	Name string
}

// String is how messages name the call.
func (c *Call) String() string { return c.Name }

// Arg returns the i-th argument, or nil if there is none.
func (c *Call) Arg(i int) ast.Expr {
	if i < 0 || i >= len(c.Expr.Args) {
		return nil
	}
	return c.Expr.Args[i]
}

// AsCall returns what a call of package desync means, or of an adapter that takes a
// job, or nil.
func AsCall(info *types.Info, expr *ast.CallExpr) *Call {
	fn := Callee(info, expr)
	if fn == nil || fn.Pkg() == nil {
		return nil
	}
	if name, s, ok := adapterShape(fn); ok {
		return &Call{shape: s, Expr: expr, Recv: "adapters", Name: name}
	}
	if fn.Pkg().Path() != DesyncPath {
		return nil
	}
	recv := RecvName(fn)
	s, ok := shapeOf(recv, fn.Name())
	if !ok || recv != "" && Receiver(info, expr) == nil {
		return nil
	}
	return &Call{shape: s, Expr: expr, Recv: recv, Name: fn.Name()}
}
