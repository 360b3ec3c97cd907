package release

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"path"
	"path/filepath"
	"strings"

	"golang.org/x/exp/apidiff"

	"github.com/go-desync/go-desync/tools/internal/consumer"
	"github.com/go-desync/go-desync/tools/internal/workspace"
)

// A Diff is what has changed in the interface of a module.
type Diff struct {
	Level   Level
	Changes []string // one line each, the incompatible ones first
}

// compareAPI compares the packages that others can import with those of the
// last tag, which is built with the siblings that it required. It makes files
// in the empty directory scratch and waits for the go command.
func (s *State) compareAPI(ctx context.Context, m *Module, scratch string) (Diff, error) {
	proxy := consumer.NewProxy(filepath.Join(scratch, "proxy"))
	if err := s.addTagged(proxy, m, m.Last); err != nil {
		return Diff{}, err
	}
	src := filepath.Join(scratch, "old")
	if err := proxy.Unpack(src, m.at(m.Last)); err != nil {
		return Diff{}, err
	}
	if err := proxy.Fetch(ctx, m.at(m.Last)); err != nil {
		return Diff{}, err
	}
	tree, err := workspace.LoadModule(os.DirFS(src))
	if err != nil {
		return Diff{}, err
	}
	// The siblings' hashes need not be in that go.sum.
	cmd, err := proxy.GoCommand(ctx, src, "-mod=mod")
	if err != nil {
		return Diff{}, err
	}
	before, err := loadAPI(ctx, cmd, m.path(), tree.Libraries())
	if err != nil {
		return Diff{}, fmt.Errorf("%s %s: %w", m.Dir, m.Last, err)
	}
	cmd = workspace.Go{
		Dir: filepath.Join(s.Repo.Root, filepath.FromSlash(m.Dir)),
		Env: []string{"GOWORK=" + filepath.Join(s.Repo.Root, "go.work")},
	}
	after, err := loadAPI(ctx, cmd, m.path(), m.Libraries())
	if err != nil {
		return Diff{}, fmt.Errorf("%s: %w", m.Dir, err)
	}
	maps.Copy(before.methods, after.methods)
	return judge(apidiff.ModuleChanges(before.module, after.module), before.methods), nil
}

// judge reads the report, since apidiff itself does not fail when it finds an
// incompatible change.
func judge(report apidiff.Report, names map[string]string) (d Diff) {
	for _, compatible := range []bool{false, true} {
		for _, c := range report.Changes {
			if c.Compatible != compatible {
				continue
			}
			level, word := Broken, "incompatible: "
			if compatible {
				level, word = Added, "compatible: "
			}
			message := c.Message
			for function, method := range names {
				message = strings.ReplaceAll(message, function+":", method+":")
			}
			d.Level = max(d.Level, level)
			d.Changes = append(d.Changes, word+message)
		}
	}
	return d
}

// An api has the packages of a module that others can import.
type api struct {
	module  *apidiff.Module
	methods map[string]string // see withoutGenericMethods
}

// loadAPI reads packages of a module from their source, and their imports from
// the files that the go command has compiled.
func loadAPI(ctx context.Context, cmd workspace.Go, modulePath string, dirs []string) (api, error) {
	a := api{&apidiff.Module{Path: modulePath}, make(map[string]string)}
	if len(dirs) == 0 {
		return a, nil
	}
	args := []string{"list", "-export", "-deps", "-json=ImportPath,Export,Dir,GoFiles"}
	for _, dir := range dirs {
		args = append(args, "./"+dir)
	}
	output, err := cmd.Run(ctx, args...)
	if err != nil {
		return a, err
	}
	type listed struct {
		ImportPath, Export, Dir string
		GoFiles                 []string
	}
	packages := make(map[string]listed)
	for d := json.NewDecoder(strings.NewReader(output)); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return a, err
		}
		packages[p.ImportPath] = p
	}
	fset := token.NewFileSet()
	config := types.Config{
		IgnoreFuncBodies: true,
		Importer: importer.ForCompiler(fset, "gc", func(importPath string) (io.ReadCloser, error) {
			return os.Open(packages[importPath].Export)
		}),
	}
	for _, dir := range dirs {
		importPath := path.Join(modulePath, dir)
		var files []*ast.File
		for _, name := range packages[importPath].GoFiles {
			file, err := parser.ParseFile(fset, filepath.Join(packages[importPath].Dir, name), nil, parser.SkipObjectResolution)
			if err != nil {
				return a, err
			}
			files = append(files, file)
		}
		methods, err := withoutGenericMethods(files)
		if err != nil {
			return a, err
		}
		maps.Copy(a.methods, methods)
		p, err := config.Check(importPath, fset, files, nil)
		if err != nil {
			return a, err
		}
		a.module.Packages = append(a.module.Packages, p)
	}
	return a, nil
}

// addTagged packs a version of a module as it was tagged, and the versions of
// the modules of ours that it brings along.
func (s *State) addTagged(proxy *consumer.Proxy, m *Module, version string) error {
	if proxy.Has(m.at(version)) {
		return nil
	}
	if err := proxy.AddRevision(m.at(version), s.Repo.Root, "refs/tags/"+m.tag(version), m.Dir); err != nil {
		return err
	}
	requires, err := proxy.Siblings(m.at(version))
	if err != nil {
		return err
	}
	for _, r := range requires {
		sibling, err := s.Module(strings.TrimPrefix(r.Path, workspace.Prefix+"/"))
		if err != nil {
			return fmt.Errorf("%s required %s: %w", m.at(version), r, err)
		}
		if err := s.addTagged(proxy, sibling, r.Version); err != nil {
			return fmt.Errorf("%s required %s: %w", m.at(version), r, err)
		}
	}
	return nil
}
