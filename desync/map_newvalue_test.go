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

var errLoad = errors.New("no such file")

// A makingCall makes a value with each call that does.
type makingCall struct {
	name string
	call func(ctx context.Context, k desync.Key[string, int], job func(*int)) error // of the call or its future, or the panic's
}

// byPanic returns the error that call panics with.
func byPanic(call func()) error {
	switch v := caught(call).(type) {
	case nil:
		return nil
	case error:
		return v
	default:
		return fmt.Errorf("a panic with a %T: %v", v, v)
	}
}

// endedJob is a Job that tells how it has ended.
type endedJob struct {
	job   func(*int)
	ended chan error
}

func (j endedJob) Run(n *int)      { j.job(n) }
func (j endedJob) Ended(err error) { j.ended <- err }

func makingCalls() []makingCall {
	type key = desync.Key[string, int]
	of := func(f *futures.Future[int]) error { _, err := f.Await(context.Background()); return err }
	with := func(job func(*int)) func(*int) int { return func(n *int) int { job(n); return 0 } }
	return []makingCall{
		{"Do", func(_ context.Context, k key, job func(*int)) error { return byPanic(func() { k.Do(job) }) }},
		{"Sync", func(_ context.Context, k key, job func(*int)) error { return byPanic(func() { k.Sync(with(job)) }) }},
		{"TryDo", func(_ context.Context, k key, job func(*int)) error { return byPanic(func() { k.TryDo(job) }) }},
		{"TrySync", func(_ context.Context, k key, job func(*int)) error {
			return byPanic(func() { k.TrySync(with(job)) })
		}},
		{"Sync1", func(_ context.Context, k key, job func(*int)) error {
			return byPanic(func() { desync.Sync1(k, with(job)) })
		}},
		{"Sync2", func(_ context.Context, k key, job func(*int)) error {
			return byPanic(func() { desync.Sync2(desync.New(0), k, func(_, n *int) int { job(n); return 0 }) })
		}},
		{"DoAll", func(_ context.Context, k key, job func(*int)) error {
			return byPanic(func() { desync.DoAll([]key{k}, func(ns []*int) { job(ns[0]) }) })
		}},
		{"Future", func(_ context.Context, k key, job func(*int)) error { return of(k.Future(with(job))) }},
		{"After", func(_ context.Context, k key, job func(*int)) error {
			return of(k.After(futures.Resolved(1), func(n *int, _ int, _ error) int { job(n); return 0 }))
		}},
		{"Submit", func(_ context.Context, k key, job func(*int)) error {
			j := endedJob{job, make(chan error, 1)}
			k.Submit(j)
			return <-j.ended
		}},
		{"DoContext", func(ctx context.Context, k key, job func(*int)) error {
			return k.DoContext(ctx, func(_ context.Context, n *int) error { job(n); return nil })
		}},
		{"SyncContext", func(ctx context.Context, k key, job func(*int)) error {
			_, err := k.SyncContext(ctx, func(_ context.Context, n *int) (int, error) { job(n); return 0, nil })
			return err
		}},
		{"FutureContext", func(ctx context.Context, k key, job func(*int)) error {
			return of(k.FutureContext(ctx, func(_ context.Context, n *int) (int, error) { job(n); return 0, nil }))
		}},
	}
}

func TestKEY_AValueThatCannotBeMade(t *testing.T) {
	for _, observed := range []bool{false, true} {
		for _, c := range makingCalls() {
			opts := []desync.Option{desync.WithName("files"), desync.WithPanicHandler(func(p *desync.PanicError) {
				t.Errorf("%s: the handler of panics is told of %v", c.name, p.Value)
			})}
			if observed {
				opts = append(opts, desync.WithObserver(desync.NopObserver{}))
			}
			made := 0
			m := desync.NewMapContext(func(ctx context.Context, key string) (int, error) {
				if made++; made < 3 {
					return 7, errLoad
				}
				return made, nil
			}, func(_ string, err error) {
				if c.name != "Submit" || err != errLoad {
					t.Errorf("%s: the handler for Async and Submit is told of %v", c.name, err)
				}
			}, opts...)
			for try := range 2 {
				err := c.call(t.Context(), m.At("a"), func(*int) { t.Errorf("%s: the job has run without a value", c.name) })
				e, ok := errors.AsType[*desync.ValueError](err)
				if !ok || !errors.Is(err, errLoad) || !errors.Is(err, desync.ErrNotRun) || e.Err != errLoad || e.Key != "a" || e.Object != `"files"` {
					t.Errorf("%s, try %d: the error is %#v; want a ValueError that wraps the one of the function", c.name, try, err)
				} else if want := `desync: the value of a key of "files" could not be made: no such file`; e.Error() != want {
					t.Errorf("the text is %s; want %s", e, want)
				}
				eventually(t, func() bool { return m.Len() == 0 }, c.name+": nothing is kept")
			}
			got := 0
			if err := c.call(t.Context(), m.At("a"), func(n *int) { got = *n }); err != nil || got != 3 {
				t.Errorf("%s: the third try has failed with %v, or got %d; want 3", c.name, err, got)
			}
		}
	}
}

