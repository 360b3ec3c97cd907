package conformance

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"

	"github.com/go-desync/go-desync/conformance/internal/pipe"
)

// A visit is a call under way, and the goroutine that makes it.
type visit struct {
	g    uint64
	back atomic.Bool // it has returned
}

// make makes a call. It reports false for a kind that it does not know.
func (s *server) make(o pipe.Order, here *visit, ret *pipe.Answer) bool {
	if o.Op == "new" {
		made, err := s.f.New(Setup{Name: fmt.Sprintf("object %d", o.O), Logf: func(string, ...any) {}})
		if err != nil {
			ret.Err = err.Error()
			return true
		}
		s.mu.Lock()
		s.now.objects[o.O] = made
		s.mu.Unlock()
		return true
	}
	s.mu.Lock()
	c := s.now
	object := c.objects[o.O]
	s.mu.Unlock()
	job := s.job(o, here)
	plain := func(st *State) { job.run(pipe.Answer{}, st) }
	valued := func(st *State) int { return job.run(pipe.Answer{}, st) }
	switch o.Kind {
	case pipe.Async:
		object.Async(plain)
	case pipe.Do:
		object.Do(plain)
	case pipe.Wait, pipe.Settle, pipe.Resume:
		s.handle(o, c, ret)
	case pipe.Future:
		return with(object, func(f Futurer) { s.keep(o, c, f.Future(valued)) })
	case pipe.DoContext:
		return with(object, func(f Canceler) { s.doContext(o, c, f, plain, ret) })
	case pipe.FutureContext:
		return with(object, func(f FutureCanceler) {
			ctx := s.context(o, c)
			s.keep(o, c, f.FutureContext(ctx, valued))
		})
	case pipe.Try:
		return with(object, func(f Trier) { ret.OK = f.TryDo(plain) })
	case pipe.After:
		return with(object, func(f Afterer) {
			settle, wait := f.After(func(st *State, v int, err error) int {
				given := pipe.Answer{V: v}
				if err != nil {
					given.Err = err.Error()
				}
				return job.run(given, st)
			})
			s.mu.Lock()
			c.settles[o.ID] = settle
			s.mu.Unlock()
			s.keep(o, c, wait)
		})
	case pipe.Suspend:
		return with(object, func(f Suspender) {
			resume := f.Suspend()
			s.mu.Lock()
			c.resumes[o.ID] = resume
			s.mu.Unlock()
		})
	case pipe.DoAll:
		return with(object, func(f MultiHolder) {
			var others []Object
			s.mu.Lock()
			for _, n := range o.Also {
				others = append(others, c.objects[n])
			}
			s.mu.Unlock()
			f.DoAll(others, func(all []*State) { job.run(pipe.Answer{}, all...) })
		})
	case pipe.Close:
		return with(object, func(f Closer) { f.Close() })
	case pipe.Submit:
		return with(object, func(f Closer) { ret.OK = f.Submit(plain) })
	case pipe.OnPanic:
		return with(object, func(f PanicPolicy) {
			f.OnPanic(func(v any) { job.run(pipe.Answer{Throw: textOf(v)}) })
		})
	default:
		return false
	}
	return true
}

// with makes a call that only some objects have.
func with[F any](o Object, call func(F)) bool {
	f, ok := o.(F)
	if ok {
		call(f)
	}
	return ok
}

// keep keeps a future until the driver drops it.
func (s *server) keep(o pipe.Order, c *serverCase, wait Wait) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.waits[o.ID] = wait
}

// context returns a context that ends when the driver cancels the call.
func (s *server) context(o pipe.Order, c *serverCase) context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	if o.Ended {
		cancel()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if early := c.canceled[o.ID]; early {
		cancel()
	}
	c.cancels[o.ID] = cancel
	return ctx
}

// letGo forgets the context of a call that has returned.
func (s *server) letGo(o pipe.Order, c *serverCase) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if cancel := c.cancels[o.ID]; cancel != nil {
		cancel()
		delete(c.cancels, o.ID)
	}
}

func (s *server) doContext(o pipe.Order, c *serverCase, f Canceler, job func(*State), ret *pipe.Answer) {
	defer s.letGo(o, c)
	err := f.DoContext(s.context(o, c), job)
	ret.OK = err == nil
	if err != nil {
		ret.Err, ret.Canceled = err.Error(), true
	}
}

// handle makes the calls that are about an earlier one.
func (s *server) handle(o pipe.Order, c *serverCase, ret *pipe.Answer) {
	s.mu.Lock()
	wait, settle, resume := c.waits[o.F], c.settles[o.F], c.resumes[o.F]
	s.mu.Unlock()
	switch o.Kind {
	case pipe.Settle:
		var err error
		if o.Err != "" {
			err = errors.New(o.Err)
		}
		settle(o.V, err)
	case pipe.Resume:
		resume()
	case pipe.Wait:
		defer s.letGo(o, c)
		v, err := wait(s.context(o, c))
		ret.V = v
		if err != nil {
			ret.Err, ret.Canceled = err.Error(), errors.Is(err, context.Canceled)
		}
	}
}

// A servedJob is a job that the driver's stands behind.
type servedJob struct {
	s    *server
	id   int64
	kind string
	here *visit
}

// job makes the job of a call. The driver learns when nothing refers to it any more.
func (s *server) job(o pipe.Order, here *visit) *servedJob {
	j := &servedJob{s: s, id: o.ID, kind: o.Kind, here: here}
	switch o.Kind {
	case pipe.Wait, pipe.Settle, pipe.Resume, pipe.Suspend, pipe.Close:
	default:
		runtime.AddCleanup(j, func(id int64) { s.say(pipe.Answer{Op: "gone", ID: id}) }, o.ID)
	}
	return j
}

// run is what the job does: it says that it has started, does what the driver asks of its
// goroutine, and ends as the driver says.
func (j *servedJob) run(a pipe.Answer, states ...*State) (v int) {
	s := j.s
	bed := make(chan pipe.Order, 1) // the goroutine may end before it takes the last order
	defer func() {
		s.mu.Lock()
		delete(s.beds, a.Run)
		s.mu.Unlock()
	}()
	a.Op, a.ID = "start", j.id
	a.Here = goid() == j.here.g && !j.here.back.Load()
	s.mu.Lock()
	s.runs++
	a.Run = s.runs
	if s.beds == nil {
		s.beds = map[int64]chan pipe.Order{}
	}
	s.beds[a.Run] = bed
	for _, st := range states {
		n := s.now.numbers[st]
		if n == 0 {
			n = len(s.now.numbers) + 1
			s.now.numbers[st] = n
		}
		a.S = append(a.S, n)
	}
	s.mu.Unlock()
	s.say(a)
	for o := range bed {
		switch {
		case o.Op != "end":
			s.perform(o)
			continue
		case o.Exit:
			runtime.Goexit()
		case o.Throw != "":
			panic(o.Throw)
		}
		v = o.V
		break
	}
	runtime.KeepAlive(j)
	return v
}
