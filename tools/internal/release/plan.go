package release

import (
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/module"

	"github.com/go-desync/go-desync/tools/internal/workspace"
)

// first is the version for a module that has no release and that go.work does
// not map.
const first = "v0.1.0"

// A Plan is a release of one or more modules.
type Plan struct {
	// Waves are the steps in the order of the modules: a module of a wave
	// requires only modules of earlier waves.
	Waves [][]*Step
}

// A Step is the release of one module.
type Step struct {
	*Module
	Version string
	Reason  string
	Diff    Diff // of the interface, since the last version
}

// Steps returns the steps of all waves.
func (p *Plan) Steps() []*Step { return slices.Concat(p.Waves...) }

func (p *Plan) step(m *Module) *Step {
	for _, step := range p.Steps() {
		if step.Module == m {
			return step
		}
	}
	return nil
}

// Plan plans the release of the requested modules, or of all modules that are
// due if there are no requests. A request is a directory, which may be followed
// by @ and a version. Without a version, the module gets the least one that the
// changes to the interface allow. Plan makes files in the empty directory
// scratch, and waits for git and the go command.
//
// The error is a [*Refusal] for a module that is unknown, not due or already
// prepared, a version that cannot follow, and a tag that exists.
func (s *State) Plan(ctx context.Context, requests []string, scratch string) (*Plan, error) {
	due := s.Due()
	asked := make(map[*Module]string)
	for _, request := range requests {
		dir, version, _ := strings.Cut(request, "@")
		m, err := s.Module(dir)
		if err != nil {
			return nil, err
		}
		if _, twice := asked[m]; twice {
			return nil, refuse("name it once", "%s is named twice", dir)
		}
		if !slices.Contains(due, m) {
			return nil, refuse("leave it out", "%s has not changed since %s", dir, m.Last)
		}
		if strings.Contains(request, "@") && version == "" {
			version = "no version"
		}
		asked[m] = version
	}
	if len(requests) == 0 {
		for _, m := range due {
			asked[m] = ""
		}
	}
	for _, m := range due {
		if _, ok := asked[m]; !ok {
			continue
		}
		if version := m.prepared(); version != "" {
			return nil, refuse("tag it, fetch the tags, or revert the commit that prepared it",
				"%s %s is prepared and has no tag here", m.Dir, version)
		}
	}
	return s.plan(ctx, asked, due, scratch)
}

// Prepared returns the plan that the changelogs of the tree state: the modules
// whose newest version has no tag yet, or only those in dirs. It makes files in
// the empty directory scratch, and waits like [State.Plan].
//
// The error is a [*Refusal] when nothing is prepared, and for a version that
// cannot follow.
func (s *State) Prepared(ctx context.Context, dirs []string, scratch string) (*Plan, error) {
	asked := make(map[*Module]string)
	for _, dir := range dirs {
		m, err := s.Module(dir)
		if err != nil {
			return nil, err
		}
		if m.prepared() == "" {
			return nil, refuse("run release prepare and commit what it wrote", "%s has no version that is prepared and not tagged", dir)
		}
		asked[m] = m.prepared()
	}
	for _, m := range s.Modules {
		if version := m.prepared(); version != "" && len(dirs) == 0 {
			asked[m] = version
		}
	}
	if len(asked) == 0 {
		return nil, refuse("run release prepare and commit what it wrote", "no module has a version that is prepared and not tagged")
	}
	return s.plan(ctx, asked, s.Due(), scratch)
}

// prepared returns the newest version in the changelog if it is not tagged.
func (m *Module) prepared() string {
	log, err := m.Changelog()
	if err != nil || log.Latest() == m.Last {
		return ""
	}
	return log.Latest()
}

