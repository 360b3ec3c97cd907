package release

import (
	"context"
	"path/filepath"
	"time"

	"github.com/go-desync/go-desync/tools/internal/workspace"
)

// A Candidate is a plan that was written into a copy of the tree and packed.
type Candidate struct {
	Files  []string          // those that the plan changes, relative to the root
	Faults []workspace.Fault // what is wrong with it, apart from what Prove finds

	draft   *draft
	modules []*Module
	scratch string
}

// Prepare writes a plan into a copy of the tree and packs the modules of the
// plan. It writes the new versions into go.work and every go.mod, moves the
// unreleased entries of the changelogs to the versions, and writes the hashes
// of released siblings into every go.sum. The tree itself does not change.
// Prepare makes files in the empty directory scratch, which the candidate
// needs, and waits for git.
func (s *State) Prepare(ctx context.Context, p *Plan, date time.Time, scratch string) (*Candidate, error) {
	c, err := s.candidate(ctx, p, &date, scratch)
	if err != nil {
		return nil, err
	}
	c.Faults = workspace.Check(c.draft.root)
	return c, nil
}

func (s *State) candidate(ctx context.Context, p *Plan, date *time.Time, scratch string) (*Candidate, error) {
	c := &Candidate{scratch: scratch}
	versions := make(map[*Module]string)
	for _, step := range p.Steps() {
		versions[step.Module] = step.Version
		c.modules = append(c.modules, step.Module)
	}
	var err error
	if c.draft, err = s.newDraft(ctx, scratch, versions); err != nil {
		return nil, err
	}
	if err := c.draft.require(date); err != nil {
		return nil, err
	}
	if err := c.draft.pack(ctx); err != nil {
		return nil, err
	}
	c.Files, err = c.draft.changed()
	return c, err
}

// Prove proves each module of the candidate, as [State.Consume] does, and
// returns false if one of them fails.
func (c *Candidate) Prove(ctx context.Context, report func(Proof)) (bool, error) {
	return c.draft.prove(ctx, c.scratch, c.modules, false, report)
}

// Apply writes the changed files into the tree. They are not committed.
func (c *Candidate) Apply() error {
	for _, name := range c.Files {
		if err := copyFile(filepath.Join(c.draft.state.Repo.Root, filepath.FromSlash(name)), c.draft.name(name)); err != nil {
			return err
		}
	}
	return nil
}
