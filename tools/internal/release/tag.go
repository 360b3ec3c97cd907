package release

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/go-desync/go-desync/tools/internal/consumer"
	"github.com/go-desync/go-desync/tools/internal/workspace"
)

// Committed returns the candidate for a plan of [State.Prepared], made from the
// commit. It is a fault if HEAD differs from what Prepare writes for these
// versions, or if a changelog still has unreleased entries. Committed makes
// files in the empty directory scratch, which the candidate needs, and waits
// for git.
func (s *State) Committed(ctx context.Context, p *Plan, scratch string) (*Candidate, error) {
	c, err := s.candidate(ctx, p, nil, scratch)
	if err != nil {
		return nil, err
	}
	for _, step := range p.Steps() {
		if log, err := step.Changelog(); err == nil && log.Unreleased() != "" {
			c.Faults = append(c.Faults, workspace.Fault{
				File:    path.Join(step.Dir, "CHANGELOG.md"),
				Problem: "something is unreleased, which " + step.Version + " would publish",
				Fix:     "move it to the version, or revert the change that it is about",
			})
		}
	}
	for _, name := range c.Files {
		c.Faults = append(c.Faults, workspace.Fault{
			File: name, Problem: "differs from what release prepare writes for these versions",
			Fix: "revert what was committed after it, or that commit too, and prepare again",
		})
	}
	if len(c.Files) > 0 {
		return c, nil
	}
	published, err := s.published(c.draft, p)
	c.Faults = append(c.Faults, published...)
	return c, err
}

// published finds modules whose files in the commit differ from those in the
// tree, for example because of git attributes.
func (s *State) published(d *draft, p *Plan) (faults []workspace.Fault, err error) {
	head := consumer.NewProxy(d.root + ".head")
	for _, step := range p.Steps() {
		m := step.at(step.Version)
		if err := head.AddRevision(m, s.Repo.Root, "HEAD", step.Dir); err != nil {
			return faults, err
		}
		if !slices.Equal(head.Sums(m), d.proxy.Sums(m)) {
			faults = append(faults, workspace.Fault{
				File: step.Dir, Problem: "git archives other files than the tree holds", Fix: "see .gitattributes",
			})
		}
	}
	return faults, nil
}

// Tag makes the annotated tags of a plan in the order of its waves, on HEAD. If
// it fails, it deletes the tags that it has made. It waits for git.
func (s *State) Tag(ctx context.Context, p *Plan) (tags []string, err error) {
	for _, step := range p.Steps() {
		tag := step.tag(step.Version)
		if _, err := s.Repo.git(ctx, "tag", "--annotate", "--message", step.Dir+" "+step.Version, tag, "HEAD"); err != nil {
			if len(tags) > 0 {
				_, undo := s.Repo.git(context.WithoutCancel(ctx), append([]string{"tag", "--delete"}, tags...)...)
				err = errors.Join(err, undo)
			}
			return nil, err
		}
		tags = append(tags, tag)
	}
	return tags, nil
}

// PushCommand returns the command that pushes tags together with the branch of
// HEAD.
func (s *State) PushCommand(ctx context.Context, tags []string) (string, error) {
	branch, err := s.Repo.git(ctx, "symbolic-ref", "--short", "HEAD")
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("git push --atomic origin %s %s", strings.TrimSpace(branch), strings.Join(tags, " ")), nil
}
