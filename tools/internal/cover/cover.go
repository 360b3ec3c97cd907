// Package cover sums up the coverage of the modules of the workspace.
package cover

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"golang.org/x/tools/cover"

	"github.com/go-desync/go-desync/tools/internal/workspace"
)

// A Module is the part of a profile that belongs to one module.
type Module struct {
	Dir        string // slash-separated, relative to the root of the workspace
	Statements int
	Covered    int
	Uncovered  []Block // in the order of files and lines
}

// A Block is a run of statements that no test reached.
type Block struct {
	File       string // slash-separated, relative to the root of the workspace
	From, To   int    // lines
	Statements int
}

// Percent returns how much of the module's statements is covered, 100 if it has
// none.
func (m *Module) Percent() float64 {
	if m.Statements == 0 {
		return 100
	}
	return 100 * float64(m.Covered) / float64(m.Statements)
}

// Read reads a profile, as go test -coverprofile writes it, with the modules in
// dirs. Where several packages' tests report the same block, one that reached
// it is enough.
func Read(profile io.Reader, dirs []string) ([]*Module, error) {
	profiles, err := cover.ParseProfilesFromReader(profile)
	if err != nil {
		return nil, fmt.Errorf("this is no profile of go test -coverprofile: %w", err)
	}
	if len(profiles) == 0 {
		return nil, errors.New("the profile is empty: no test has run")
	}
	byDir := make(map[string]*Module)
	for _, p := range profiles {
		name, ours := strings.CutPrefix(p.FileName, workspace.Prefix+"/")
		dir := owner(name, dirs)
		if !ours || dir == "" {
			return nil, fmt.Errorf("the profile names %s, which is in no module of the workspace", p.FileName)
		}
		m := byDir[dir]
		if m == nil {
			m = &Module{Dir: dir}
			byDir[dir] = m
		}
		m.add(name, p.Blocks)
	}
	modules := make([]*Module, 0, len(byDir))
	for _, m := range byDir {
		slices.SortFunc(m.Uncovered, func(a, b Block) int {
			return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.From, b.From))
		})
		modules = append(modules, m)
	}
	slices.SortFunc(modules, func(a, b *Module) int { return strings.Compare(a.Dir, b.Dir) })
	return modules, nil
}

func (m *Module) add(file string, blocks []cover.ProfileBlock) {
	for _, b := range blocks {
		m.Statements += b.NumStmt
		if b.Count > 0 {
			m.Covered += b.NumStmt
		} else if b.NumStmt > 0 {
			m.Uncovered = append(m.Uncovered, Block{file, b.StartLine, b.EndLine, b.NumStmt})
		}
	}
}

// owner returns the innermost of dirs that holds name, or "".
func owner(name string, dirs []string) (dir string) {
	for _, d := range dirs {
		if strings.HasPrefix(name, d+"/") && len(d) > len(dir) {
			dir = d
		}
	}
	return dir
}

// Text tells what is not covered, by file and lines, and behind it a line for
// each module and one for all.
func Text(modules []*Module) string {
	var b strings.Builder
	var all Module
	for _, m := range modules {
		for _, u := range m.Uncovered {
			fmt.Fprintf(&b, "%s:%d-%d: not covered, %d statements\n", u.File, u.From, u.To, u.Statements)
		}
		all.Statements += m.Statements
		all.Covered += m.Covered
	}
	fmt.Fprintf(&b, "\n%-22s %10s %8s\n", "module", "statements", "covered")
	for _, m := range modules {
		fmt.Fprintf(&b, "%-22s %10d %8d %6.1f%%\n", m.Dir, m.Statements, m.Covered, m.Percent())
	}
	fmt.Fprintf(&b, "%-22s %10d %8d %6.1f%%\n", "all", all.Statements, all.Covered, all.Percent())
	return b.String()
}