func TestKEY_AsyncTellsTheHandler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m *desync.Map[string, int]
		var told []string
		fails := true
		m = desync.NewMapContext(func(_ context.Context, key string) (int, error) {
			if fails {
				return 0, errLoad
			}
			return 5, nil
		}, func(key string, err error) {
			if err != errLoad {
				t.Errorf("the handler is told of %v; want what the function has returned", err)
			}
			told = append(told, key)
			fails = false
			m.At(key).Do(func(n *int) { told = append(told, fmt.Sprint(*n)) }) // it holds nothing
		})
		m.At("a").Async(func(*int) { t.Error("the job has run without a value") })
		synctest.Wait()
		if got := fmt.Sprint(told); got != "[a 5]" {
			t.Errorf("the handler was told, and saw: %s; want [a 5]", got)
		}
	})
}

type contextKey struct{}

// The function gets the context of the call, and the key is held along it.
func TestKEY_TheFunctionGetsTheContext(t *testing.T) {
	for _, c := range makingCalls() {
		var m *desync.Map[string, int]
		m = desync.NewMapContext(func(ctx context.Context, key string) (int, error) {
			want := any(nil)
			if strings.HasSuffix(c.name, "Context") {
				want = "value"
			}
			if got := ctx.Value(contextKey{}); got != want {
				t.Errorf("%s: the function's context has %v; want %v", c.name, got, want)
			}
			err := m.At(key).DoContext(ctx, func(context.Context, *int) error { return nil })
			if _, ok := errors.AsType[*desync.DeadlockError](err); !ok {
				t.Errorf("%s: NST-3: a call for its own key returns %v; want a DeadlockError", c.name, err)
			}
			err = m.Wait(ctx)
			if _, ok := errors.AsType[*desync.DeadlockError](err); !ok {
				t.Errorf("%s: NST-3: Wait returns %v; want a DeadlockError", c.name, err)
			}
			return 1, nil
		}, func(string, error) {})
		ctx := context.WithValue(t.Context(), contextKey{}, "value")
		if err := c.call(ctx, m.At("a"), func(*int) {}); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// The context ends while the value is being made: this call fails, and those behind make it.
func TestCAN1_TheContextEndsWhileTheValueIsMade(t *testing.T) {
	for _, c := range makingCalls() {
		if !strings.HasSuffix(c.name, "Context") {
			continue
		}
		synctest.Test(t, func(t *testing.T) {
			var made atomic.Int64
			m := desync.NewMapContext(func(ctx context.Context, key string) (int, error) {
				made.Add(1)
				select {
				case <-ctx.Done():
					return 0, context.Cause(ctx)
				case <-time.After(time.Minute):
					return 1, nil
				}
			}, func(string, error) {})
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			var behind sync.WaitGroup
			behind.Go(func() {
				time.Sleep(time.Millisecond)
				m.At("a").Do(func(*int) {})
			})
			err := c.call(ctx, m.At("a"), func(*int) { t.Errorf("%s: the job has run", c.name) })
			if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, desync.ErrNotRun) {
				t.Errorf("%s: CAN-1: the error is %v; want one that matches ErrNotRun and the context's", c.name, err)
			}
			behind.Wait()
			if n := made.Load(); n != 2 {
				t.Errorf("%s: the function was called %d times; want twice", c.name, n)
			}
			// A context that has ended before makes nothing.
			if err := c.call(ctx, m.At("b"), func(*int) {}); !errors.Is(err, desync.ErrNotRun) || made.Load() != 2 {
				t.Errorf("%s: CAN-1: with a context that has ended: %v, %d calls", c.name, err, made.Load())
			}
		})
	}
}

// A panic or Goexit of the function is none of its errors.
func TestPAN6_AFunctionThatMakesNoValueBecauseItPanics(t *testing.T) {
	for _, c := range makingCalls() {
		m := desync.NewMapContext(func(context.Context, string) (int, error) { panic(errLoad) },
			func(string, error) { t.Errorf("%s: the handler of errors is told of a panic", c.name) })
		var err error
		if panicked := byPanic(func() {
			err = c.call(t.Context(), m.At("a"), func(*int) { t.Errorf("%s: the job has run", c.name) })
		}); panicked != nil {
			err = panicked // of DoContext and SyncContext
		}
		if _, ok := errors.AsType[*desync.ValueError](err); ok || !errors.Is(err, errLoad) {
			t.Errorf("%s: PAN-6: the error is %v; want the panic's", c.name, err)
		}
		eventually(t, func() bool { return m.Len() == 0 }, c.name+": nothing is kept")
	}
}

func TestPAN6_AFunctionThatMakesNoValueBecauseItEndsItsGoroutine(t *testing.T) {
	m := desync.NewMapContext(func(context.Context, string) (int, error) { runtime.Goexit(); return 0, nil }, func(string, error) {})
	finishes(t, "Do", func() { m.At("a").Do(func(*int) {}) })
	if _, err := m.At("a").Future(func(*int) int { return 0 }).Await(t.Context()); !errors.Is(err, futures.ErrGoexit) {
		t.Errorf("PAN-5: the future fails with %v", err)
	}
	eventually(t, func() bool { return m.Len() == 0 }, "nothing is kept")
}

// Sync2 makes the first value and not the second: the job does not run, and both go on.
func TestKEY_OneOfTwoValuesCannotBeMade(t *testing.T) {
	m := desync.NewMapContext(func(_ context.Context, key string) (int, error) {
		if key == "bad" {
			return 0, errLoad
		}
		return 1, nil
	}, func(string, error) {})
	for _, pair := range [][2]string{{"good", "bad"}, {"bad", "good"}} {
		err := byPanic(func() {
			desync.Sync2(m.At(pair[0]), m.At(pair[1]), func(*int, *int) int { t.Error("the job has run"); return 0 })
		})
		if !errors.Is(err, errLoad) {
			t.Errorf("Sync2 of %q panics with %v", pair, err)
		}
		if !m.At("good").TryDo(func(*int) {}) || m.At("bad").Pending() != 0 {
			t.Error("PAN-4: a key is held after it")
		}
	}
}

func TestNewMapContextMisuse(t *testing.T) {
	for want, call := range map[string]func(){
		"desync: NewMapContext: the function that makes values is nil": func() {
			desync.NewMapContext[string, int](nil, func(string, error) {})
		},
		"desync: NewMapContext: the function that is told of errors is nil; it is told when the value for an Async cannot be made": func() {
			desync.NewMapContext(func(context.Context, string) (int, error) { return 0, nil }, nil)
		},
	} {
		if got := caught(call); got != want {
			t.Errorf("the panic is %v; want %s", got, want)
		}
	}
}

// A file is loaded when it is first used. If it cannot be, the next call tries again.
func ExampleNewMapContext() {
	files := map[string]string{}
	pages := desync.NewMapContext(func(ctx context.Context, name string) (string, error) {
		if text, ok := files[name]; ok {
			return text, ctx.Err()
		}
		return "", errors.New("no such file")
	}, func(name string, err error) { fmt.Println("loading", name, "in the background:", err) })
	show := func() (string, error) {
		return pages.At("index").SyncContext(context.Background(), func(_ context.Context, page *string) (string, error) {
			return *page, nil
		})
	}
	_, err := show()
	fmt.Println(err)
	files["index"] = "hello"
	fmt.Println(show())
	// Output:
	// desync: the value of a key of desync.Map[string,string] could not be made: no such file
	// hello <nil>
}

func ExampleValueError() {
	errMissing := errors.New("no such user")
	users := desync.NewMapContext(func(ctx context.Context, name string) (int, error) {
		return 0, errMissing
	}, func(name string, err error) {})
	_, err := users.At("ann").Future(func(visits *int) int { return *visits }).Await(context.Background())
	if e, ok := errors.AsType[*desync.ValueError](err); ok {
		fmt.Println(e.Key, e.Err)
	}
	fmt.Println(errors.Is(err, errMissing), errors.Is(err, desync.ErrNotRun))
	// Output:
	// ann no such user
	// true true
}
