package main

import (
	"os"

	"github.com/go-desync/go-desync/tools/internal/release"
	"github.com/go-desync/go-desync/tools/internal/tidy"
	"github.com/go-desync/go-desync/tools/internal/workspace"
)

// tidy finds all changes before it writes the first.
func (s *session) tidy() error {
	tree, err := workspace.Load(os.DirFS(s.root))
	if err != nil {
		return err
	}
	modules := tree.Modules
	if dirs := s.opts.Tidy.Modules; len(dirs) > 0 {
		modules = nil
		for _, dir := range dirs {
			m := tree.Module(dir)
			if m == nil {
				return &release.Refusal{Reason: "there is no module in " + dir, Fix: "name the directory of one, as in desync or tools/bench"}
			}
			modules = append(modules, m)
		}
	}
	var changes []tidy.Change
	for _, m := range modules {
		more, err := tidy.Changes(s.ctx, s.root, tree, m, !s.opts.Tidy.Check)
		if err != nil {
			return err
		}
		changes = append(changes, more...)
	}
	for _, c := range changes {
		if s.opts.Tidy.Check {
			s.out.printf("%s: not tidy; run make tidy\n", c.File)
			continue
		}
		if err := c.Apply(s.root); err != nil {
			return err
		}
		s.out.printf("%s: written\n", c.File)
	}
	switch {
	case len(changes) == 0:
		s.out.printf("all is tidy\n")
	case s.opts.Tidy.Check:
		return errFault
	}
	return nil
}
