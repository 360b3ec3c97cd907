package mutant

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/go-desync/go-desync/conformance"
)

// The times that a short run must reach, and those that are for a full one.
var (
	soon = Range{Low: 5, High: 350, Unit: "ms", Example: 50}
	late = Range{Low: 420, High: 3000, Unit: "ms"}
)

// times are the mutants that are right up to a time, which is called T.
func times() []Mutant {
	all := []Mutant{
		{Name: "long-job-taken-for-dead", Rule: "EXC-1", Doc: "a background job that runs for more than T is taken for dead, and the next one starts", change: longJobDead},
		{Name: "long-do-taken-for-dead", Rule: "EXC-1", Doc: "a Do whose job runs for more than T is taken for dead, and the next job starts", change: longDoDead},
		{Name: "long-job-lets-try-in", Rule: "EXC-1", Doc: "TryDo runs if the job that runs has done so for more than T", change: longJobLetsTryIn},
		{Name: string(restTakesSignal), Rule: "EXE-2", Doc: "the worker ends when it has rested for T, and takes the signal of a job that comes then with it"},
		{Name: "job-lost-after-rest", Rule: "EXE-2", Doc: "an Async on an object that was not called for T is forgotten", change: jobLostAfterRest},
		{Name: "queued-job-expires", Rule: "EXE-2", Doc: "an Async job that has been queued for more than T does not run", change: queuedJobExpires},
		{Name: "long-wait-given-up", Rule: "SYN-1", Doc: "a Do that has waited for T returns, and its job has not run", change: longWaitGivenUp},
		{Name: "long-wait-goes-first", Rule: "ORD-3", Doc: "a Do that has waited for T goes in front", change: longWaitGoesFirst},
		{Name: "suspension-expires", Rule: "SUS-1", Doc: "a suspension ends by itself after T", change: suspensionExpires},
		{Name: "late-resume-lost", Rule: "SUS-2", Doc: "a resume later than T after its Suspend does nothing", change: lateResumeLost},
		{Name: "after-expires", Rule: "AFT-1", Doc: "an After job whose value has not come within T runs without it", change: afterExpires},
		{Name: "late-value-lost", Rule: "AFT-1", Doc: "the value of an After that comes later than T is lost", change: lateValueLost},
		{Name: "future-forgets", Rule: "FUT-1", Doc: "a future whose job ended more than T ago returns 0", change: futureForgets},
		{Name: "context-ignored-after-wait", Rule: "CAN-1", Doc: "a DoContext that has waited for T does not notice the end of its context any more", change: contextIgnoredAfterWait},
		{Name: "far-deadline-ignored", Rule: "CAN-1", Doc: "a DoContext does not notice a deadline that is more than T away when it is called", change: farDeadlineIgnored},
		{Name: "long-job-reported-canceled", Rule: "CAN-2", Doc: "a DoContext whose job runs for more than T, and whose context ends meanwhile, says that it has not run", change: longJobReportedCanceled},
		{Name: "close-gives-up", Rule: "CLO-1", Doc: "Close returns after T, whatever is still queued", change: closeGivesUp},
	}
	far := []Mutant{
		{Name: "very-long-job-taken-for-dead", Rule: "EXC-1", Doc: "a background job that runs for more than T is taken for dead, and the next one starts", change: longJobDead},
		{Name: string(longRestTakesSignal), Rule: "EXE-2", Doc: "the worker ends when it has rested for T, and takes the signal of a job that comes then with it"},
		{Name: "job-lost-after-long-rest", Rule: "EXE-2", Doc: "an Async on an object that was not called for T is forgotten", change: jobLostAfterRest},
		{Name: "very-long-wait-given-up", Rule: "SYN-1", Doc: "a Do that has waited for T returns, and its job has not run", change: longWaitGivenUp},
		{Name: "long-suspension-expires", Rule: "SUS-1", Doc: "a suspension ends by itself after T", change: suspensionExpires},
	}
	for i := range all {
		all[i].Range = soon
	}
	for i := range far {
		far[i].Range, far[i].Budget = late, conformance.Full
	}
	return family("time", conformance.Short, append(all, far...))
}

func longJobDead(s *shell) {
	s.async = func(f job) {
		s.object.Async(func(st *conformance.State) {
			done := make(chan struct{})
			go func() {
				defer close(done)
				f(st)
			}()
			select {
			case <-done:
			case <-time.After(s.d):
			}
		})
	}
}

// The caller of Do runs its job while a background job stands for it in the queue.
func longDoDead(s *shell) {
	s.do = func(f job) {
		turned, done := make(chan struct{}), make(chan struct{})
		s.mustQueue(&entry{job: func() {
			close(turned)
			select {
			case <-done:
			case <-time.After(s.d):
			}
		}})
		<-turned
		defer close(done)
		f(&s.state)
	}
}

func longJobLetsTryIn(s *shell) {
	var since atomic.Int64 // when the job that runs began, or 0
	timed := func(f job) job {
		return func(st *conformance.State) {
			since.Store(time.Now().UnixNano())
			defer since.Store(0)
			f(st)
		}
	}
	s.async = func(f job) { s.object.Async(timed(f)) }
	s.do = func(f job) { s.object.Do(timed(f)) }
	s.tryDo = func(f job) bool {
		if s.object.TryDo(f) {
			return true
		}
		if began := since.Load(); began != 0 && time.Since(time.Unix(0, began)) > s.d {
			f(&s.state)
			return true
		}
		return false
	}
}

func jobLostAfterRest(s *shell) {
	var last atomic.Int64
	s.async = func(f job) {
		now := time.Now().UnixNano()
		if before := last.Swap(now); before != 0 && time.Duration(now-before) > s.d {
			return
		}
		s.object.Async(f)
	}
	s.do = func(f job) {
		s.object.Do(f)
		last.Store(time.Now().UnixNano())
	}
}

func queuedJobExpires(s *shell) {
	s.async = func(f job) {
		began := time.Now()
		s.object.Async(func(st *conformance.State) {
			if time.Since(began) <= s.d {
				f(st)
			}
		})
	}
}

func longWaitGivenUp(s *shell) {
	s.do = func(f job) {
		ctx, cancel := context.WithTimeout(context.Background(), s.d)
		defer cancel()
		_ = s.object.DoContext(ctx, f)
	}
}

func longWaitGoesFirst(s *shell) {
	s.do = func(f job) {
		ctx, cancel := context.WithTimeout(context.Background(), s.d)
		defer cancel()
		if s.object.DoContext(ctx, f) == nil {
			return
		}
		turned := make(chan struct{})
		e := &entry{grant: func() { close(turned) }}
		s.mu.Lock()
		if s.busy {
			s.queue.pushFront(e)
		} else {
			s.busy = true
			e.grant()
		}
		s.mu.Unlock()
		<-turned
		s.hold(func() { f(&s.state) })
	}
}

func suspensionExpires(s *shell) {
	s.suspend = func() (resume func()) {
		ends := s.object.Suspend()
		timer := time.AfterFunc(s.d, ends)
		return func() { timer.Stop(); ends() }
	}
}

func lateResumeLost(s *shell) {
	s.suspend = func() (resume func()) {
		began := time.Now()
		ends := s.object.Suspend()
		return func() {
			if time.Since(began) <= s.d {
				ends()
			}
		}
	}
}

func closeGivesUp(s *shell) {
	s.close = func() {
		done := make(chan struct{})
		go func() { s.object.Close(); close(done) }()
		select {
		case <-done:
		case <-time.After(s.d):
		}
	}
}
