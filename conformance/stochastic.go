package conformance

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/go-desync/go-desync/conformance/history"
	"github.com/go-desync/go-desync/conformance/internal/standstill"
)

// A stochastic case runs random programs and judges their histories.
type stochastic struct {
	templates []template
	kinds     []string // of call; all that the features allow if nil
	objects   int
	owns      []string // violations, by the beginning of their ID, that are the rule's
	hangs     bool     // a hang is the rule's too
}

// plays returns a case that plays random programs.
func plays(name string, s stochastic) testCase {
	return testCase{
		name: name, run: s.run,
		replay: func(t *trial, p *Program) bool { return s.reproduced(t, p, 1) == 1 },
	}
}

// run plays programs until the time is up or one violates the rule.
func (s stochastic) run(t *trial) {
	const programs, least = 20, 10
	t.findPace()
	rng := rand.New(rand.NewPCG(t.o.seed, 0))
	start := time.Now()
	for n := 0; n < programs || t.goesOn(n, time.Since(start)); n++ {
		if passed := time.Since(start); n < programs && passed > t.slice()+t.patch() {
			if n < least {
				t.inconclusive("it is too slow here: in %v, %d random programs ran, and %d are the least that say anything", passed.Round(time.Millisecond), n, least)
			}
			return
		}
		p := s.program(t, rng.Uint64(), n)
		p.thin(t.callsAtPace(programs, p.Objects))
		h, v, hung := s.play(t, p)
		t.mu.Lock()
		t.histories++
		t.mu.Unlock()
		switch {
		case t.failed() || t.ctx.Err() != nil:
			return
		case v != nil:
			s.report(t, p, h, v, hung)
			return
		case hung && s.hangs:
			s.reportHang(t, p, h)
			return
		case hung:
			t.inconclusive("calls or jobs of its programs hang: see EXE-2")
		}
	}
}

// goesOn reports whether another program is to be played. Those of a peer may take long.
func (t *trial) goesOn(n int, passed time.Duration) bool {
	if t.remote != nil && t.o.budget == Short {
		return n < 200 && passed < 5*time.Second
	}
	return passed < t.slice()
}

// program makes the n-th program.
func (s stochastic) program(t *trial, seed uint64, n int) *Program {
	rng := rand.New(rand.NewPCG(seed, 1))
	kinds := s.kinds
	if kinds == nil {
		kinds = t.kindsOf()
	}
	kinds = slices.DeleteFunc(slices.Clone(kinds), func(k string) bool {
		return k == stepFutureContext && !t.has(FeatureCancelFuture) || k == stepFuture && !t.has(FeatureFuture)
	})
	procs := []int{runtime.NumCPU(), 2, 1, 8}
	return &Program{
		Case: t.id, Seed: seed, Objects: max(1, s.objects),
		// A template meets each number of processors.
		Procs:   procs[n/len(s.templates)%len(procs)],
		Clients: s.templates[n%len(s.templates)](rng, kinds),
	}
}

// kindsOf returns the kinds of call that the claimed features allow.
func (t *trial) kindsOf() []string {
	kinds := []string{stepAsync, stepAsync, stepDo}
	for _, k := range []struct {
		feature Feature
		kind    string
	}{
		{FeatureFuture, stepFuture},
		{FeatureCancel, stepContext},
		{FeatureCancelFuture, stepFutureContext},
		{FeatureTry, stepTry},
		{FeatureAfter, stepAfter},
		{FeatureClose, stepSubmit},
	} {
		if t.has(k.feature) {
			kinds = append(kinds, k.kind)
		}
	}
	return kinds
}

// play plays a program and judges it.
func (s stochastic) play(t *trial, p *Program) (*history.History, *history.Violation, bool) {
	h, hung := t.play(p)
	h.Implementation = strings.TrimSpace(t.f.Info.Name + " " + t.f.Info.Version)
	h.Rule, h.Seed = t.rule, p.Seed
	h.Program, _ = json.Marshal(p)
	h.Environment = map[string]string{"go": runtime.Version(), "os": runtime.GOOS, "arch": runtime.GOARCH}
	v, err := s.judge(h)
	if err != nil && !hung {
		t.inconclusive("the history cannot be judged: %v", err)
	}
	return h, v, hung
}

