package desync_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

// A striker is an observer whose nth call of one of its methods panics.
type striker struct {
	desync.NopObserver
	in string
	n  atomic.Int64
}

func (s *striker) at(in string) {
	if s.in == in && s.n.Add(-1) == 0 {
		panic("on purpose")
	}
}
func (s *striker) Queued(desync.JobInfo)   { s.at("queued") }
func (s *striker) Held(desync.JobInfo)     { s.at("held") }
func (s *striker) Started(desync.JobInfo)  { s.at("started") }
func (s *striker) Finished(desync.JobInfo) { s.at("finished") }
func (s *striker) JobContext(ctx context.Context, _ desync.JobInfo) context.Context {
	s.at("context")
	return ctx
}

// Whatever method of an observer panics, a key is not kept from going.
func TestPAN6_AKeyGoesAlthoughAnObserverPanics(t *testing.T) {
	type key = desync.Key[int, int]
	job := func(*int) {}
	for name, call := range map[string]func(ctx context.Context, a, b key){
		"async": func(_ context.Context, a, b key) { a.Async(job) },
		"do":    func(_ context.Context, a, b key) { a.Do(job) },
		"try":   func(_ context.Context, a, b key) { a.TryDo(job) },
		"doctx": func(ctx context.Context, a, b key) {
			a.DoContext(ctx, func(context.Context, *int) error { return nil })
		},
		"futctx":  func(ctx context.Context, a, b key) { inFuture(ctx, a) },
		"fut":     func(ctx context.Context, a, b key) { a.Future(func(*int) int { return 0 }) },
		"suspend": func(ctx context.Context, a, b key) { a.Suspend()() },
		"suspend2": func(ctx context.Context, a, b key) {
			resume := a.Suspend()
			defer survive(resume)
			time.Sleep(time.Second)
			a.Async(job)
		},
		"after": func(ctx context.Context, a, b key) {
			p := new(futures.Promise[int])
			defer p.Resolve(1)
			after(a, p.Future(), job)
			time.Sleep(time.Second)
		},
		"sync2": func(ctx context.Context, a, b key) { desync.Sync2(a, b, func(*int, *int) int { return 0 }) },
		"sync2ctx": func(ctx context.Context, a, b key) {
			desync.Sync2Context(ctx, a, b, func(context.Context, *int, *int) (int, error) { return 0, nil })
		},
		"future2": func(ctx context.Context, a, b key) { desync.Future2(a, b, func(*int, *int) int { return 0 }) },
		"doallctx": func(ctx context.Context, a, b key) {
			desync.DoAllContext(ctx, []key{a, b}, func(context.Context, []*int) error { return nil })
		},
		"delete": func(_ context.Context, a, _ key) { a.Do(job) },
	} {
		for _, in := range []string{"queued", "held", "started", "finished", "context"} {
			for n := 1; n <= 3; n++ {
				for _, busy := range []string{"", "a", "b"} {
					for _, canceled := range []bool{false, true} {
						synctest.Test(t, func(t *testing.T) {
							s := &striker{in: in}
							m := desync.NewMap(func(int) int { return 0 },
								desync.WithObserver(s), desync.WithPanicHandler(func(*desync.PanicError) {}))
							a, b := m.At(1), m.At(2)
							gate := make(chan struct{})
							switch busy {
							case "a":
								a.Async(func(*int) { <-gate })
							case "b":
								b.Async(func(*int) { <-gate })
							}
							synctest.Wait()
							s.n.Store(int64(n))
							ctx, cancel := context.WithCancel(t.Context())
							defer cancel()
							go survive(func() { call(ctx, a, b) })
							time.Sleep(2 * time.Second) // of the bubble: calls that sleep go on
							if canceled {
								cancel()
								synctest.Wait()
							}
							survive(func() { m.Delete(1) })
							close(gate)
							synctest.Wait()
							s.n.Store(0) // no more
							a.Do(job)
							b.Do(job)
							m.Delete(1)
							m.Delete(2)
							synctest.Wait()
							if m.Len() != 0 {
								t.Errorf("%s, call %d of %s panics, busy: %q, canceled: %t: %d keys are left, want 0", name, n, in, busy, canceled, m.Len())
							}
						})
					}
				}
			}
		}
	}
}
