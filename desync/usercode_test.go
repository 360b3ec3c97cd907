package desync_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

// userCode lists every function and method of a user's that this package calls beside
// jobs. A handler of panics stands for itself below: it has a goroutine of its own. What
// makes a value to be published is a part of the job; see TestPublishedWhenViewDoesNotReturn.
var userCode = []string{
	"Observer.Queued",
	"Observer.Started",
	"Observer.Finished",
	"the constructor of NewMap",
	"the function of EvictIdle",
	"the function of Range",
	"ctx.Err",
	"ctx.Done",
	"ctx.Value",                 // of context.Cause too
	"ctx.AfterFunc",             // if the context has such a method
	"the stop of ctx.AfterFunc", // what it returns
}

// A saboteur is all of the user's code in one. Its nth call of code does not return.
type saboteur struct {
	desync.NopObserver
	fail func()

	mu    sync.Mutex
	code  string
	n     int
	armed bool
	fired bool

	queued, finished int
}

// arm has the calls count from now on, until one has struck.
func (s *saboteur) arm() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.armed = true
}

// disarm reports what has happened.
func (s *saboteur) disarm() (code string, fired bool, unfinished int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.armed = false
	return s.code, s.fired, s.queued - s.finished
}

func (s *saboteur) call(code string) {
	s.mu.Lock()
	if s.armed && code == s.code {
		s.n--
		s.fired = s.n == 0
		s.armed = !s.fired
		if s.fired {
			s.mu.Unlock()
			s.fail()
			return
		}
	}
	s.mu.Unlock()
}

// tell is call for the observer, except for jobs of before the call.
func (s *saboteur) tell(code string, j desync.JobInfo) {
	if j.Queued.Second() != 0 {
		s.call(code)
	}
}

func (s *saboteur) count(n *int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	*n++
}

func (s *saboteur) Queued(j desync.JobInfo) {
	s.tell("Observer.Queued", j)
	s.count(&s.queued) // the call goes on
}

func (s *saboteur) Started(j desync.JobInfo) { s.tell("Observer.Started", j) }

func (s *saboteur) Finished(j desync.JobInfo) {
	s.count(&s.finished)
	s.tell("Observer.Finished", j)
}

// A sabotagedContext is a context with methods of the user's.
type sabotagedContext struct {
	context.Context
	s *saboteur
}

func (c sabotagedContext) Err() error            { c.s.call("ctx.Err"); return c.Context.Err() }
func (c sabotagedContext) Done() <-chan struct{} { c.s.call("ctx.Done"); return c.Context.Done() }
func (c sabotagedContext) Value(key any) any     { c.s.call("ctx.Value"); return c.Context.Value(key) }

// A tyingContext has also the method that package context calls if it is there, and if
// the context does not turn out to be one of its own.
type tyingContext struct{ sabotagedContext }

func (c tyingContext) Value(any) any { return nil }

func (c tyingContext) AfterFunc(f func()) (stop func() bool) {
	c.s.call("ctx.AfterFunc")
	untie := context.AfterFunc(c.Context, f)
	return func() bool { c.s.call("the stop of ctx.AfterFunc"); return untie() }
}

// A stage is what the sabotaged calls are made on.
type stage struct {
	*saboteur
	ctx  context.Context
	d, e *desync.Desync[int]
	m    *desync.Map[string, int]
	job  func()
}

// A sabotagedKind is a call of this package.
type sabotagedKind struct {
	name   string
	direct bool // the job runs on the caller's goroutine
	jobs   int  // that run if all goes well
	held   bool // also on an object that is held
	call   func(s *stage) *futures.Future[int]
}