// shrink makes a program smaller that violates the rule, as long as it does in at least
// one of some reruns. It returns what it got to, with the history of the last violation.
func (s stochastic) shrink(t *trial, p *Program, h *history.History, v *history.Violation) (*Program, *history.History, *history.Violation) {
	const reruns = 10
	until := time.Now().Add(min(t.slice()*2, 5*time.Second))
	over := func() bool { return !time.Now().Before(until) || t.ctx.Err() != nil || t.failed() }
	p = p.shrunk(over, func(candidate *Program) bool {
		for range reruns {
			if over() {
				return false
			}
			h2, v2, hung := s.play(t, candidate)
			if hung {
				until = time.Time{}
				return false
			}
			if v2 != nil && v2.Rule == v.Rule {
				h, v = h2, v2
				return true
			}
		}
		return false
	})
	return p, h, v
}

func (s stochastic) own(rule string) bool {
	return slices.ContainsFunc(s.owns, func(prefix string) bool { return strings.HasPrefix(rule, prefix) })
}

// judge returns the first violation of the rule in a history. Violations of
// other rules are passed over: each is one of a pair of operations at most, so what
// the history says of the others stands without the first of them.
func (s stochastic) judge(h *history.History) (*history.Violation, error) {
	rest := *h
	for range 1 + len(h.Operations) {
		err := history.Check(&rest)
		var v *history.Violation
		if !errors.As(err, &v) {
			return nil, err
		}
		if s.own(v.Rule) {
			return v, nil
		}
		guilty := v.Operations[0].ID
		rest.Operations = slices.DeleteFunc(slices.Clone(rest.Operations), func(o history.Operation) bool { return o.ID == guilty })
	}
	return nil, nil
}

// report makes a violation the failure of the case, with a program as small as
// can be found in a moment.
func (s stochastic) report(t *trial, p *Program, h *history.History, v *history.Violation, hung bool) {
	const reruns = 20
	again, size := 0, p.size()
	if !hung { // what hangs stays behind, and would disturb the reruns
		p, h, v = s.shrink(t, p, h, v)
		again = s.reproduced(t, p, reruns)
	}
	var b strings.Builder
	finding := *v
	finding.Rule = t.rule // what it breaks besides, its own case finds
	b.WriteString(finding.Picture())
	fmt.Fprintf(&b, "in the program from seed %d, of %d clients and %d calls", p.Seed, len(p.Clients), p.size())
	if p.size() < size {
		fmt.Fprintf(&b, " (made smaller; it had %d)", size)
	}
	fmt.Fprintf(&b, ", with GOMAXPROCS %d", p.Procs)
	if !hung {
		fmt.Fprintf(&b, "; reproduced %d of %d", again, reruns)
	}
	f := &Failure{Rule: t.rule, Message: b.String(), Program: p, History: h.Cut(v, 10)}
	t.save(f, h)
	t.failWith(f)
}

func (s stochastic) reportHang(t *trial, p *Program, h *history.History) {
	var open []string
	for _, o := range h.Operations {
		if o.Return == 0 {
			open = append(open, fmt.Sprintf("%s #%d of client %d has not returned", o.Kind, o.ID, o.Client))
		} else if o.Start == 0 && o.Outcome == history.Pending {
			open = append(open, fmt.Sprintf("%s #%d of client %d has returned, and its job has not run", o.Kind, o.ID, o.Client))
		}
	}
	if len(open) > 10 {
		open = append(open[:10], fmt.Sprintf("and %d more", len(open)-10))
	}
	f := &Failure{
		Rule: t.rule, Program: p, History: h, Dump: standstill.Show(t.standing()),
		Message: fmt.Sprintf("%s: expected: all calls of a random program return, and all of its jobs run\n  happened: no goroutine can run any more, and\n  %s\nin the program from seed %d, with GOMAXPROCS %d",
			t.rule, strings.Join(open, "\n  "), p.Seed, p.Procs),
	}
	t.save(f, h)
	t.failWith(f)
}

// save writes the history of a failure to a file if there is a directory for it.
func (t *trial) save(f *Failure, h *history.History) {
	if t.o.saveDir == "" {
		return
	}
	var b bytes.Buffer
	err := history.Save(&b, h)
	name := fmt.Sprintf("%s-%d.history", strings.ReplaceAll(t.id, "/", "-"), h.Seed)
	file := filepath.Join(t.o.saveDir, name)
	err = cmp.Or(err, os.MkdirAll(t.o.saveDir, 0o777))
	if err == nil {
		err = os.WriteFile(file, b.Bytes(), 0o666)
	}
	if err != nil {
		f.Message += fmt.Sprintf("\nthe history could not be saved: %v", err)
		return
	}
	f.File = file
}

// reproduced counts how often the program violates the rule again.
func (s stochastic) reproduced(t *trial, p *Program, runs int) (n int) {
	for range runs {
		_, v, hung := s.play(t, p)
		if v != nil || hung && s.hangs {
			n++
		}
		if hung || t.failed() {
			break
		}
	}
	return n
}
