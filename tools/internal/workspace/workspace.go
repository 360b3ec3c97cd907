// Package workspace checks the promises of the modules of this repository:
// which module may import which, what go.mod and go.work say, which files every
// module has, and which constructs the published code never uses.
//
// The go command enforces none of this, and in workspace mode it hides some of
// it: a missing require builds here and fails for the first consumer.
package workspace

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Prefix is the path that all modules of the workspace share. A module's path
// is Prefix, a slash and its directory.
const Prefix = "github.com/go-desync/go-desync"

// A Fault is one broken promise.
type Fault struct {
	File    string // slash-separated, relative to the root of the workspace
	Line    int    // 0 when the fault has no line
	Problem string // what is wrong
	Fix     string // what to do about it
}

// String returns the fault as "file:line: problem; fix".
func (f Fault) String() string {
	where := f.File
	if f.Line > 0 {
		where = fmt.Sprintf("%s:%d", f.File, f.Line)
	}
	if f.Fix == "" {
		return where + ": " + f.Problem
	}
	return where + ": " + f.Problem + "; " + f.Fix
}

// Root returns the nearest directory that holds a go.work file, going up from
// dir. The error matches [fs.ErrNotExist] when there is none.
func Root(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	for {
		_, err := os.Stat(filepath.Join(dir, "go.work"))
		if err == nil {
			return dir, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", fmt.Errorf("no go.work in this directory or above: %w", fs.ErrNotExist)
		}
		dir = parent
	}
}

// Check reads the workspace at root and returns its faults in the order of
// their files, none when all promises hold. A workspace that cannot be read or
// parsed is a fault too.
func Check(root string) []Fault {
	tree, err := Load(os.DirFS(root))
	if err != nil {
		return []Fault{{File: "go.work", Problem: "cannot read the workspace: " + err.Error()}}
	}
	return tree.Check()
}

// Check returns the faults of a tree in the order of their files.
func (t *Tree) Check() []Fault {
	faults := append(checkWork(t), checkVersions(t)...)
	for _, m := range t.Modules {
		faults = append(faults, checkMod(t, m)...)
		faults = append(faults, checkArrows(t, m)...)
		if !outsideWork(m.Dir) { // such a module is not published
			faults = append(faults, checkCompanions(t, m)...)
		}
		if standalone(m.Dir) {
			faults = append(faults, checkThirdParty(t, m)...)
			faults = append(faults, checkSource(t, m)...)
		}
		if m.Dir == "conformance" { // people require it for a function in a test
			faults = append(faults, checkLean(t, m, "go.uber.org/goleak")...)
		}
	}
	slices.SortStableFunc(faults, func(a, b Fault) int {
		if c := strings.Compare(a.File, b.File); c != 0 {
			return c
		}
		return a.Line - b.Line
	})
	return faults
}

// standalone reports whether the module is one of the two that need only the
// standard library and each other.
func standalone(dir string) bool { return dir == "desync" || dir == "futures" }
