package workspace

import (
	"go/ast"
	"go/build/constraint"
	"go/token"
	"strings"
)

// checkSource checks the code of a module without its tests: no unsafe, no
// linkname, no init function, and no global state.
func checkSource(t *Tree, m *Module) (faults []Fault) {
	for _, s := range m.Sources {
		if s.Test {
			continue
		}
		add := func(pos token.Pos, problem, fix string) {
			faults = append(faults, Fault{File: s.Name, Line: t.Files.Position(pos).Line, Problem: problem, Fix: fix})
		}
		for _, spec := range s.AST.Imports {
			if spec.Path.Value == `"unsafe"` {
				add(spec.Pos(), "imports unsafe", "do without")
			}
		}
		for _, group := range s.AST.Comments {
			for _, c := range group.List {
				if strings.HasPrefix(c.Text, "//go:linkname") {
					add(c.Pos(), "reaches into another package by go:linkname", "use what that package exports")
				}
			}
		}
		for _, decl := range s.AST.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil && d.Name.Name == "init" {
					add(d.Pos(), "has an init function", "make the value where it is used")
				}
			case *ast.GenDecl:
				if d.Tok != token.VAR || debugOnly(s.AST) {
					continue
				}
				for _, name := range stateVars(d) {
					add(name.Pos(), "the package variable "+name.Name+" may be global state",
						"keep it in a value that the caller owns; allowed are a sync.Pool, an errors.New, an atomic.Uint64 xxxIDs that gives out numbers, "+
							"a channel that its own initialiser closes, and var _ for an interface check")
				}
			}
		}
	}
	return faults
}

// stateVars returns the names in a var declaration that the rule does not
// allow.
func stateVars(d *ast.GenDecl) (names []*ast.Ident) {
	for _, spec := range d.Specs {
		spec := spec.(*ast.ValueSpec)
		for i, name := range spec.Names {
			var value ast.Expr
			if len(spec.Values) == len(spec.Names) {
				value = spec.Values[i]
			}
			if name.Name != "_" && !isPool(spec.Type, value) && !isNumbering(name, spec.Type) && !isNewError(value) && !isClosedChannel(value) {
				names = append(names, name)
			}
		}
	}
	return names
}

func isPool(typ, value ast.Expr) bool {
	if lit, ok := value.(*ast.CompositeLit); ok {
		typ = lit.Type
	}
	return isQualified(typ, "sync", "Pool")
}

// isNumbering recognizes the last number that was given out.
func isNumbering(name *ast.Ident, typ ast.Expr) bool {
	return strings.HasSuffix(name.Name, "IDs") && isQualified(typ, "atomic", "Uint64")
}

func isNewError(value ast.Expr) bool {
	call, ok := value.(*ast.CallExpr)
	return ok && isQualified(call.Fun, "errors", "New")
}

// isClosedChannel recognizes func() chan T { ...; close(c); ... }().
func isClosedChannel(value ast.Expr) bool {
	call, ok := value.(*ast.CallExpr)
	if !ok {
		return false
	}
	fn, ok := call.Fun.(*ast.FuncLit)
	if !ok || fn.Type.Results.NumFields() != 1 {
		return false
	}
	if _, ok := fn.Type.Results.List[0].Type.(*ast.ChanType); !ok {
		return false
	}
	for _, stmt := range fn.Body.List {
		if stmt, ok := stmt.(*ast.ExprStmt); ok {
			if call, ok := stmt.X.(*ast.CallExpr); ok {
				if id, ok := call.Fun.(*ast.Ident); ok && id.Name == "close" {
					return true
				}
			}
		}
	}
	return false
}

func isQualified(expr ast.Expr, pkg, name string) bool {
	sel, ok := expr.(*ast.SelectorExpr)
	if !ok || sel.Sel.Name != name {
		return false
	}
	id, ok := sel.X.(*ast.Ident)
	return ok && id.Name == pkg
}

// debugOnly reports whether a file is left out of every ordinary build, because
// its constraint needs a tag for debugging.
func debugOnly(file *ast.File) bool {
	for _, group := range file.Comments {
		if group.Pos() > file.Package {
			break
		}
		for _, c := range group.List {
			if !constraint.IsGoBuild(c.Text) {
				continue
			}
			expr, err := constraint.Parse(c.Text)
			return err == nil && needsDebugTag(expr)
		}
	}
	return false
}

func needsDebugTag(expr constraint.Expr) bool {
	switch x := expr.(type) {
	case *constraint.TagExpr:
		return x.Tag == "desyncdebug" || x.Tag == "race" || x.Tag == "desynchooks"
	case *constraint.AndExpr:
		return needsDebugTag(x.X) || needsDebugTag(x.Y)
	case *constraint.OrExpr:
		return needsDebugTag(x.X) && needsDebugTag(x.Y)
	}
	return false
}
