package release

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"golang.org/x/mod/module"

	"github.com/go-desync/go-desync/tools/internal/workspace"
)

// A State has what the tree and the tags say about the modules.
type State struct {
	Repo    *Repo
	Tree    *workspace.Tree
	Modules []*Module // those that get versions, each after those that it requires
}

// A Module is one module and its last release.
type Module struct {
	*workspace.Module
	Last        string   // the newest tagged version behind HEAD, "" when there is none
	Changed     []string // files that differ from that version, relative to the root; all of them when there is none
	Uncommitted int      // how many of these differ from HEAD
}

// Read reads the tree as it is. A file that is changed or new counts as
// changed, committed or not, unless git ignores it. Read waits for git.
func Read(ctx context.Context, repo *Repo) (*State, error) {
	tree, err := workspace.Load(os.DirFS(repo.Root))
	if err != nil {
		return nil, err
	}
	s := &State{Repo: repo, Tree: tree}
	dirty, err := repo.names(ctx, "diff", "--name-only", "--no-renames", "-z", "HEAD")
	if err != nil {
		return nil, err
	}
	fresh, err := repo.names(ctx, "ls-files", "--others", "--exclude-standard", "-z")
	if err != nil {
		return nil, err
	}
	dirty = append(dirty, fresh...)
	for _, wave := range tree.Waves(tree.Released()) {
		for _, wm := range wave {
			m := &Module{Module: wm}
			if err := s.compare(ctx, m, dirty, fresh); err != nil {
				return nil, err
			}
			s.Modules = append(s.Modules, m)
		}
	}
	return s, nil
}

// compare finds the last version of a module and what has changed since.
func (s *State) compare(ctx context.Context, m *Module, dirty, fresh []string) error {
	versions, err := s.Repo.versions(ctx, m.Dir, true)
	if err != nil {
		return err
	}
	var changed []string
	if len(versions) == 0 {
		changed, err = s.Repo.files(ctx)
	} else {
		m.Last = versions[len(versions)-1]
		changed, err = s.Repo.names(ctx, "diff", "--name-only", "--no-renames", "-z", m.tag(m.Last), "--", m.Dir)
		changed = append(changed, fresh...)
	}
	if err != nil {
		return err
	}
	for _, name := range changed {
		if s.owner(name) == m.Dir {
			m.Changed = append(m.Changed, name)
			if slices.Contains(dirty, name) {
				m.Uncommitted++
			}
		}
	}
	return nil
}

// owner returns the directory of the innermost module around a file. The file
// need not exist any more.
func (s *State) owner(name string) (dir string) {
	for _, m := range s.Tree.Modules {
		if strings.HasPrefix(name, m.Dir+"/") && len(m.Dir) > len(dir) {
			dir = m.Dir
		}
	}
	return dir
}

func (m *Module) tag(version string) string { return m.Dir + "/" + version }

func (m *Module) path() string { return workspace.Prefix + "/" + m.Dir }

func (m *Module) at(version string) module.Version {
	return module.Version{Path: m.path(), Version: version}
}

// Module returns the module in dir. The error is a [*Refusal] that lists all
// modules.
func (s *State) Module(dir string) (*Module, error) {
	var dirs []string
	for _, m := range s.Modules {
		if m.Dir == dir {
			return m, nil
		}
		dirs = append(dirs, m.Dir)
	}
	return nil, refuse("name one of "+strings.Join(dirs, ", "), "there is no module %q", dir)
}

// siblings returns the modules of ours that m requires.
func (s *State) siblings(m *Module) (siblings []*Module) {
	for _, ws := range s.Tree.Siblings(m.Module) {
		if sibling, err := s.Module(ws.Dir); err == nil {
			siblings = append(siblings, sibling)
		}
	}
	return siblings
}

// Due returns the modules that are due for a release: those that have changed
// since their last version, and those that require them.
func (s *State) Due() (due []*Module) {
	for _, m := range s.Modules {
		if len(m.Changed) > 0 || len(s.dueBefore(m, due)) > 0 {
			due = append(due, m)
		}
	}
	return due
}

// dueBefore returns the modules of due that m requires.
func (s *State) dueBefore(m *Module, due []*Module) (before []*Module) {
	for _, sibling := range s.siblings(m) {
		if slices.Contains(due, sibling) {
			before = append(before, sibling)
		}
	}
	return before
}

// Reason says why m is due; due has all modules that are due.
func (s *State) Reason(m *Module, due []*Module) string {
	if m.Last == "" {
		return "no tag yet, all of it is new"
	}
	var reasons []string
	if n := len(m.Changed); n > 0 {
		files := "files"
		if n == 1 {
			files = "file"
		}
		reasons = append(reasons, fmt.Sprintf("%d %s changed", n, files))
	}
	if m.Uncommitted > 0 {
		reasons[0] += fmt.Sprintf(", %d of them not committed", m.Uncommitted)
	}
	for _, sibling := range s.dueBefore(m, due) {
		reasons = append(reasons, "requires "+sibling.Dir)
	}
	return strings.Join(reasons, "; ")
}
