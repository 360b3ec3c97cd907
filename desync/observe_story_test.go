package desync_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

// A storyteller is an observer that checks the order in which it is told of each job.
type storyteller struct {
	desync.NopObserver
	mu     sync.Mutex
	open   map[uint64]string // the jobs that have not finished, and the last that was told
	faults []string
	last   desync.JobInfo // of the last that was queued
	jobs   int
}

func newStoryteller() *storyteller { return &storyteller{open: make(map[uint64]string)} }

// after notes what is told of a job, which must come after one of some others.
func (s *storyteller) after(what string, j desync.JobInfo, before ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	was, known := s.open[j.ID]
	ok := len(before) == 0 && !known
	for _, b := range before {
		ok = ok || was == b
	}
	switch {
	case !ok:
		s.faults = append(s.faults, fmt.Sprintf("%v %d: %s after %q", j.Call, j.ID, what, was))
	case j.Ahead < 0 || j.ObjectID == 0 || j.Queued.IsZero():
		s.faults = append(s.faults, fmt.Sprintf("%s: %+v", what, j))
	}
	s.open[j.ID] = what
	switch what {
	case "queued":
		s.jobs++
		s.last = j
	case "finished":
		delete(s.open, j.ID)
		wrong := j.Outcome == desync.OutcomeUnfinished || j.Finished.IsZero() ||
			j.Outcome == desync.OutcomeNotRun && was == "started" ||
			j.Outcome == desync.OutcomeReturned && was != "started" && j.Call != desync.CallSuspend
		if wrong {
			s.faults = append(s.faults, fmt.Sprintf("finished after %q: %+v", was, j))
		}
	}
}

func (s *storyteller) Queued(j desync.JobInfo)  { s.after("queued", j) }
func (s *storyteller) Held(j desync.JobInfo)    { s.after("held", j, "queued") }
func (s *storyteller) Started(j desync.JobInfo) { s.after("started", j, "queued", "held") }
func (s *storyteller) Finished(j desync.JobInfo) {
	s.after("finished", j, "queued", "held", "started")
}

// unfinished returns how many jobs have not finished, or 0 if there are faults.
func (s *storyteller) unfinished() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.faults) > 0 {
		return 0
	}
	return len(s.open)
}

// An unreliable observer panics in one of 13 calls of its methods.
type unreliable struct {
	desync.NopObserver
	calls atomic.Int64
	over  atomic.Bool // it panics no more
}

func (u *unreliable) call() {
	if u.calls.Add(1)%13 == 0 && !u.over.Load() {
		panic("on purpose")
	}
}
func (u *unreliable) Queued(desync.JobInfo)   { u.call() }
func (u *unreliable) Held(desync.JobInfo)     { u.call() }
func (u *unreliable) Started(desync.JobInfo)  { u.call() }
func (u *unreliable) Finished(desync.JobInfo) { u.call() }
func (u *unreliable) JobContext(ctx context.Context, _ desync.JobInfo) context.Context {
	u.call()
	return ctx
}

// A subject is what a job of the test below may use.
type subject interface {
	desync.Object[int]
	Async(func(*int))
	Do(func(*int))
	TryDo(func(*int)) bool
	DoContext(context.Context, func(context.Context, *int) error) error
	Suspend() func()
	Pending() int
}

