package desync_test

import (
	"context"
	"sync"
	"time"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

// userCode lists every function and method of a user's that this package calls beside
// jobs. A handler of panics has a test of its own below, since it has a goroutine of its
// own. The function that makes a published value is part of the job; see
// TestPublishedWhenViewDoesNotReturn.
var userCode = []string{
	"Observer.Queued",
	"Observer.Started",
	"Observer.Finished",
	"the constructor of NewMap",
	"the function of OnRemove",
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

// removed returns what OnRemove takes.
func (s *stage) removed() (remove func(string, *int) error, failed func(string, error)) {
	return func(string, *int) error {
		s.saboteur.call("the function of OnRemove")
		s.job()
		return nil
	}, func(string, error) {}
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
		{"Sync3", true, 1, true, none(func(s *stage) {
			desync.Sync3(s.d, desync.New(0), s.e, func(*int, *int, *int) int { s.job(); return 1 })
		})},
		{"Sync2 of a key", true, 1, true, none(func(s *stage) {
			desync.Sync2(s.m.At("a"), s.d, func(*int, *int) int { s.job(); return 1 })
		})},
		{"Sync2Context", true, 1, true, none(func(s *stage) {
			desync.Sync2Context(s.ctx, s.e, s.d, func(context.Context, *int, *int) (int, error) { s.job(); return 1, nil })
		})},
		{"a key's Sync2Context", true, 1, true, none(func(s *stage) {
			desync.Sync2Context(s.ctx, s.d, s.m.At("a"), func(context.Context, *int, *int) (int, error) { s.job(); return 1, nil })
		})},
		{"DoAllContext", true, 1, true, none(func(s *stage) {
			objects := []desync.Object[int]{s.m.At("a"), s.d, s.e}
			desync.DoAllContext(s.ctx, objects, func(context.Context, []*int) error { s.job(); return nil })
		})},
		{"Future2", false, 1, true, func(s *stage) *futures.Future[int] {
			return desync.Future2(s.d, s.e, func(*int, *int) int { s.job(); return 1 })
		}},
		{"FutureAll", false, 1, true, func(s *stage) *futures.Future[int] {
			return desync.FutureAll([]desync.Object[int]{s.e, s.m.At("a"), s.d}, func([]*int) int { s.job(); return 1 })
		}},
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
		{"Map.Delete", false, 1, true, none(func(s *stage) { s.m.OnRemove(s.removed()); s.m.Delete("a") })},
		{"Key.DeleteIf", true, 1, true, none(func(s *stage) {
			s.m.OnRemove(func(string, *int) error { s.saboteur.call("the function of OnRemove"); return nil }, func(string, error) {})
			s.m.At("a").DeleteIf(func(*int) bool { s.job(); return true })
		})},
		{"Map.Range", true, 1, true, none(func(s *stage) {
			s.m.Range(func(string, *int) bool { s.saboteur.call("the function of Range"); s.job(); return true })
		})},
		{"Map.Wait", true, 0, true, none(func(s *stage) { s.m.Wait(s.ctx) })},
		{"Map.EvictIdle", false, 1, true, none(func(s *stage) {
			s.m.OnRemove(s.removed())
			s.m.EvictIdle(time.Second)
		})},
	}
}