func sabotagedKinds() []sabotagedKind {
	none := func(call func(s *stage)) func(*stage) *futures.Future[int] {
		return func(s *stage) *futures.Future[int] { call(s); return nil }
	}
	with := func(s *stage) func(context.Context, *int) (int, error) {
		return func(context.Context, *int) (int, error) { s.job(); return 1, nil }
	}
	value := func(s *stage) func(*int) int { return func(*int) int { s.job(); return 1 } }
	plain := func(s *stage) func(*int) { return func(*int) { s.job() } }
	err := func(s *stage) func(context.Context, *int) error {
		return func(context.Context, *int) error { s.job(); return nil }
	}
	return []sabotagedKind{
		{"Async", false, 1, true, none(func(s *stage) { s.d.Async(plain(s)) })},
		{"Do", true, 1, true, none(func(s *stage) { s.d.Do(plain(s)) })},
		{"Sync", true, 1, true, none(func(s *stage) { s.d.Sync(value(s)) })},
		{"TryDo", true, 1, false, none(func(s *stage) { s.d.TryDo(plain(s)) })},
		{"TrySync", true, 1, false, none(func(s *stage) { s.d.TrySync(value(s)) })},
		{"Future", false, 1, true, func(s *stage) *futures.Future[int] { return s.d.Future(value(s)) }},
		{"After", false, 1, true, func(s *stage) *futures.Future[int] {
			source := new(futures.Promise[int])
			time.AfterFunc(10*time.Second, func() { source.Resolve(0) })
			return s.d.After(source.Future(), func(*int, int, error) int { s.job(); return 1 })
		}},
		{"Sync2", true, 1, true, none(func(s *stage) { desync.Sync2(s.d, s.e, func(*int, *int) int { s.job(); return 1 }) })},
		{"DoAll", true, 1, true, none(func(s *stage) {
			desync.DoAll([]*desync.Desync[int]{s.e, s.d}, func([]*int) { s.job() })
		})},
		{"DoContext", true, 1, true, none(func(s *stage) { s.d.DoContext(s.ctx, err(s)) })},
		{"SyncContext", true, 1, true, none(func(s *stage) { s.d.SyncContext(s.ctx, with(s)) })},
		{"FutureContext", false, 1, true, func(s *stage) *futures.Future[int] { return s.d.FutureContext(s.ctx, with(s)) }},
		{"Key.Async", false, 1, true, none(func(s *stage) { s.m.At("a").Async(plain(s)) })},
		{"Key.Do", true, 1, true, none(func(s *stage) { s.m.At("a").Do(plain(s)) })},
		{"Key.Sync", true, 1, true, none(func(s *stage) { s.m.At("a").Sync(value(s)) })},
		{"Key.Future", false, 1, true, func(s *stage) *futures.Future[int] { return s.m.At("a").Future(value(s)) }},
		{"Key.DoContext", true, 1, true, none(func(s *stage) { s.m.At("a").DoContext(s.ctx, err(s)) })},
		{"Key.SyncContext", true, 1, true, none(func(s *stage) { s.m.At("a").SyncContext(s.ctx, with(s)) })},
		{"Key.FutureContext", false, 1, true, func(s *stage) *futures.Future[int] {
			return s.m.At("a").FutureContext(s.ctx, with(s))
		}},
		{"Map.Delete", false, 0, true, none(func(s *stage) { s.m.Delete("a") })},
		{"Map.Range", true, 1, true, none(func(s *stage) {
			s.m.Range(func(string, *int) bool { s.saboteur.call("the function of Range"); s.job(); return true })
		})},
		{"Map.Wait", true, 0, true, none(func(s *stage) { s.m.Wait(s.ctx) })},
		{"Map.EvictIdle", false, 1, true, none(func(s *stage) {
			s.m.EvictIdle(time.Second, func(string, *int) { s.saboteur.call("the function of EvictIdle"); s.job() })
		})},
	}
}

// PAN-6: whatever code of the user's panics or calls Goexit, in whatever call, the
// panic goes to the caller or the handler, the object, its key and all who wait go on,
// and the call has been made whole or not at all.
func TestPAN6_WhateverCodeOfTheUsersDoesNotReturn(t *testing.T) {
	const (
		idle  = "idle"
		held  = "held"                     // for a minute
		ended = "held until ctx has ended" // and half a minute longer
	)
	for _, code := range userCode {
		fired := false
		for _, how := range []string{"panic", "Goexit"} {
			for _, k := range sabotagedKinds() {
				for _, scene := range []string{idle, held, ended} {
					if scene != idle && !k.held {
						continue
					}
					// The nth call of the code, for all that there are.
					for n, more := 1, true; more; n++ {
						more = false
						name := fmt.Sprintf("%s in call %d of %s, %s, %s", how, n, code, k.name, scene)
						synctest.Test(t, func(t *testing.T) {
							more = sabotage(t, name, &saboteur{code: code, n: n, fail: failings[how]}, k, scene != idle, scene == ended)
						})
						if t.Failed() {
							t.FailNow() // most likely the others fail the same way
						}
						fired = fired || more
					}
				}
			}
		}
		if !fired {
			t.Errorf("%s was never called: the test has shown nothing", code)
		}
	}
}

