package workspace

import (
	"go/ast"
	"path"
	"slices"
	"strings"
)

// Libraries returns the directories, relative to that of the module, of the
// packages that other modules can import; the module's own is ".".
func (m *Module) Libraries() []string {
	return m.packages(func(dir, name string) bool { return name != "main" && !internal(dir) })
}

// Commands returns the directories of the packages that other modules can
// install as programs.
func (m *Module) Commands() []string {
	return m.packages(func(dir, name string) bool { return name == "main" && !internal(dir) })
}

// packages returns the directories of the packages for which want returns true.
func (m *Module) packages(want func(dir, name string) bool) (dirs []string) {
	for _, s := range m.Sources {
		dir := strings.TrimPrefix(strings.TrimPrefix(path.Dir(s.Name), m.Dir), "/")
		if dir == "" {
			dir = "."
		}
		if !s.Test && !ignored(s.AST) && want(dir, s.AST.Name.Name) && !slices.Contains(dirs, dir) {
			dirs = append(dirs, dir)
		}
	}
	return dirs
}

// internal reports whether only packages nearby can import the one in dir.
func internal(dir string) bool {
	return slices.Contains(strings.Split(dir, "/"), "internal")
}

// ignored reports whether a file is not part of the package in its directory.
func ignored(file *ast.File) bool {
	for _, group := range file.Comments {
		for _, c := range group.List {
			if c.Pos() < file.Package && c.Text == "//go:build ignore" {
				return true
			}
		}
	}
	return false
}
