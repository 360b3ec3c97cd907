package api

import (
	"go/ast"
	"go/types"
	"strings"
)

// GroupGo is the name of the function Go of package group in messages.
const GroupGo = "group.Go"

// adapterShape describes the functions of the adapters that take a job, and
// returns their names for messages.
func adapterShape(fn *types.Func) (name string, s shape, ok bool) {
	pkg, found := strings.CutPrefix(fn.Pkg().Path(), Adapters)
	if !found {
		return "", shape{}, false
	}
	name = pkg + "." + fn.Name()
	s, ok = adapterShapes[name]
	return name, s, ok
}

var adapterShapes = map[string]shape{
	GroupGo:            taking(Background, "group object job2"),
	"bounded.Async":    taking(Background, "ctx object weight job"),
	"bounded.TryAsync": taking(Background, "object weight job"),
	"pipe.In":          taking(Background, "ctx object source depth job2"),
	"pipe.Through":     taking(Background, "ctx object source depth job2").lazy(),
	"pipe.ByKey":       taking(Background, "ctx object source by depth job2").lazy(),
	"batch.New":        taking(Background, "object limits job").lazy(),
	"timed.After":      taking(Background, "object delay job").lazy(),
	"timed.Every":      taking(Background, "object period job").lazy(),
	"timed.Schedule":   taking(Background, "object next job").lazy(),
	"timed.Debounce":   taking(Background, "object quiet longest job").lazy(),
	"timed.Throttle":   taking(Background, "object period job").lazy(),
}

// AdapterWaits reports whether fn is a function of an adapter that waits.
func AdapterWaits(fn *types.Func) bool {
	return IsFunc(fn, Adapters+"group", "Group.Wait") ||
		IsFunc(fn, Adapters+"bounded", "Bound.Async") ||
		BatchWaits(fn) ||
		IsFunc(fn, Adapters+"asyncslog", "Handler.Handle", "Handler.Flush") ||
		IsFunc(fn, Adapters+"writer", "Writer.Write", "Writer.Flush", "Writer.Close")
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
