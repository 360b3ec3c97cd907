package workload

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/go-desync/go-desync/tools/bench/internal/subject"
)

// swapping hands over one job after the one that comes next.
type swapping struct {
	subject.Object
	mu     sync.Mutex
	given  int
	behind func(*subject.State)
}

func (o *swapping) Give(job func(*subject.State)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.given++; o.given == 3 {
		o.behind = job
		return
	}
	o.Object.Give(job)
	// Among the next three is one of the same producer, or the other has ended.
	if o.given == 6 {
		o.Object.Give(o.behind)
	}
}

func TestOneJobOutOfOrderIsFound(t *testing.T) {
	s := subject.Mutex{}
	if err := ordered(s, s.New()); err != nil {
		t.Error(err)
	}
	// Jobs that are run at once, so that two producers come one after the other in
	// nearly all tries.
	for range 100 {
		if err := ordered(s, &swapping{Object: s.New()}); err != nil {
			if !strings.Contains(err.Error(), "order") {
				t.Errorf("error %v, want one about the order", err)
			}
			return
		}
	}
	t.Error("a job that ran too late was not found")
}

func TestASubjectThatKeepsNoOrderIsNotAsked(t *testing.T) {
	s := subject.Goroutine{}
	o := &swapping{Object: s.New()}
	if err := ordered(s, o); err != nil || o.given != 0 {
		t.Errorf("error %v after %d jobs, want none", err, o.given)
	}
}

func TestALostJobOfAHotObjectIsFound(t *testing.T) {
	for lost, want := range []string{"", "handed over"} {
		var stop atomic.Bool
		h := heat(subject.Desync{}, &stop)
		stop.Store(true)
		h.o.Wait()
		h.o.Wait()
		h.given += lost
		if err := h.end(subject.Desync{}); (err != nil) != (want != "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%d jobs were lost: error %v, want %q", lost, err, want)
		}
	}
}

func TestReadsAndWritesAreCounted(t *testing.T) {
	const n = keyUsers * (readsPerWrite + 1)
	var mu sync.Mutex
	var s subject.State
	lost := false
	do := func(job func(*subject.State)) {
		mu.Lock()
		defer mu.Unlock()
		if !lost {
			lost = true
			return
		}
		job(&s)
	}
	run, ran := readAndWrite(n, do, do, func() int { return s.Ran })
	run()
	if got := ran(); len(got) != 1 || got[0] != n-1 {
		t.Errorf("%v operations were counted, want %d: one was lost", got, n-1)
	}
}

// dropping loses the last of the jobs that ordered hands over.
type dropping struct {
	subject.Object
	left atomic.Int64
}

func (o *dropping) Give(job func(*subject.State)) {
	if o.left.Add(-1) > 0 {
		o.Object.Give(job)
	}
}

func TestTheLastJobThatIsLostIsFound(t *testing.T) {
	o := &dropping{Object: subject.Mutex{}.New()}
	o.left.Store(200)
	if err := ordered(subject.Mutex{}, o); err == nil {
		t.Error("the last job did not run, and it was not found")
	}
}