func (s *State) plan(ctx context.Context, asked map[*Module]string, due []*Module, scratch string) (*Plan, error) {
	var modules []*workspace.Module
	for m := range asked {
		modules = append(modules, m.Module)
	}
	slices.SortFunc(modules, func(a, b *workspace.Module) int { return strings.Compare(a.Dir, b.Dir) })
	p := &Plan{}
	for _, wave := range s.Tree.Waves(modules) {
		var steps []*Step
		for _, wm := range wave {
			m, err := s.Module(wm.Dir)
			if err != nil {
				return nil, err
			}
			step, err := s.step(ctx, p, m, asked[m], filepath.Join(scratch, filepath.FromSlash(m.Dir), "api"))
			if err != nil {
				return nil, err
			}
			step.Reason = s.Reason(m, due)
			steps = append(steps, step)
		}
		p.Waves = append(p.Waves, steps)
	}
	return p, nil
}

// step plans one module, after the modules that it requires.
func (s *State) step(ctx context.Context, p *Plan, m *Module, asked, scratch string) (*Step, error) {
	for _, sibling := range s.siblings(m) {
		if sibling.Last == "" && p.step(sibling) == nil {
			return nil, refuse("release "+sibling.Dir+" too", "%s requires %s, which has no release and is not in this one", m.Dir, sibling.Dir)
		}
	}
	step := &Step{Module: m, Version: asked}
	least := s.firstVersion(m)
	if m.Last != "" {
		if err := s.diff(ctx, p, step, scratch); err != nil {
			return nil, err
		}
		var err error
		if least, err = next(m.Dir, m.Last, step.Diff.Level); err != nil {
			return nil, err
		}
	}
	if asked == "" {
		step.Version = least
	} else if err := checkVersion(m.Dir, m.Last, least, asked); err != nil {
		return nil, err
	}
	tagged, err := s.Repo.versions(ctx, m.Dir, false)
	if err != nil {
		return nil, err
	}
	if slices.Contains(tagged, step.Version) {
		return nil, refuse("merge that commit, or ask for another version as "+m.Dir+"@v1.2.3",
			"the tag %s exists, on a commit that HEAD does not have behind it", m.tag(step.Version))
	}
	return step, nil
}

// diff compares the interface with that of the last version. A consumer of the
// module also uses the siblings that the module requires. So an incompatible
// version of a sibling makes the module incompatible too.
func (s *State) diff(ctx context.Context, p *Plan, step *Step, scratch string) error {
	if len(step.Libraries()) == 0 {
		return nil
	}
	if err := os.MkdirAll(scratch, 0o777); err != nil {
		return err
	}
	var err error
	if step.Diff, err = s.compareAPI(ctx, step.Module, scratch); err != nil {
		return err
	}
	for _, sibling := range s.siblings(step.Module) {
		if before := p.step(sibling); before != nil && before.Diff.Level == Broken {
			step.Diff.Level = Broken
			step.Diff.Changes = append(step.Diff.Changes,
				fmt.Sprintf("incompatible: requires %s %s, which is incompatible with %s", sibling.Dir, before.Version, sibling.Last))
		}
	}
	return nil
}

// firstVersion returns the version that go.work maps, since others may require
// it.
func (s *State) firstVersion(m *Module) string {
	var mapped []module.Version
	for v, dir := range s.Tree.Mapped() {
		if dir == m.Dir {
			mapped = append(mapped, v)
		}
	}
	if len(mapped) == 1 {
		return mapped[0].Version
	}
	return first
}

// Unexplained returns a fault for each module of the plan that has changed
// without a word about it in its changelog.
func (p *Plan) Unexplained() (faults []workspace.Fault) {
	for _, step := range p.Steps() {
		log, err := step.Changelog()
		if err == nil && log.Unreleased() == "" && len(step.Changed) > 0 {
			faults = append(faults, workspace.Fault{
				File:    path.Join(step.Dir, "CHANGELOG.md"),
				Problem: "nothing is unreleased, but the module has changed: " + step.Reason,
				Fix:     "say what has changed for its users",
			})
		}
	}
	return faults
}
