// Package api knows what calls of packages desync, futures and the adapters do, and
// which functions of the standard library wait.
package api

import (
	"go/ast"
	"go/types"
	"strings"
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

// A shape says what the arguments of one function mean.
type shape struct {
	Mode    Mode
	Ctx     int   // the argument that is the context, or -1
	Object  int   // the argument that is the object, or -1 for the receiver
	Several []int // the arguments that are the objects, if the job holds several
	List    int   // the argument that is a slice of such objects, or -1
	Job     int   // the argument that is the job, or -1
	Data    int   // the parameter of the job that points to the data, or the first of them
	All     bool  // the function uses all objects of a Map
	Lazy    bool  // the jobs are queued later: when somebody asks for their results, adds items, or it is time
	Enters  bool  // the caller may have to wait before it can hand over the job
}

// taking returns the shape of a function from the names of its arguments, in their
// order: ctx, object, job, and others that do not matter. A job of several objects holds
// a, b and c, or the slice objects. A job called job2 or job3 gets the data as its second
// or third parameter.
func taking(mode Mode, args string) shape {
	s := shape{Mode: mode, Ctx: -1, Object: -1, List: -1, Job: -1}
	for i, arg := range strings.Fields(args) {
		switch arg {
		case "ctx":
			s.Ctx = i
		case "object":
			s.Object = i
		case "a", "b", "c":
			s.Several = append(s.Several, i)
		case "objects":
			s.List = i
		case "job":
			s.Job = i
		case "job2":
			s.Job, s.Data = i, 1
		case "job3":
			s.Job, s.Data = i, 2
		}
	}
	return s
}

func (s shape) all() shape {
	s.All = true
	return s
}

func (s shape) lazy() shape {
	s.Lazy = true
	return s
}

func (s shape) entering() shape {
	s.Enters = true
	return s
}

// shapeOf describes the functions of package desync that take a job or wait, by
// receiver and name.
func shapeOf(recv, name string) (shape, bool) {
	s, ok := shapes[strings.TrimPrefix(recv+"."+name, ".")]
	return s, ok
}

var shapes = map[string]shape{
	"Desync.Async":         taking(Background, "job"),
	"Desync.Future":        taking(Background, "job"),
	"Desync.After":         taking(Background, "future job"),
	"Desync.Do":            taking(Foreground, "job"),
	"Desync.Sync":          taking(Foreground, "job"),
	"Desync.TryDo":         taking(Try, "job"),
	"Desync.TrySync":       taking(Try, "job"),
	"Desync.DoContext":     taking(Foreground, "ctx job2"),
	"Desync.SyncContext":   taking(Foreground, "ctx job2"),
	"Desync.FutureContext": taking(Background, "ctx job2"),

	"Key.Async":           taking(Background, "job"),
	"Key.Future":          taking(Background, "job"),
	"Key.After":           taking(Background, "future job"),
	"Key.Do":              taking(Foreground, "job"),
	"Key.Sync":            taking(Foreground, "job"),
	"Key.TryDo":           taking(Try, "job"),
	"Key.TrySync":         taking(Try, "job"),
	"Key.DoContext":       taking(Foreground, "ctx job2"),
	"Key.SyncContext":     taking(Foreground, "ctx job2"),
	"Key.FutureContext":   taking(Background, "ctx job2"),
	"Key.DoIfPresent":     taking(Foreground, "job"),
	"Key.DeleteIf":        taking(Foreground, "job"),
	"Key.AsyncIfPresent":  taking(Background, "job"),
	"Key.FutureIfPresent": taking(Background, "job"),

	"Key.DoContextIfPresent": taking(Foreground, "ctx job2"),

	"Object.Async":     taking(Background, "job"),
	"Object.Do":        taking(Foreground, "job"),
	"Object.TryDo":     taking(Try, "job"),
	"Object.DoContext": taking(Foreground, "ctx job2"),

	"Map.Range":        taking(Foreground, "job2").all(),
	"Map.TryRange":     taking(Try, "job2").all(),
	"Map.RangeContext": taking(Foreground, "ctx job3").all(),
	"Map.Broadcast":    taking(Foreground, "ctx job3").all(), // as far as the caller can tell, who waits for all
	"Map.OnRemove":     taking(Background, "job2").all(),
	"Map.Wait":         taking(Waiting, "ctx").all(),

	"Sync1":        taking(Foreground, "object job"),
	"Sync2":        taking(Foreground, "a b job"),
	"Sync3":        taking(Foreground, "a b c job"),
	"DoAll":        taking(Foreground, "objects job"),
	"Sync2Context": taking(Foreground, "ctx a b job2"),
	"DoAllContext": taking(Foreground, "ctx objects job2"),
	"Future2":      taking(Background, "a b job"),
	"FutureAll":    taking(Background, "objects job"),
}

// A Call is a call of package desync that takes a job or waits.
type Call struct {
	shape
	Expr *ast.CallExpr
	Recv string // the receiver's type, "" for a function
	Name string
}

// String returns the name of the call for messages.
func (c *Call) String() string { return c.Name }

// Arg returns the i-th argument, or nil if there is none.
func (c *Call) Arg(i int) ast.Expr {
	if i < 0 || i >= len(c.Expr.Args) {
		return nil
	}
	return c.Expr.Args[i]
}

// AsCall returns the Call for a call of package desync, or of an adapter that takes
// a job, and nil for other calls.
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
