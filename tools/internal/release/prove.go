package release

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"golang.org/x/mod/module"

	"github.com/go-desync/go-desync/tools/internal/consumer"
)

// A Proof is what a consumer of one module got.
type Proof struct {
	*Module
	Version string
	Use     consumer.Use
	Err     error // what is wrong with the module, nil when it serves
}

// beside is how many modules are proved at a time. Their tests wait for much of it.
const beside = 2

// prove proves modules that the draft has packed, two at a time, and reports the
// results in their order. It returns false if one of them fails.
func (d *draft) prove(ctx context.Context, scratch string, modules []*Module, tests bool, report func(Proof)) (bool, error) {
	type result struct {
		proof Proof
		err   error
	}
	results := make([]chan result, len(modules))
	for i := range results {
		results[i] = make(chan result, 1)
	}
	rest, stop := context.WithCancel(ctx)
	var begun sync.WaitGroup
	defer begun.Wait() // what runs uses scratch
	defer stop()
	begun.Go(func() {
		free := make(chan struct{}, beside)
		for i, m := range modules {
			free <- struct{}{}
			begun.Go(func() {
				p, err := d.proveOne(rest, filepath.Join(scratch, "proof", filepath.FromSlash(m.Dir)), m, tests)
				results[i] <- result{p, err}
				<-free
			})
		}
	})
	served := true
	for _, c := range results {
		r := <-c
		if ctx.Err() != nil {
			return false, context.Cause(ctx)
		}
		if r.err != nil {
			return false, r.err
		}
		served = served && r.proof.Err == nil
		report(r.proof)
	}
	return served, nil
}

// proveOne proves a module in the directory dir, which it makes.
func (d *draft) proveOne(ctx context.Context, dir string, m *Module, tests bool) (Proof, error) {
	version, ok := d.versions[m]
	if !ok {
		version = m.Last
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return Proof{}, err
	}
	siblings, err := d.reached(m.at(version))
	if err != nil {
		return Proof{}, err
	}
	p := Proof{Module: m, Version: version}
	p.Use, p.Err = d.proxy.Prove(ctx, dir, consumer.Subject{
		Version: m.at(version), Siblings: siblings, Libraries: m.Libraries(), Commands: m.Commands(),
	}, tests && !m.readsTree())
	return p, nil
}

// reached returns the siblings that a consumer of m gets: those that m requires,
// and those that these require, since the tests of a module may require more than
// its packages.
func (d *draft) reached(m module.Version) (siblings []module.Version, err error) {
	siblings, err = d.proxy.Siblings(m)
	for i := 0; i < len(siblings) && err == nil; i++ {
		var more []module.Version
		more, err = d.proxy.Siblings(siblings[i])
		for _, s := range more {
			if !slices.Contains(siblings, s) {
				siblings = append(siblings, s)
			}
		}
	}
	return siblings, err
}

// readsTree reports whether the module's tests check the whole tree, so that they
// cannot run without it.
func (m *Module) readsTree() bool { return m.Dir == "tools" }

// Consume proves the modules in dirs, or all modules, as their consumers would get
// them if all modules that are due were released now, from the tree as it is. It
// makes files in the empty directory scratch and waits for git and the go command.
// It returns false if a module fails. The error is a [*Refusal] for an unknown
// module.
func (s *State) Consume(ctx context.Context, dirs []string, scratch string, tests bool, report func(Proof)) (bool, error) {
	modules := s.Modules
	if len(dirs) > 0 {
		modules = nil
		for _, dir := range dirs {
			m, err := s.Module(dir)
			if err != nil {
				return false, err
			}
			modules = append(modules, m)
		}
	}
	versions := make(map[*Module]string)
	for _, m := range s.Due() {
		versions[m] = m.prepared()
		switch {
		case versions[m] != "":
		case m.Last == "":
			versions[m] = s.firstVersion(m)
		default:
			versions[m], _, _ = successors(m.Last) // which one does not matter
		}
	}
	d, err := s.newDraft(ctx, scratch, versions)
	if err != nil {
		return false, err
	}
	if err := d.require(nil); err != nil {
		return false, err
	}
	if err := d.pack(ctx); err != nil {
		return false, err
	}
	for _, m := range modules {
		if _, ok := versions[m]; !ok {
			if err := s.addTagged(d.proxy, m, m.Last); err != nil {
				return false, err
			}
		}
	}
	return d.prove(ctx, scratch, modules, tests, report)
}
