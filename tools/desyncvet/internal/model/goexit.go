package model

import (
	"go/ast"
	"go/types"
	"strings"

	"github.com/go-desync/go-desync/tools/desyncvet/internal/api"
)

// Goexit returns the name of the function by which n ends its goroutine, or "".
func (m *Facts) Goexit(n ast.Node) string {
	expr, ok := n.(*ast.CallExpr)
	if !ok || m.Calls[expr] != nil {
		return ""
	}
	fn := api.Callee(m.Info(), expr)
	if fn == nil || fn.Pkg() == nil {
		return ""
	}
	switch pkg, recv := fn.Pkg().Path(), api.RecvName(fn); pkg {
	case "runtime":
		if fn.Name() == "Goexit" {
			return "runtime.Goexit"
		}
	case "testing":
		switch recv {
		case "T", "B", "F", "TB", "common":
			switch fn.Name() {
			case "Fatal", "Fatalf", "FailNow", "Skip", "Skipf", "SkipNow":
				return types.ExprString(expr.Fun)
			}
		}
	case "github.com/stretchr/testify/require":
		if recv == "Assertions" || recv == "" && fn.Name() != "New" {
			return types.ExprString(expr.Fun)
		}
	default:
		if types.IsInterface(api.RecvType(fn)) && fn.Name() == "FailNow" {
			return types.ExprString(expr.Fun)
		}
		if what := m.Summary(fn).Goexit; what != "" {
			name := types.ExprString(expr.Fun)
			if !strings.Contains(what, ", which") {
				return name + ", which calls " + what + ","
			}
			return name + ", which calls " + strings.TrimSuffix(what, ",") + ","
		}
	}
	return ""
}
