// Package printed has the check printed, which finds objects that are printed with the
// struct that they are in. Run desyncvet help printed for its documentation.
package printed

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/types"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/printf"

	"github.com/go-desync/go-desync/tools/desyncvet/internal/api"
	"github.com/go-desync/go-desync/tools/desyncvet/internal/check"
	"github.com/go-desync/go-desync/tools/desyncvet/internal/model"
)

const doc = `find objects that are printed with the struct they are in

Package fmt reads the fields of a struct by reflection, without the object's lock
and while its jobs run: a data race that the race detector may never see. The
methods of a Desync or Map belong to its pointer, so package fmt cannot call them
for a field that is the object itself, whatever the verb.

	type Account struct {
		Name    string
		balance desync.Desync[int]
	}

	fmt.Printf("%+v\n", account) // reads balance, and its queue

The check reports calls of functions of packages fmt, log, log/slog and testing,
and of functions that pass their arguments on to one of these, if an argument is a
struct with such a field, a pointer to one, or an array, slice or map of them.

Print the fields that you need, or give the struct a method String, or LogValue for
package slog. Pointers to objects can be printed, since they have such methods. So
can a field that is a pointer to an object.`

// Analyzer is the check.
var Analyzer = check.New("printed", doc, func(pass *analysis.Pass, m *model.Facts, report check.Reporter) {
	prints := pass.ResultOf[printf.Analyzer].(*printf.Result)
	for n := range m.In.PreorderSeq((*ast.CallExpr)(nil)) {
		checkPrinted(m, n.(*ast.CallExpr), prints, report)
	}
}, printf.Analyzer)

// checkPrinted reports the arguments of a call that are printed and have an object
// in them.
func checkPrinted(m *model.Facts, expr *ast.CallExpr, prints *printf.Result, report check.Reporter) {
	fn := api.Callee(m.Info(), expr)
	if fn == nil || expr.Ellipsis.IsValid() {
		return
	}
	params := fn.Signature().Params().Len()
	found := func(arg ast.Expr, verb rune) {
		if name := printedObject(m.Info().TypeOf(arg), verb); name != "" {
			report(analysis.Diagnostic{
				Pos: arg.Pos(), End: arg.End(),
				Message: fmt.Sprintf("%s prints %s, and with it a %s, which its jobs may be changing", fn.Name(), types.ExprString(arg), name),
			})
		}
	}
	if fn.Pkg() != nil && fn.Pkg().Path() == "log/slog" {
		first := params - 1 // of the attributes
		if !fn.Signature().Variadic() && !api.IsFunc(fn, "log/slog", "Any", "AnyValue") {
			return
		}
		for _, arg := range expr.Args[min(first, len(expr.Args)):] {
			found(arg, logged)
		}
		return
	}
	switch kind := prints.Kind(fn); {
	case kind == printf.KindNone || !fn.Signature().Variadic() || len(expr.Args) < params:
	case kind == printf.KindPrint:
		for _, arg := range expr.Args[params-1:] {
			found(arg, 'v')
		}
	default:
		verbs, ok := verbs(m, expr.Args[params-2])
		for i, arg := range expr.Args[params-1:] {
			if !ok {
				found(arg, 'v')
			}
			for _, verb := range verbs[i] {
				found(arg, verb)
			}
		}
	}
}

// verbs returns the verbs that a format applies to each of its arguments, or nil if
// the format is not known. The verb for %#v is goSyntax.
func verbs(m *model.Facts, format ast.Expr) (verbs map[int][]rune, ok bool) {
	tv := m.Info().Types[format]
	if tv.Value == nil || tv.Value.Kind() != constant.String {
		return nil, false
	}
	verbs = make(map[int][]rune)
	text := constant.StringVal(tv.Value)
	next := 0
	for {
		_, rest, ok := strings.Cut(text, "%")
		if !ok {
			return verbs, true
		}
		sharp := false
		for rest != "" && strings.ContainsRune("+-# 0123456789.*[", rune(rest[0])) {
			switch rest[0] {
			case '[':
				index, after, _ := strings.Cut(rest, "]")
				if n, err := strconv.Atoi(index[1:]); err == nil {
					next = n - 1
				}
				rest = "]" + after
			case '*':
				next++
			case '#':
				sharp = true
			}
			rest = rest[1:]
		}
		verb, size := utf8.DecodeRuneInString(rest)
		if verb != '%' && size > 0 {
			if verb == 'v' && sharp {
				verb = goSyntax
			}
			verbs[next] = append(verbs[next], verb)
			next++
		}
		text = rest[size:]
	}
}

const (
	goSyntax = '#' // %#v
	logged   = 'l' // an attribute of package slog
)

// printedObject returns the name of an object that is read when a value of type t is
// printed with a verb, or "".
func printedObject(t types.Type, verb rune) string {
	if t == nil || verb == 'T' || verb == 'p' {
		return ""
	}
	return printedIn(t, verb, true, 0)
}

// printedIn is printedObject for a value at some depth. Package fmt calls the methods
// of a value if it reaches the value only by exported fields.
func printedIn(t types.Type, verb rune, methods bool, depth int) string {
	switch {
	case depth > 8:
		return "" // it refers to itself
	case depth > 0 && api.IsObject(t):
		return api.Contained(t)
	}
	if methods && printsItself(t, verb) {
		return ""
	}
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		switch u.Elem().Underlying().(type) {
		case *types.Struct, *types.Array, *types.Slice, *types.Map:
			if depth == 0 && !api.IsObject(u.Elem()) {
				return printedIn(u.Elem(), verb, methods, 1)
			}
		}
	case *types.Array:
		return printedIn(u.Elem(), verb, methods, depth+1)
	case *types.Slice:
		return printedIn(u.Elem(), verb, methods, depth+1)
	case *types.Map:
		return printedIn(u.Elem(), verb, methods, depth+1)
	case *types.Struct:
		for field := range u.Fields() {
			if name := printedIn(field.Type(), verb, methods && field.Exported(), depth+1); name != "" {
				return name
			}
		}
	}
	return ""
}

// printsItself reports whether a type has a method that is called instead of reading
// its fields.
func printsItself(t types.Type, verb rune) bool {
	names := []string{"Format"}
	switch verb {
	case goSyntax:
		names = append(names, "GoString")
	case logged:
		names = append(names, "LogValue", "MarshalText", "Error", "String")
	case 'v', 's', 'x', 'X', 'q':
		names = append(names, "Error", "String")
	}
	set := types.NewMethodSet(t)
	for _, name := range names {
		if set.Lookup(nil, name) != nil {
			return true
		}
	}
	return false
}