// An observer is told of each job in the right order and exactly once, whatever goes on at
// the same time.
func TestObserversHearTheWholeStoryOfEachJob(t *testing.T) {
	for _, name := range []string{"one observer", "three", "two, and one that panics"} {
		t.Run(name, func(t *testing.T) {
			told := []*storyteller{newStoryteller()}
			opts := []desync.Option{
				desync.WithObserver(told[0]), desync.WithPanicHandler(func(*desync.PanicError) {}),
			}
			bad := new(unreliable)
			switch name {
			case "three":
				told = append(told, newStoryteller(), newStoryteller())
				opts = append(opts, desync.WithObserver(told[1]), desync.WithObserver(told[2]))
			case "two, and one that panics":
				told = append(told, newStoryteller())
				opts = append(opts, desync.WithObserver(bad), desync.WithObserver(told[1]))
			}
			m := desync.NewMap(func(int) int { return 0 }, opts...)
			plain := []*desync.Desync[int]{desync.New(0, opts...), desync.New(0, opts...), desync.New(0)}
			const goroutines = 8
			rounds := 60
			if testing.Short() {
				rounds = 20
			}
			var wg, later sync.WaitGroup
			for g := range goroutines {
				wg.Go(func() {
					r := rand.New(rand.NewPCG(uint64(g), 20))
					for range rounds {
						objects := []subject{plain[0], plain[1], plain[2], m.At(r.IntN(3)), m.At(3 + r.IntN(3))}
						r.Shuffle(len(objects), func(i, j int) { objects[i], objects[j] = objects[j], objects[i] })
						survive(func() { oneCall(r, &later, objects[0], objects[1]) })
						if r.IntN(8) == 0 {
							survive(func() { m.Delete(r.IntN(6)) })
						}
					}
				})
			}
			wg.Wait()
			later.Wait()
			bad.over.Store(true)
			objects := []subject{plain[0], plain[1]}
			for k := range 6 {
				objects = append(objects, m.At(k))
				m.At(k).Do(func(*int) {})
			}
			for _, s := range told {
				for s.unfinished() > 0 {
					runtime.Gosched()
				}
			}
			for _, o := range objects {
				o.Do(func(*int) {})
				for i, s := range told {
					if s.last.Ahead != 0 {
						t.Errorf("observer %d: a job of an idle object has %d jobs ahead", i, s.last.Ahead)
					}
				}
			}
			for i, s := range told {
				for _, f := range s.faults {
					t.Errorf("observer %d: %s", i, f)
				}
				if s.jobs != told[0].jobs && bad.calls.Load() == 0 {
					t.Errorf("observer %d was told of %d jobs, the first of %d", i, s.jobs, told[0].jobs)
				}
			}
			for k := range 6 {
				m.Delete(k)
			}
			if err := m.Wait(t.Context()); err != nil {
				t.Error(err)
			}
			for m.Len() > 0 {
				runtime.Gosched()
			}
		})
	}
}

// survive calls f, which may panic as an unreliable observer does.
func survive(f func()) {
	defer func() {
		if v := recover(); v != nil && v != "on purpose" {
			panic(v)
		}
	}()
	f()
}

// oneCall makes a call of some kind on a, and perhaps also on b. What it leaves to do later,
// such as to cancel, it does on goroutines of later.
func oneCall(r *rand.Rand, later *sync.WaitGroup, a, b subject) {
	job := func(n *int) { *n++ }
	inContext := func(context.Context, *int) error { return nil }
	ctx, cancel := context.WithCancel(context.Background())
	switch r.IntN(3) {
	case 0:
		later.Go(cancel)
	case 1:
		cancel()
	default:
		defer cancel()
	}
	switch r.IntN(12) {
	case 0:
		a.Async(job)
	case 1:
		a.Do(job)
	case 2:
		a.TryDo(job)
	case 3:
		a.DoContext(ctx, inContext)
	case 4:
		resume := a.Suspend()
		later.Go(func() { survive(resume) })
	case 5:
		resume := a.Suspend()
		defer later.Go(func() { survive(resume) })
		a.Async(job)
		resume()
	case 6:
		p := new(futures.Promise[int])
		defer later.Go(func() { p.Resolve(1) })
		after(a, p.Future(), job)
	case 7:
		desync.Sync2(a, b, func(x, y *int) int { *x++; *y++; return 0 })
	case 8:
		desync.Sync2Context(ctx, a, b, func(context.Context, *int, *int) (int, error) { return 0, nil })
	case 9:
		desync.Future2(a, b, func(x, y *int) int { *x++; *y++; return 0 })
	case 10:
		desync.DoAllContext(ctx, []desync.Object[int]{a, b}, func(context.Context, []*int) error { return nil })
	case 11:
		inFuture(ctx, a)
	}
}

func after(o subject, f *futures.Future[int], job func(*int)) {
	switch o := o.(type) {
	case *desync.Desync[int]:
		o.After(f, func(n *int, _ int, _ error) int { job(n); return 0 })
	case desync.Key[int, int]:
		o.After(f, func(n *int, _ int, _ error) int { job(n); return 0 })
	}
}

func inFuture(ctx context.Context, o subject) {
	job := func(context.Context, *int) (int, error) { return 0, nil }
	switch o := o.(type) {
	case *desync.Desync[int]:
		o.FutureContext(ctx, job)
	case desync.Key[int, int]:
		o.FutureContext(ctx, job)
	}
}
