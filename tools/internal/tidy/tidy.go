// Package tidy makes go.mod and go.sum of the workspace's modules match their
// sources.
//
// In a module of the workspace, go mod tidy looks for the siblings on a proxy,
// which may not have their versions yet. This package makes it find them in the
// tree, without a replace line in a go.mod that will be published.
package tidy

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/go-desync/go-desync/tools/internal/workspace"
)

// A Change is a file that is not tidy.
type Change struct {
	File   string // slash-separated, relative to the root of the workspace
	after  []byte // nil if there is to be no such file
	before []byte
}

// Changes returns the files of m that go mod tidy would change. It changes
// nothing below root, and runs the go command, which may fetch modules. It asks
// the checksum database only if apply is true, and only for modules that no
// go.sum of the tree names.
func Changes(ctx context.Context, root string, tree *workspace.Tree, m *workspace.Module, apply bool) ([]Change, error) {
	scratch, err := os.MkdirTemp("", "tidy")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(scratch)
	dir := filepath.Join(root, filepath.FromSlash(m.Dir))
	goMod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		return nil, err
	}
	mod, err := modfile.Parse(path.Join(m.Dir, "go.mod"), goMod, nil)
	if err != nil {
		return nil, err
	}
	var replaced []string
	for _, sibling := range tree.Modules {
		if sibling == m {
			continue
		}
		name := sibling.Mod.Module.Mod.Path
		if err := mod.AddReplace(name, "", filepath.Join(root, filepath.FromSlash(sibling.Dir)), ""); err != nil {
			return nil, err
		}
		replaced = append(replaced, name)
	}
	// A sibling that is imported and not required gets the version in go.work.
	// Nothing else must be added, since that would raise versions.
	versions := make(map[string]string)
	for sibling := range tree.Mapped() {
		versions[sibling.Path] = sibling.Version
	}
	for _, sibling := range tree.Imported(m) {
		name := sibling.Mod.Module.Mod.Path
		required := slices.ContainsFunc(mod.Require, func(r *modfile.Require) bool { return r.Mod.Path == name })
		if version, known := versions[name]; known && !required {
			if err := mod.AddRequire(name, version); err != nil {
				return nil, err
			}
		}
	}
	with, err := mod.Format()
	if err != nil {
		return nil, err
	}
	goSum := m.Others["go.sum"]
	file := filepath.Join(scratch, "go.mod")
	if err := errors.Join(os.WriteFile(file, with, 0o666), os.WriteFile(filepath.Join(scratch, "go.sum"), known(tree), 0o666)); err != nil {
		return nil, err
	}
	cmd := workspace.Go{Dir: dir}
	if !apply {
		cmd.Env = []string{"GOSUMDB=off"}
	}
	if _, err := cmd.Run(ctx, "mod", "tidy", "-modfile="+file); err != nil {
		return nil, fmt.Errorf("%s: %w", m.Dir, err)
	}
	tidyMod, err := without(file, replaced)
	if err != nil {
		return nil, err
	}
	tidySum, err := os.ReadFile(filepath.Join(scratch, "go.sum"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	tidySum = []byte(workspace.WithSums(string(tidySum), ours(goSum)))
	var changes []Change
	for _, c := range []Change{
		{path.Join(m.Dir, "go.mod"), tidyMod, goMod},
		{path.Join(m.Dir, "go.sum"), tidySum, goSum},
	} {
		if !bytes.Equal(c.before, c.after) {
			changes = append(changes, c)
		}
	}
	return changes, nil
}

// Apply writes the file below root.
func (c Change) Apply(root string) error {
	name := filepath.Join(root, filepath.FromSlash(c.File))
	if len(c.after) == 0 {
		return os.Remove(name)
	}
	return os.WriteFile(name, c.after, 0o666)
}

// without returns a go.mod without the replace lines that were added to it.
func without(file string, replaced []string) ([]byte, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	mod, err := modfile.Parse(file, data, nil)
	if err != nil {
		return nil, err
	}
	for _, name := range replaced {
		if err := mod.DropReplace(name, ""); err != nil {
			return nil, err
		}
	}
	mod.Cleanup()
	return mod.Format()
}

// known returns all lines of go.sum files of the tree and of its go.work.sum.
// Go mod tidy drops what it does not need.
func known(tree *workspace.Tree) []byte {
	sums := slices.Clone(tree.WorkSum)
	for _, m := range tree.Modules {
		sums = append(sums, m.Others["go.sum"]...)
	}
	return sums
}

// ours returns the lines for released siblings. Go mod tidy drops them when it
// finds the siblings in the tree.
func ours(goSum []byte) (lines []string) {
	for line := range strings.Lines(string(goSum)) {
		if strings.HasPrefix(line, workspace.Prefix+"/") {
			lines = append(lines, line)
		}
	}
	return lines
}
