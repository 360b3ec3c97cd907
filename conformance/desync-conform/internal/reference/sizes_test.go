package reference

import (
	"context"
	"strings"
	"testing"

	"github.com/go-desync/go-desync/conformance"
	"github.com/go-desync/go-desync/conformance/internal/apart"
)

// shortOf is a deque that goes wrong when more than so many wait, in one way.
type shortOf struct {
	*deque
	fault string
	most  int
}

// over reports whether more wait than it can bear.
func (s *shortOf) over(fault string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fault == fault && s.queue.Len() > s.most
}

func (s *shortOf) Do(job func(*conformance.State)) {
	if s.over("forgets callers") {
		select {}
	}
	s.deque.Do(job)
}

func (s *shortOf) DoContext(ctx context.Context, job func(*conformance.State)) error {
	if s.over("forgets callers that may give up") {
		<-ctx.Done()
		return ctx.Err()
	}
	return s.deque.DoContext(ctx, job)
}

func (s *shortOf) Future(job func(*conformance.State) int) conformance.Wait {
	if s.over("forgets futures") {
		job = func(*conformance.State) int { return 0 }
	}
	return s.deque.Future(job)
}

func (s *shortOf) FutureContext(ctx context.Context, job func(*conformance.State) int) conformance.Wait {
	if s.over("forgets futures that may be given up") {
		job = func(*conformance.State) int { return 0 }
	}
	return s.deque.FutureContext(ctx, job)
}

func (s *shortOf) After(job func(*conformance.State, int, error) int) (settle func(int, error), wait conformance.Wait) {
	if s.over("confuses values") {
		return s.deque.After(func(data *conformance.State, v int, err error) int { return job(data, v+1, err) })
	}
	return s.deque.After(job)
}

func (s *shortOf) Suspend() (resume func()) {
	if s.over("forgets suspensions") {
		return func() {}
	}
	return s.deque.Suspend()
}

func (s *shortOf) DoAll(others []conformance.Object, job func([]*conformance.State)) {
	if s.over("forgets jobs on several objects") {
		select {}
	}
	var all []conformance.Object
	for _, o := range others {
		all = append(all, o.(*shortOf).deque)
	}
	s.deque.DoAll(all, func(states []*conformance.State) {
		if s.fault == "confuses states" && len(states) > s.most {
			states[0], states[s.most] = states[s.most], states[0]
		}
		job(states)
	})
}

// Each fault beyond a size fails the case that tries such sizes.
func TestSizesOfWhatWaits(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long; without -short it runs")
	}
	for _, tc := range []struct {
		id, fault string
		most      int
		words     string
	}{
		{"EXE-2/waiting-sizes", "forgets callers", 200, "each caller that waits gets its turn"},
		{"EXE-2/future-sizes", "forgets futures", 200, "each job runs"},
		{"CAN-3/sizes", "forgets callers that may give up", 200, "each caller that does not give up gets its turn"},
		{"CAN-3/future-sizes", "forgets futures that may be given up", 200, "the jobs beside canceled ones run"},
		{"AFT-1/sizes", "confuses values", 200, "gets the value"},
		{"SUS-1/sizes", "forgets suspensions", 200, "runs before its resume"},
		{"MUL-1/sizes", "confuses states", 20, "the state of each"},
		{"MUL-2/sizes", "forgets jobs on several objects", 20, "jobs on two objects runs"},
	} {
		t.Run(tc.id, func(t *testing.T) {
			if apart.Ran(t) {
				return
			}
			f := MutexDeque()
			correct := f.New
			f.New = func(s conformance.Setup) (conformance.Object, error) {
				o, err := correct(s)
				return &shortOf{o.(*deque), tc.fault, tc.most}, err
			}
			r, err := conformance.Check(t.Context(), f, conformance.WithRules(tc.id))
			if err != nil {
				t.Fatal(err)
			}
			rule, _, _ := strings.Cut(tc.id, "/")
			got := r.Rule(rule)
			if got.Verdict != conformance.Fail || !strings.Contains(got.Cases[0].Failure.Message, tc.words) {
				t.Errorf("%s is %s (%s), want a failure with %q", tc.id, got.Verdict, got.Cases[0].Failure, tc.words)
			}
		})
	}
}