// sabotage makes the call and reports whether the saboteur has struck.
func sabotage(t *testing.T, name string, s *saboteur, k sabotagedKind, held, ended bool) bool {
	var handled, ran atomic.Int32
	opts := []desync.Option{desync.WithObserver(s), desync.WithPanicHandler(func(*desync.PanicError) { handled.Add(1) })}
	inner, cancel := context.WithCancel(t.Context())
	defer cancel()
	c := sabotagedContext{inner, s}
	st := &stage{
		saboteur: s,
		ctx:      c,
		d:        desync.New(0, opts...),
		e:        desync.New(0, opts...),
		m:        desync.NewMap(func(string) int { s.call("the constructor of NewMap"); return 0 }, opts...),
		job:      func() { ran.Add(1) },
	}
	if s.code == "ctx.AfterFunc" || s.code == "the stop of ctx.AfterFunc" {
		st.ctx = tyingContext{c}
	}
	if k.name == "Map.Range" || k.name == "Map.EvictIdle" || k.name == "Map.Delete" {
		st.m.At("a").Do(func(*int) {}) // there is a value
	}
	if held {
		time.AfterFunc(time.Minute, st.d.Suspend())
		minute := func(*int) { time.Sleep(time.Minute) }
		st.m.At("a").Async(minute)
		st.m.At("a").Async(func(*int) {}) // so that nothing is on the side of who helps
		synctest.Wait()
	}
	time.Sleep(time.Second)
	s.arm()
	if ended {
		time.AfterFunc(30*time.Second, cancel)
	}

	var f *futures.Future[int]
	var caught any
	returned, over := false, false
	go func() {
		defer func() { caught, over = recover(), true }()
		f = k.call(st)
		returned = true
	}()
	time.Sleep(10 * time.Minute)
	synctest.Wait()
	code, struck, unfinished := s.disarm()
	told, runs := int(handled.Load()), int(ran.Load())
	fail := func(format string, args ...any) {
		t.Helper()
		t.Errorf("PAN-6: "+name+": "+format, args...)
	}
	if !over {
		fail("the caller waits forever")
		return struck
	}

	// Who is told of it?
	onCaller := 0
	if caught != nil {
		onCaller = 1
	}
	switch {
	case !struck:
		if !returned || told > 0 {
			fail("returned: %v, told to the handler: %d; want nothing told", returned, told)
		}
	case f != nil && code == "the constructor of NewMap": // PAN-2
	case caught != nil && !returned && onCaller+told == 1, caught == nil && told <= 1:
		if wantPanic := strings.HasPrefix(name, "panic"); wantPanic != (onCaller+told == 1) {
			fail("the caller was told %v, the handler %d times", caught, told)
		}
		if k.direct && code != "the stop of ctx.AfterFunc" && told > 0 {
			fail("the handler was told; want the caller, whose own call it is")
		}
	default:
		fail("the caller was told %v, the handler %d times; want one of them, once", caught, told)
	}

	// Whole or not at all.
	constructor := struck && code == "the constructor of NewMap" // then no job can run
	function := struck && (code == "the function of EvictIdle" || code == "the function of Range")

	want := k.jobs
	switch {
	case constructor || function:
		want = 0
	case !returned && code != "Observer.Finished":
		want = 0
	case ended && strings.HasSuffix(k.name, "Context"):
		want = 0
	case struck && f != nil && ofContext(code) && !succeeded(f):
		want = 0
	}
	if runs != want {
		fail("the job ran %d times; want %d (the call returned: %v)", runs, want, returned)
	}
	if unfinished != 0 {
		fail("the observer was told of %d more jobs that were queued than of such that have finished", unfinished)
	}
	if f != nil {
		r, ok := f.Try()
		switch _, panicked := errors.AsType[*desync.PanicError](r.Err); {
		case !ok:
			fail("the future is pending forever")
		case runs == 1 && (r.Err != nil || r.Value != 1):
			fail("the job ran, and its future has %v, %v; want what the job returned", r.Value, r.Err)
		case runs == 0 && constructor && !panicked && !errors.Is(r.Err, futures.ErrGoexit):
			fail("the future fails with %v; want the failure of the constructor", r.Err)
		case runs == 0 && !constructor && !errors.Is(r.Err, desync.ErrNotRun):
			fail("the job has not run, and its future fails with %v; want ErrNotRun", r.Err)
		}
	}

	// All goes on.
	for i, d := range []*desync.Desync[int]{st.d, st.e} {
		if n := d.Pending(); n != 0 || !d.TryDo(func(*int) {}) {
			fail("object %d is held forever, with %d jobs pending", i, n)
		}
	}
	done := false
	go func() {
		st.m.At("a").Do(func(*int) {})
		st.m.Delete("a")
		done = true
	}()
	synctest.Wait()
	if n := st.m.Len(); !done || n != 0 {
		fail("the key goes on: %v; after Delete the map has %d keys, want none", done, n)
	}
	return struck
}

func ofContext(name string) bool { return strings.Contains(name, "ctx.") }

func succeeded(f *futures.Future[int]) bool {
	r, ok := f.Try()
	return ok && r.Err == nil
}

// PAN-6: a handler that calls Goexit ends its own goroutine alone. That a panic in it
// ends the process is documented.
func TestPAN6_AHandlerMayCallGoexit(t *testing.T) {
	told := make(chan bool, 1)
	d := desync.New(0, desync.WithPanicHandler(func(*desync.PanicError) {
		told <- true
		runtime.Goexit()
	}))
	d.Async(func(*int) { panic("a boom") })
	receive(t, told, "the handler")
	finishes(t, "a Do after the panic", func() { d.Do(func(*int) {}) })
}
