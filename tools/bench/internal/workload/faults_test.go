package workload

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-desync/go-desync/tools/bench/internal/subject"
)

// object is one that can do everything.
type object interface {
	subject.Object
	subject.Doer
	subject.Syncer
	subject.Asyncer
	subject.RoundTripper
	subject.Awaiter
	subject.Canceler
}

// faulty is a subject whose objects are bent.
type faulty func(object) subject.Object

func (faulty) Name() string           { return "faulty" }
func (faulty) Lacks() subject.Reasons { return nil }
func (f faulty) New() subject.Object  { return f(subject.Desync{}.New().(object)) }

// miscounting has lost jobs or has run some twice.
type miscounting struct {
	object
	by int
}

func (o miscounting) Wait() int { return o.object.Wait() + o.by }

// misleading runs all jobs, but one call did not wait for its job or has brought
// the result of another.
type misleading struct{ object }

func (o misleading) Do(n int) int                 { return o.object.Do(n) - 1 }
func (o misleading) Sync(n int) int               { return o.object.Sync(n) - 1 }
func (o misleading) RoundTrip(n int) int          { return o.object.RoundTrip(n) - 1 }
func (o misleading) Await(n int) int              { return o.object.Await(n) - 1 }
func (o misleading) DoUntil(context.Context) bool { return true }

// disordered hands over each few jobs in the wrong order.
type disordered struct {
	object
	mu   sync.Mutex
	kept []func(*subject.State)
}

func (o *disordered) Give(job func(*subject.State)) {
	const some = 10
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.kept = append(o.kept, job); len(o.kept) == some {
		o.flush()
	}
}

func (o *disordered) flush() {
	slices.Reverse(o.kept)
	for _, job := range o.kept {
		o.object.Give(job)
	}
	o.kept = nil
}

func (o *disordered) Wait() int {
	o.mu.Lock()
	o.flush()
	o.mu.Unlock()
	return o.object.Wait()
}

// ofSubjects says whether a workload compares subjects, and not uses of the library.
func ofSubjects(w Workload) bool {
	if w, ok := w.(weighed); ok {
		return w.needs != ""
	}
	switch w.(type) {
	case versus, crowd, measured:
		return false
	}
	return true
}

func TestEveryWorkloadFindsLostAndRepeatedJobs(t *testing.T) {
	for _, w := range All() {
		for what, by := range map[string]int{"lost": -1, "repeated": 1} {
			if v, ok := w.(versus); ok {
				mustFailVersus(t, v, what, by)
			} else if ofSubjects(w) {
				s := faulty(func(o object) subject.Object { return miscounting{o, by} })
				mustFail(t, w, s, "a job was "+what, "handed over")
			}
		}
	}
}

func TestEveryWorkloadWithResultsFindsAWrongOne(t *testing.T) {
	s := faulty(func(o object) subject.Object { return misleading{o} })
	tried := 0
	for _, w := range All() {
		switch w := w.(type) {
		case timed:
			if strings.HasPrefix(w.name, "Async and drain") {
				continue
			}
			message := "wrong result"
			if w.needs == subject.Cancel {
				message = "object that was held"
			}
			tried++
			mustFail(t, w, s, "a result was wrong", message)
		case fairness:
			tried++
			mustFail(t, w, s, "a result was wrong", "wrong result")
		}
	}
	if tried != 14 {
		t.Errorf("%d workloads were tried, want 14", tried)
	}
}

func TestEveryWorkloadFindsAWrongOrder(t *testing.T) {
	s := faulty(func(o object) subject.Object { return &disordered{object: o} })
	for _, w := range All() {
		if w == (newcomer{}) {
			continue // no object there has two jobs at a time
		}
		if ofSubjects(w) {
			mustFail(t, w, s, "jobs were out of order", "order")
		}
	}
}

func TestACrowdFindsLostAndRepeatedJobs(t *testing.T) {
	const length = time.Millisecond
	for what, change := range map[string]func(s *subject.State, job func(*subject.State)){
		"lost":                      func(*subject.State, func(*subject.State)) {},
		"repeated":                  func(s *subject.State, job func(*subject.State)) { job(s); job(s) },
		"not counted by the object": func(s *subject.State, job func(*subject.State)) { job(s); s.Ran-- },
		"":                          func(s *subject.State, job func(*subject.State)) { job(s) },
	} {
		do, ran := crowdSides[0].open()
		changed := false
		_, err := longestIn(length, func(job func(*subject.State)) {
			do(func(s *subject.State) {
				if changed {
					job(s)
					return
				}
				changed = true
				change(s, job)
			})
		}, ran)
		if (err != nil) != (what != "") {
			t.Errorf("a job was %s: error %v", cmp.Or(what, "neither lost nor repeated"), err)
		}
	}
}

func TestWhatIsTornIsFound(t *testing.T) {
	torn := seldomSide("torn", func() (func() status, func(), func() int) {
		return func() status { return status{1, 2} }, func() {}, func() int { return keyUsers }
	})
	work, ran := torn.prepare(keyUsers * seldom)
	work()
	if got := ran(); got[0] != keyUsers {
		t.Errorf("%v operations were counted, want the %d writes alone: no read was whole", got, keyUsers)
	}
}

func TestKeysThatAreLostAreFound(t *testing.T) {
	s := keyScale("faulty", func(n int) func() int { return func() int { return n - 1 } })
	if _, err := s.weigh(tiny); err == nil || !strings.Contains(err.Error(), "handed over") {
		t.Errorf("a job was lost: error %v, want one with \"handed over\"", err)
	}
}

// mustFail wants the fault found whether the subject is compared or compared with.
func mustFail(t *testing.T, w Workload, s subject.Subject, fault, message string) {
	t.Helper()
	check := func(as string, own subject.Subject, peers ...subject.Subject) {
		t.Helper()
		_, err := w.Measure(t.Context(), own, peers, tiny)
		if err == nil || !strings.Contains(err.Error(), message) || !strings.Contains(err.Error(), "faulty") {
			t.Errorf("%s, %s, as %s: error %v, want one with %q that names the subject", w.Name(), fault, as, err, message)
		}
	}
	check("own subject", s)
	if !omits(w.LeftOut([]subject.Subject{s}, tiny), s) { // as some do with many objects
		check("peer", subject.Desync{}, s)
	}
}

// mustFailVersus wants a wrong count found on either side, of each value.
func mustFailVersus(t *testing.T, w versus, what string, by int) {
	t.Helper()
	work, ran := w.own.prepare(w.batch)
	work()
	for value := range ran() {
		bend := func(s side) side {
			return side{"faulty", func(n int) (func(), func() []int) {
				work, ran := s.prepare(n)
				return work, func() []int {
					all := ran()
					all[value] += by
					return all
				}
			}}
		}
		peers := slices.Clone(w.peers)
		peers[0] = bend(peers[0])
		for as, bent := range map[string]versus{
			"own":  {name: w.name, batch: w.batch, own: bend(w.own), peers: w.peers},
			"peer": {name: w.name, batch: w.batch, own: w.own, peers: peers},
		} {
			_, err := bent.Measure(t.Context(), nil, nil, tiny)
			if err == nil || !strings.Contains(err.Error(), "handed over") || !strings.Contains(err.Error(), "faulty") {
				t.Errorf("%s, a job was %s, as %s: error %v, want one with \"handed over\" that names the side", w.name, what, as, err)
			}
		}
	}
}
