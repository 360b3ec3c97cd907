package main

import (
	"context"
	"strings"
	"time"

	"github.com/go-desync/go-desync/tools/internal/release"
	"github.com/go-desync/go-desync/tools/internal/workspace"
)

func (s *session) verify() error {
	if err := s.out.faults(workspace.Check(s.root)); err != nil {
		return err
	}
	s.out.printf("no fault\n")
	return nil
}

func (s *session) changed(dirs []string) error {
	state, err := s.state()
	if err != nil {
		return err
	}
	due := state.Due()
	listed := due
	if len(dirs) > 0 {
		listed = nil
	}
	for _, dir := range dirs {
		m, err := state.Module(dir)
		if err != nil {
			return err
		}
		if m.Last == "" {
			return &release.Refusal{Reason: dir + " has no tag " + dir + "/v1.2.3 to compare with", Fix: "all of it is new"}
		}
		for _, d := range due {
			if d == m {
				listed = append(listed, m)
			}
		}
	}
	for _, m := range listed {
		last := m.Last
		if last == "" {
			last = "-"
		}
		s.out.printf("%-22s %-8s %s\n", m.Dir, last, state.Reason(m, due))
	}
	if len(listed) == 0 {
		s.out.printf("nothing has changed since the last tags\n")
	}
	return nil
}

func (s *session) consumer() error {
	state, err := s.state()
	if err != nil {
		return err
	}
	return withScratch(func(scratch string) error {
		return unlessServed(state.Consume(s.ctx, s.opts.Consumer.Modules, scratch, s.opts.Consumer.Tests, s.out.proof))
	})
}

func (s *session) plan() error {
	state, err := s.clean()
	if err != nil {
		return err
	}
	return withScratch(func(scratch string) error {
		_, err := s.planned(state, s.opts.Release.Plan.Modules, scratch)
		return err
	})
}

// planned makes a plan and prints it.
func (s *session) planned(state *release.State, requests []string, scratch string) (*release.Plan, error) {
	plan, err := state.Plan(s.ctx, requests, scratch)
	if err != nil {
		return nil, err
	}
	s.out.plan(plan)
	if len(plan.Waves) == 0 {
		s.out.printf("nothing to release: no module has changed since its last tag\n")
	}
	return plan, s.out.faults(plan.Unexplained())
}

func (s *session) prepare() error {
	opts := s.opts.Release.Prepare
	if opts.Date.IsZero() {
		opts.Date = time.Now().UTC()
	}
	state, err := s.clean()
	if err != nil {
		return err
	}
	return withScratch(func(scratch string) error {
		plan, err := s.planned(state, opts.Modules, scratch)
		if err != nil || len(plan.Waves) == 0 {
			return err
		}
		candidate, err := state.Prepare(s.ctx, plan, opts.Date, scratch)
		if err != nil {
			return err
		}
		if err := s.prove(candidate); err != nil {
			return err
		}
		s.out.printf("files: %s\n", strings.Join(candidate.Files, " "))
		if !opts.Apply {
			s.out.printf("nothing was written; --apply writes these files\n")
			return nil
		}
		if err := candidate.Apply(); err != nil {
			return err
		}
		s.out.printf("written; look at git diff, commit it, then run modules release tag\n")
		return nil
	})
}

// prove prints what is wrong with a candidate.
func (s *session) prove(c *release.Candidate) error {
	if err := s.out.faults(c.Faults); err != nil {
		return err
	}
	return unlessServed(c.Prove(s.ctx, s.out.proof))
}

func unlessServed(served bool, err error) error {
	if err == nil && !served {
		return errFault
	}
	return err
}

func (s *session) tag() error {
	opts := s.opts.Release.Tag
	state, err := s.clean()
	if err != nil {
		return err
	}
	return withScratch(func(scratch string) error {
		plan, err := state.Prepared(s.ctx, opts.Modules, scratch)
		if err != nil {
			return err
		}
		s.out.plan(plan)
		candidate, err := state.Committed(s.ctx, plan, scratch)
		if err != nil {
			return err
		}
		if err := s.prove(candidate); err != nil {
			return err
		}
		if !opts.Apply {
			s.out.printf("nothing was tagged; --apply makes the tags\n")
			return nil
		}
		tags, err := state.Tag(s.ctx, plan)
		if err != nil {
			return err
		}
		push, err := state.PushCommand(context.WithoutCancel(s.ctx), tags) // the tags are made
		if err != nil {
			return err
		}
		s.out.printf("tagged: %s\npublish them with the branch: %s\n", strings.Join(tags, " "), push)
		return nil
	})
}
