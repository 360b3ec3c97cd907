package release

import (
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
)

// withoutGenericMethods turns the methods of a package that have type
// parameters of their own into functions: the method Map[R] of Box[T] into
// Box_Map[T, R], whose first parameter is the receiver. Such a method is in no
// method set and implements nothing. So a consumer's code compiles with the
// function exactly when it compiles with the method. It returns the names of
// the methods by those of the functions.
//
// apidiff does not end on a method like this one, because each instance of Box
// leads it to another one:
//
//	func (b Box[T]) Map[R any](f func(T) R) Box[R]
func withoutGenericMethods(files []*ast.File) (names map[string]string, err error) {
	names = make(map[string]string)
	types := typeParams(files)
	for _, file := range files {
		var decls []ast.Decl
		for _, decl := range file.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok || fn.Recv == nil || fn.Type.TypeParams == nil {
				decls = append(decls, decl)
				continue
			}
			receiver, args := receiverType(fn.Recv.List[0].Type)
			if !ast.IsExported(receiver) || !fn.Name.IsExported() {
				continue // no consumer can name it
			}
			params, err := renamed(types[receiver], args)
			if err != nil {
				return nil, err
			}
			name := receiver + "_" + fn.Name.Name
			names[name] = receiver + "." + fn.Name.Name
			decls = append(decls, &ast.FuncDecl{
				Name: ast.NewIdent(name),
				Type: &ast.FuncType{
					TypeParams: &ast.FieldList{List: append(params, fn.Type.TypeParams.List...)},
					Params:     withReceiver(fn.Recv.List[0].Type, fn.Type.Params),
					Results:    fn.Type.Results,
				},
				Body: fn.Body,
			})
		}
		file.Decls = decls
	}
	return names, nil
}

// typeParams returns the type parameters of the types that files declare.
func typeParams(files []*ast.File) map[string]*ast.FieldList {
	params := make(map[string]*ast.FieldList)
	for _, file := range files {
		for _, decl := range file.Decls {
			if gen, ok := decl.(*ast.GenDecl); ok && gen.Tok == token.TYPE {
				for _, spec := range gen.Specs {
					spec := spec.(*ast.TypeSpec)
					params[spec.Name.Name] = spec.TypeParams
				}
			}
		}
	}
	return params
}

// receiverType returns the name of a receiver's type, and its type arguments,
// which are names. A blank one gets a name.
func receiverType(expr ast.Expr) (name string, args []*ast.Ident) {
	var exprs []ast.Expr
	switch e := expr.(type) {
	case *ast.StarExpr:
		return receiverType(e.X)
	case *ast.ParenExpr:
		return receiverType(e.X)
	case *ast.IndexExpr:
		name, exprs = e.X.(*ast.Ident).Name, []ast.Expr{e.Index}
	case *ast.IndexListExpr:
		name, exprs = e.X.(*ast.Ident).Name, e.Indices
	case *ast.Ident:
		name = e.Name
	}
	for i, arg := range exprs {
		ident := arg.(*ast.Ident)
		if ident.Name == "_" {
			ident.Name = "blank" + strconv.Itoa(i)
		}
		args = append(args, ident)
	}
	return name, args
}

// withReceiver returns parameters after a first one for the receiver. Their
// names are left out: all have one or none has.
func withReceiver(receiver ast.Expr, params *ast.FieldList) *ast.FieldList {
	fields := []*ast.Field{{Type: receiver}}
	for _, field := range params.List {
		for range max(1, len(field.Names)) {
			fields = append(fields, &ast.Field{Type: field.Type})
		}
	}
	return &ast.FieldList{List: fields}
}

// renamed copies the type parameters of a type under the names that a receiver
// gives them.
func renamed(params *ast.FieldList, args []*ast.Ident) (fields []*ast.Field, err error) {
	names := make(map[string]string)
	var constraints []ast.Expr
	if params != nil {
		for _, field := range params.List {
			for _, name := range field.Names {
				names[name.Name] = args[len(constraints)].Name
				constraints = append(constraints, field.Type)
			}
		}
	}
	for i, constraint := range constraints {
		var text strings.Builder
		if err := format.Node(&text, token.NewFileSet(), constraint); err != nil {
			return nil, err
		}
		copied, err := parser.ParseExpr(text.String())
		if err != nil {
			return nil, err
		}
		ast.Inspect(copied, func(n ast.Node) bool {
			if ident, ok := n.(*ast.Ident); ok && names[ident.Name] != "" {
				ident.Name = names[ident.Name]
			}
			return true
		})
		fields = append(fields, &ast.Field{Names: []*ast.Ident{ast.NewIdent(args[i].Name)}, Type: copied})
	}
	return fields, nil
}
