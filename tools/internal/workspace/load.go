package workspace

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
)

// A Tree is the parsed workspace. The checks are functions of it.
type Tree struct {
	Work    *modfile.WorkFile
	License []byte // the LICENSE at the root, nil when there is none
	WorkSum []byte // go.work.sum
	Modules []*Module
	Files   *token.FileSet
}

// A Module is one module of the tree.
type Module struct {
	Dir     string // slash-separated, relative to the root
	Mod     *modfile.File
	Others  map[string][]byte // those of README.md, CHANGELOG.md, LICENSE and go.sum that exist
	Sources []*Source
}

// A Source is a parsed Go file. All files count, whatever their build tags.
type Source struct {
	Name string // slash-separated, relative to the root
	Test bool
	AST  *ast.File
}

// Load parses go.work, every go.mod and every Go file below the root of fsys.
// Like the go command it leaves out testdata, vendor and directories whose
// names begin with a dot or an underscore.
func Load(fsys fs.FS) (*Tree, error) {
	work, err := fs.ReadFile(fsys, "go.work")
	if err != nil {
		return nil, err
	}
	t := &Tree{Files: token.NewFileSet()}
	if t.Work, err = modfile.ParseWork("go.work", work, nil); err != nil {
		return nil, err
	}
	if t.License, err = readOptional(fsys, "LICENSE"); err != nil {
		return nil, err
	}
	if t.WorkSum, err = readOptional(fsys, "go.work.sum"); err != nil {
		return nil, err
	}
	return t, t.loadModules(fsys)
}

// LoadModule reads the module at the root of fsys, such as a published one.
func LoadModule(fsys fs.FS) (*Module, error) {
	t := &Tree{Files: token.NewFileSet()}
	if err := t.loadModules(fsys); err != nil {
		return nil, err
	}
	if m := t.Module("."); m != nil {
		return m, nil
	}
	return nil, fmt.Errorf("no go.mod: %w", fs.ErrNotExist)
}

func (t *Tree) loadModules(fsys fs.FS) error {
	var sources []string
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && skipped(d.Name()):
			return fs.SkipDir
		case d.IsDir():
			return nil
		case d.Name() == "go.mod":
			m, err := loadModule(fsys, path.Dir(name))
			if err != nil {
				return err
			}
			t.Modules = append(t.Modules, m)
		case strings.HasSuffix(name, ".go"):
			sources = append(sources, name)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return t.loadSources(fsys, sources)
}

func loadModule(fsys fs.FS, dir string) (*Module, error) {
	name := path.Join(dir, "go.mod")
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, err
	}
	m := &Module{Dir: dir, Others: make(map[string][]byte)}
	if m.Mod, err = modfile.Parse(name, data, nil); err != nil {
		return nil, err
	}
	if m.Mod.Module == nil {
		return nil, fmt.Errorf("%s: no module line", name)
	}
	for _, other := range []string{"README.md", "CHANGELOG.md", "LICENSE", "go.sum"} {
		data, err := readOptional(fsys, path.Join(dir, other))
		if err != nil {
			return nil, err
		}
		if data != nil {
			m.Others[other] = data
		}
	}
	return m, nil
}

// loadSources parses the named files into the modules that they belong to.
func (t *Tree) loadSources(fsys fs.FS, names []string) error {
	for _, name := range names {
		m := t.owner(name)
		if m == nil {
			continue
		}
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(t.Files, name, data, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		m.Sources = append(m.Sources, &Source{Name: name, Test: strings.HasSuffix(name, "_test.go"), AST: file})
	}
	return nil
}

// owner returns the innermost module whose directory contains name.
func (t *Tree) owner(name string) *Module {
	for dir := path.Dir(name); ; dir = path.Dir(dir) {
		for _, m := range t.Modules {
			if m.Dir == dir {
				return m
			}
		}
		if dir == "." {
			return nil
		}
	}
}

// Mapped returns the siblings that go.work maps onto the tree, with their
// directories. These are the modules that have a release, or will have one
// soon.
func (t *Tree) Mapped() map[module.Version]string {
	mapped := make(map[module.Version]string)
	for _, r := range t.Work.Replace {
		if dir, ok := siblingDir(r.Old.Path); ok && r.Old.Version != "" && path.Clean(r.New.Path) == dir {
			mapped[r.Old] = dir
		}
	}
	return mapped
}

// siblingDir returns the directory of the module of ours with that path.
func siblingDir(modulePath string) (dir string, ok bool) {
	return strings.CutPrefix(modulePath, Prefix+"/")
}

func skipped(name string) bool {
	return name == "testdata" || name == "vendor" ||
		name != "." && (strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_"))
}

func readOptional(fsys fs.FS, name string) ([]byte, error) {
	data, err := fs.ReadFile(fsys, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return data, err
}
