package api

import (
	"go/ast"
	"go/types"
	"strings"
)

// GroupGo is the name of the method Go of a group in messages.
const GroupGo = "group.Go"

// adapterShape describes the functions of the adapters that take a job, and
// returns their names for messages.
func adapterShape(fn *types.Func) (name string, s shape, ok bool) {
	pkg, found := strings.CutPrefix(fn.Pkg().Path(), Adapters)
	if !found {
		return "", shape{}, false
	}
	name = pkg + "." + fn.Name()
	if recv := RecvName(fn); recv != "" {
		long := pkg + "." + recv + "." + fn.Name()
		if s, ok = adapterShapes[long]; ok {
			return long, s, true
		}
	}
	s, ok = adapterShapes[name]
	return name, s, ok
}

var adapterShapes = map[string]shape{
	GroupGo:            taking(Background, "object job2"),
	"bounded.Async":    taking(Background, "ctx object weight job").entering(),
	"bounded.TryAsync": taking(Background, "object weight job"),
	"bounded.Future":   taking(Background, "ctx object weight job2").entering(),

	"bounded.Permit.Async": taking(Background, "object job"),
	"bounded.Limit.Async":  taking(Background, "ctx object job2"),
	"bounded.Limit.Future": taking(Background, "ctx object job2"),
	"bounded.Limit.Do":     taking(Foreground, "ctx object job2"),

	"retry.Do":     taking(Foreground, "ctx policy object job2"),
	"retry.Future": taking(Background, "ctx policy object job2"),

	"pipe.In":      taking(Background, "ctx object source depth job2"),
	"pipe.InByKey": taking(Background, "ctx object source by depth job2"),
	"pipe.Through": taking(Background, "ctx object source depth job2").lazy(),
	"pipe.ByKey":   taking(Background, "ctx object source by depth job2").lazy(),

	"batch.New":      taking(Background, "object limits job").lazy(),
	"timed.After":    taking(Background, "object delay job").lazy(),
	"timed.Every":    taking(Background, "object period job").lazy(),
	"timed.Schedule": taking(Background, "object next job").lazy(),
	"timed.Debounce": taking(Background, "object quiet longest job").lazy(),
	"timed.Throttle": taking(Background, "object period job").lazy(),
}

// AdapterWaits reports whether fn is a function of an adapter that waits.
func AdapterWaits(fn *types.Func) bool {
	return IsFunc(fn, Adapters+"group", "Group.Wait") ||
		IsFunc(fn, Adapters+"bounded", "Bound.Async", "Bound.Future", "Bound.Submit", "Bound.Acquire", "Bound.Close", "Bound.Wait",
			"Limit.Do", "Limit.Close", "Limit.Wait") ||
		IsFunc(fn, Adapters+"cond", "Cond.Do", "Cond.DoContext") ||
		BatchWaits(fn) ||
		IsFunc(fn, Adapters+"asyncslog", "Handler.Handle", "Handler.Flush") ||
		IsFunc(fn, Adapters+"writer", "Writer.Write", "Writer.WriteString", "Writer.Flush", "Writer.Sync", "Writer.Close")
}

// BatchWaits reports whether fn waits for jobs of a batch.
func BatchWaits(fn *types.Func) bool {
	return IsFunc(fn, Adapters+"batch", "Batch.Add", "Batch.Flush", "Batch.Close")
}

// Awaited returns the futures and groups that a call waits for.
func Awaited(info *types.Info, expr *ast.CallExpr) []ast.Expr {
	fn := Callee(info, expr)
	switch {
	case IsFunc(fn, FuturesPath, "Future.Await"), IsFunc(fn, Adapters+"group", "Group.Wait"):
		if sel := Receiver(info, expr); sel != nil {
			return []ast.Expr{sel.X}
		}
	case IsFunc(fn, FuturesPath, "All", "AllSettled"):
		if !expr.Ellipsis.IsValid() && len(expr.Args) > 0 {
			return expr.Args[1:]
		}
	}
	return nil
}
