package main

import (
	"bytes"
	"embed"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"go/types"
	"path"
	"regexp"
	"slices"
	"strings"
	"text/template"
)

//go:embed templates
var templates embed.FS

// reserved has the names that are not allowed: the go command, this repository or the
// files of an adapter use them, or they say nothing.
var reserved = []string{
	"internal", "testdata", "vendor", "main", "init", "examples", "doc", "example",
	"util", "utils", "common", "misc", "helper", "helpers",
}

// render returns the files of a new adapter. Their names begin with the name of the
// package, which is also that of its directory.
func render(name string) (files map[string][]byte, err error) {
	switch {
	case !regexp.MustCompile(`^[a-z][a-z0-9]*$`).MatchString(name):
		return nil, refuse("use lower-case letters and digits, and begin with a letter", "%q is no name for a package", name)
	case token.IsKeyword(name) || types.Universe.Lookup(name) != nil:
		return nil, refuse("choose another name", "%q means something in every Go file", name)
	case slices.Contains(reserved, name):
		return nil, refuse("choose a name that says what is bridged", "%q cannot be the name of an adapter", name)
	}
	if files, err = execute("adapter0"); err != nil { // a name that the templates do not use
		return nil, err
	}
	for _, data := range files {
		used, err := uses(data, name)
		if err != nil {
			return nil, err
		}
		if used {
			return nil, refuse("choose another name", "%q is the name of something else in the code of a new adapter", name)
		}
	}
	return execute(name)
}

func execute(name string) (map[string][]byte, error) {
	all, err := template.ParseFS(templates, "templates/*.tmpl")
	if err != nil {
		return nil, err
	}
	files := make(map[string][]byte)
	for _, t := range all.Templates() {
		var b bytes.Buffer
		if err := t.Execute(&b, name); err != nil {
			return nil, err
		}
		data, err := format.Source(b.Bytes())
		if err != nil {
			return nil, err
		}
		file := strings.Replace(strings.TrimSuffix(t.Name(), ".tmpl"), "name", name, 1)
		files[path.Join(name, file)] = data
	}
	return files, nil
}

// uses reports whether a Go file uses name for something. The name of the package
// would hide it, or be hidden by it.
func uses(data []byte, name string) (used bool, err error) {
	file, err := parser.ParseFile(token.NewFileSet(), "", data, parser.SkipObjectResolution)
	if err != nil {
		return false, err
	}
	ast.Inspect(file, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		used = used || ok && id.Name == name
		return true
	})
	return used, nil
}
