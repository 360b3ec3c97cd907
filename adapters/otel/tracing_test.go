package otel

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/go-desync/go-desync/desync"
)

// A traced is a provider of tracers that records, and an observer that uses it.
type traced struct {
	*tracing
	provider *sdktrace.TracerProvider
	recorder *tracetest.SpanRecorder
}

func newTraced(t *testing.T, opts ...TracingOption) *traced {
	t.Helper()
	recorder := tracetest.NewSpanRecorder()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder))
	x := &traced{tracing: Tracing(provider, opts...).(*tracing), provider: provider, recorder: recorder}
	t.Cleanup(func() {
		if s, e := len(recorder.Started()), len(recorder.Ended()); s != e {
			t.Errorf("%d spans were started, and %d have ended", s, e)
		}
		x.mustKeepNothing(t)
	})
	return x
}

func (x *traced) mustKeepNothing(t *testing.T) {
	t.Helper()
	for _, m := range []*sync.Map{&x.spans, &x.sets} {
		m.Range(func(k, v any) bool {
			t.Errorf("kept after the end: %v: %v", k, v)
			return true
		})
	}
}

func (x *traced) start(ctx context.Context, name string) (context.Context, trace.Span) {
	return x.provider.Tracer("test").Start(ctx, name)
}

// named returns the only span that has ended with that name.
func (x *traced) named(t *testing.T, name string) sdktrace.ReadOnlySpan {
	t.Helper()
	var found sdktrace.ReadOnlySpan
	for _, s := range x.recorder.Ended() {
		if s.Name() == name {
			if found != nil {
				t.Fatalf("two spans have the name %q", name)
			}
			found = s
		}
	}
	if found == nil {
		t.Fatalf("no span has the name %q; there are %q", name, x.names())
	}
	return found
}

// names returns the names of the spans in the order in which they ended.
func (x *traced) names() (names []string) {
	for _, s := range x.recorder.Ended() {
		names = append(names, s.Name())
	}
	return names
}

func attr(s sdktrace.ReadOnlySpan, key attribute.Key) any {
	for _, kv := range s.Attributes() {
		if kv.Key == key {
			return kv.Value.AsInterface()
		}
	}
	return nil
}

// contextCalls are calls with a context on an object named a, and for several also on b.
// Job gets the context of the job.
func contextCalls(x *traced, job func(ctx context.Context) error) map[string]func(ctx context.Context) {
	a := desync.New(0, desync.WithName("a"), desync.WithObserver(x))
	b := desync.New("", desync.WithName("b"), desync.WithObserver(x))
	m := desync.NewMap(func(string) int { return 0 }, desync.WithName("a"), desync.WithObserver(x))
	return map[string]func(context.Context){
		"do a": func(ctx context.Context) {
			a.DoContext(ctx, func(ctx context.Context, _ *int) error { return job(ctx) })
		},
		"do a, of SyncContext on a key": func(ctx context.Context) {
			m.At("key").SyncContext(ctx, func(ctx context.Context, _ *int) (int, error) { return 0, job(ctx) })
		},
		"future a": func(ctx context.Context) {
			a.FutureContext(ctx, func(ctx context.Context, _ *int) (int, error) { return 0, job(ctx) }).Await(context.Background())
		},
		"future a, on a key": func(ctx context.Context) {
			m.At("key").FutureContext(ctx, func(ctx context.Context, _ *int) (int, error) { return 0, job(ctx) }).Await(context.Background())
		},
		"several a": func(ctx context.Context) {
			desync.Sync2Context(ctx, a, b, func(ctx context.Context, _ *int, _ *string) (int, error) { return 0, job(ctx) })
		},
		"several a, of DoAllContext": func(ctx context.Context) {
			desync.DoAllContext(ctx, []desync.Key[string, int]{m.At("key"), m.At("other key")}, func(ctx context.Context, _ []*int) error { return job(ctx) })
		},
	}
}

// spanOf returns the name of the span of one of contextCalls.
func spanOf(call string) string {
	name, _, _ := strings.Cut(call, ",")
	return name
}

func TestSpansNest(t *testing.T) {
	for call := range contextCalls(new(traced), nil) {
		t.Run(call, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				x := newTraced(t)
				ctx, caller := x.start(t.Context(), "caller")
				calls := contextCalls(x, func(ctx context.Context) error {
					time.Sleep(time.Second)
					_, inner := x.start(ctx, "inner")
					inner.End()
					return nil
				})
				calls[call](ctx)
				synctest.Wait()
				caller.End()

				if got, want := x.names(), []string{"inner", spanOf(call), "caller"}; !slices.Equal(got, want) {
					t.Fatalf("spans %q, want %q", got, want)
				}
				job, inner := x.named(t, spanOf(call)), x.named(t, "inner")
				if got, want := job.Parent().SpanID(), caller.SpanContext().SpanID(); got != want {
					t.Errorf("the span of the job has the parent %v, want the caller's %v", got, want)
				}
				if got, want := inner.Parent().SpanID(), job.SpanContext().SpanID(); got != want {
					t.Errorf("the span made by the job has the parent %v, want the job's %v", got, want)
				}
				if got := job.EndTime().Sub(job.StartTime()); got != time.Second {
					t.Errorf("the span of a job of 1s lasts %v", got)
				}
				if job.SpanKind() != trace.SpanKindInternal || job.Status().Code != codes.Unset {
					t.Errorf("kind %v, status %v; want internal and unset", job.SpanKind(), job.Status())
				}
				if got := attr(job, outcomeKey); got != "returned" {
					t.Errorf("outcome %v, want returned", got)
				}
				if text := fmt.Sprint(job.Name(), job.Attributes()); strings.Contains(text, "other key") || strings.Contains(text, "key]") {
					t.Errorf("the span shows a key: %s", text)
				}
			})
		})
	}
}

func TestACallForSeveralObjectsHasOneSpan(t *testing.T) {
	x := newTraced(t)
	a := desync.New(0, desync.WithName("a"), desync.WithObserver(x))
	b := desync.New(0, desync.WithName("b"), desync.WithObserver(x))
	c := desync.New(0, desync.WithName("c"))
	desync.DoAllContext(t.Context(), []*desync.Desync[int]{a, c, b}, func(context.Context, []*int) error { return nil })
	span := x.named(t, "several a")
	if got := fmt.Sprint(attr(span, namesKey)); got != "[a b]" {
		t.Errorf("names %v, want those of the observed objects, a and b", got)
	}
	desync.DoAllContext(t.Context(), []*desync.Desync[int]{c, b}, func(context.Context, []*int) error { return nil })
	if got := attr(x.named(t, "several b"), namesKey); got != nil {
		t.Errorf("names %v of a call with one observed object, want none", got)
	}

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	desync.DoAllContext(ctx, []*desync.Desync[int]{a, b}, func(context.Context, []*int) error { return nil })
	span = x.named(t, "wait for several a")
	if got := fmt.Sprint(attr(span, namesKey)); got != "[a b]" || span.Status().Code != codes.Error {
		t.Errorf("a call that has not run: names %v, status %v", got, span.Status())
	}
	if got := len(x.recorder.Ended()); got != 3 {
		t.Errorf("%d spans of 3 calls: %q", got, x.names())
	}
}

func TestCallsWithoutAContextHaveNoSpan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newTraced(t)
		a := desync.New(0, desync.WithObserver(x))
		b := desync.New(0, desync.WithObserver(x))
		a.Do(func(*int) {})
		a.Async(func(*int) {})
		a.TryDo(func(*int) {})
		resume := a.Suspend()
		f := a.Future(func(*int) int { return 0 })
		desync.Future2(a, b, func(_, _ *int) int { return 0 })
		g := b.After(f, func(*int, int, error) int { return 0 })
		resume()
		desync.Sync2(a, b, func(_, _ *int) int { return 0 })
		g.Await(t.Context())
		synctest.Wait()
		if got := x.recorder.Started(); len(got) != 0 {
			t.Errorf("spans %q", x.names())
		}
	})
}

func TestHowAJobEndsIsItsStatus(t *testing.T) {
	wrong := errors.New("out of stock\xff")
	tests := []struct {
		name    string
		job     func() error
		outcome string
		status  sdktrace.Status
	}{
		{"nil", func() error { return nil }, "returned", sdktrace.Status{}},
		{"error", func() error { return wrong }, "returned", sdktrace.Status{Code: codes.Error, Description: "out of stock\uFFFD"}},
		{"panic", func() error { panic("x") }, "unwound", sdktrace.Status{Code: codes.Error, Description: "the job panicked or called runtime.Goexit"}},
		{"Goexit", func() error { runtime.Goexit(); return nil }, "unwound", sdktrace.Status{Code: codes.Error, Description: "the job panicked or called runtime.Goexit"}},
	}
	for call := range contextCalls(new(traced), nil) {
		for _, test := range tests {
			t.Run(call+"/"+test.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					x := newTraced(t)
					do := contextCalls(x, func(context.Context) error { return test.job() })[call]
					apart(func() { do(t.Context()) })
					synctest.Wait()
					span := x.named(t, spanOf(call))
					if got := attr(span, outcomeKey); got != test.outcome {
						t.Errorf("outcome %v, want %v", got, test.outcome)
					}
					got := span.Status()
					if got.Code == codes.Error && strings.HasPrefix(call, "future") && test.outcome == "unwound" {
						got.Description = test.status.Description // it is the text of the future's error
					}
					if got != test.status {
						t.Errorf("status %+v, want %+v", got, test.status)
					}
				})
			})
		}
	}
}

// apart runs f, which may not return, on a goroutine of its own, and waits for its end.
func apart(f func()) {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer func() { _ = recover() }()
		f()
	}()
	<-ended
}

func TestAJobThatNeverRunsHasASpanOfItsWait(t *testing.T) {
	for call := range contextCalls(new(traced), nil) {
		t.Run(call, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				x := newTraced(t)
				a := desync.New(0, desync.WithName("a"), desync.WithObserver(x))
				b := desync.New(0, desync.WithName("b"), desync.WithObserver(x))
				resume := a.Suspend()
				caller, span := x.start(t.Context(), "caller")
				ctx, cancel := context.WithTimeout(caller, 2*time.Second)
				defer cancel()
				job := func(context.Context) error { t.Error("the job has run"); return nil }
				switch spanOf(call) {
				case "do a":
					a.DoContext(ctx, func(ctx context.Context, _ *int) error { return job(ctx) })
				case "future a":
					a.FutureContext(ctx, func(ctx context.Context, _ *int) (int, error) { return 0, job(ctx) }).Await(t.Context())
				case "several a":
					desync.Sync2Context(ctx, a, b, func(ctx context.Context, _, _ *int) (int, error) { return 0, job(ctx) })
				}
				synctest.Wait()
				resume()
				span.End()
				wait := x.named(t, "wait for "+spanOf(call))
				if got := wait.EndTime().Sub(wait.StartTime()); got != 2*time.Second {
					t.Errorf("the span of a wait of 2s lasts %v", got)
				}
				if wait.Parent().SpanID() != span.SpanContext().SpanID() {
					t.Errorf("its parent is not the span of the caller")
				}
				if s := wait.Status(); s.Code != codes.Error || !strings.Contains(s.Description, "deadline exceeded") {
					t.Errorf("status %+v, want the error of the call", s)
				}
				if got := attr(wait, outcomeKey); got != "not_run" {
					t.Errorf("outcome %v, want not_run", got)
				}
				if got := len(x.recorder.Ended()); got != 2 {
					t.Errorf("spans %q, want two", x.names())
				}
			})
		})
	}
}

func TestLinked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newTraced(t, Linked(), WaitSpans(0))
		ctx, caller := x.start(t.Context(), "caller")
		calls := contextCalls(x, func(ctx context.Context) error {
			_, inner := x.start(ctx, "inner")
			inner.End()
			return nil
		})
		calls["future a"](ctx)
		synctest.Wait()
		job, inner := x.named(t, "future a"), x.named(t, "inner")
		if job.Parent().IsValid() || job.SpanContext().TraceID() == caller.SpanContext().TraceID() {
			t.Errorf("the job is part of the caller's trace")
		}
		if len(job.Links()) != 1 || !job.Links()[0].SpanContext.Equal(caller.SpanContext()) {
			t.Errorf("links %v, want one to the caller", job.Links())
		}
		if inner.Parent().SpanID() != job.SpanContext().SpanID() {
			t.Errorf("the span made by the job is not a child of the job's")
		}
		// What the caller waits for is part of its trace.
		calls["do a"](ctx)
		calls["several a"](ctx)
		caller.End()
		for _, name := range []string{"do a", "several a"} {
			if s := x.named(t, name); s.Parent().SpanID() != caller.SpanContext().SpanID() || len(s.Links()) != 0 {
				t.Errorf("%s: the span is not a plain child of the caller's", name)
			}
		}
	})
	t.Run("without a caller's span", func(t *testing.T) {
		x := newTraced(t, Linked())
		contextCalls(x, func(context.Context) error { return nil })["future a"](t.Context())
		x.mustFinish(t)
		if links := x.named(t, "future a").Links(); len(links) != 0 {
			t.Errorf("links %v, want none", links)
		}
	})
}

// mustFinish waits until all spans that were started have ended: Finished may follow an
// Await.
func (x *traced) mustFinish(t *testing.T) {
	t.Helper()
	for ctx := t.Context(); len(x.recorder.Started()) != len(x.recorder.Ended()); runtime.Gosched() {
		if ctx.Err() != nil {
			t.Fatal(ctx.Err())
		}
	}
}

func TestWaitSpans(t *testing.T) {
	const wait = 10 * time.Millisecond
	for _, test := range []struct {
		opts []TracingOption
		want []string
	}{
		{nil, []string{"do a"}},
		{[]TracingOption{WaitSpans(0)}, []string{"wait for do a", "do a"}},
		{[]TracingOption{WaitSpans(wait)}, []string{"wait for do a", "do a"}},
		{[]TracingOption{WaitSpans(wait + 1)}, []string{"do a"}},
	} {
		synctest.Test(t, func(t *testing.T) {
			x := newTraced(t, test.opts...)
			a := desync.New(0, desync.WithName("a"), desync.WithObserver(x))
			job := func(context.Context, *int) error { return nil }
			ctx, caller := x.start(t.Context(), "caller")
			a.DoContext(ctx, job) // it does not wait
			a.Async(func(*int) { time.Sleep(wait) })
			synctest.Wait()
			a.DoContext(ctx, job)
			caller.End()
			if got := x.names(); !slices.Equal(got[1:len(got)-1], test.want) || got[0] != "do a" {
				t.Fatalf("spans %q; want do a, of a job that has not waited, and then %q", got, test.want)
			}
			for _, s := range x.recorder.Ended()[1:] {
				if s.Name() == "caller" {
					continue
				}
				if s.Parent().SpanID() != caller.SpanContext().SpanID() {
					t.Errorf("%s is not a child of the caller's span", s.Name())
				}
				switch d := s.EndTime().Sub(s.StartTime()); {
				case s.Name() == "do a":
					if got := attr(s, waitKey); got != wait.Seconds() {
						t.Errorf("the span of the job says that it has waited %v s, want %v", got, wait.Seconds())
					}
				case d != wait:
					t.Errorf("the span of a wait of %v lasts %v", wait, d)
				}
			}
		})
	}
}

// A key is in no span, however its calls end.
func TestNoSpanHasAKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const planted = "planted key"
		x := newTraced(t, WaitSpans(0))
		m := desync.NewMap(func(string) int { return 0 }, desync.WithName("m"), desync.WithObserver(x))
		k := m.At(planted)
		job := func(context.Context, *int) error { return nil }
		resume := k.Suspend()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		k.DoContext(ctx, job)
		desync.DoAllContext(ctx, []desync.Key[string, int]{k, m.At("other")}, func(context.Context, []*int) error { return nil })
		resume()
		k.DoContext(t.Context(), func(ctx context.Context, _ *int) error {
			//desyncvet:ignore selfwait that it is a deadlock is what is tested
			return fmt.Errorf("wrapped: %w", k.DoContext(ctx, job)) // a deadlock
		})
		k.FutureContext(t.Context(), func(ctx context.Context, _ *int) (int, error) {
			//desyncvet:ignore selfwait as above
			return 0, k.DoContext(ctx, job)
		})
		synctest.Wait()
		deadlocks := 0
		for _, s := range x.recorder.Ended() {
			if text := fmt.Sprint(s.Name(), s.Attributes(), s.Status(), s.Events()); strings.Contains(text, "planted") {
				t.Errorf("a span shows a key: %s", text)
			}
			if strings.Contains(s.Status().Description, "deadlock") {
				deadlocks++
			}
		}
		if len(x.recorder.Ended()) < 6 || deadlocks != 4 {
			t.Errorf("%d spans, %d of deadlocks: %q", len(x.recorder.Ended()), deadlocks, x.names())
		}
	})
}

// Spans that nobody records are kept nowhere, and still pass on their context.
func TestSpansThatAreNotSampled(t *testing.T) {
	recorder := tracetest.NewSpanRecorder()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder), sdktrace.WithSampler(sdktrace.NeverSample()))
	x := &traced{tracing: Tracing(provider, WaitSpans(0)).(*tracing), provider: provider, recorder: recorder}
	for name, call := range contextCalls(x, func(ctx context.Context) error {
		if c := trace.SpanContextFromContext(ctx); !c.IsValid() || c.IsSampled() {
			t.Errorf("the context of the job has the span %+v; want one that is not sampled", c)
		}
		x.spans.Range(func(k, v any) bool {
			t.Errorf("kept: %v: %v", k, v)
			return true
		})
		return nil
	}) {
		ctx, cancel := context.WithCancel(t.Context())
		call(ctx)
		cancel()
		call(ctx)
		if got := recorder.Started(); len(got) != 0 {
			t.Errorf("%s: %d spans are recorded", name, len(got))
		}
	}
}

// Two observers make a span each, and one that is given twice makes one.
func TestSeveralTracingsOfAnObject(t *testing.T) {
	x, y := newTraced(t), newTraced(t)
	a := desync.New(0, desync.WithName("a"), desync.WithObserver(x), desync.WithObserver(y))
	b := desync.New(0, desync.WithName("b"), desync.WithObserver(y))
	a.DoContext(t.Context(), func(context.Context, *int) error { return nil })
	outer, inner := x.named(t, "do a"), y.named(t, "do a")
	if inner.Parent().SpanID() != outer.SpanContext().SpanID() {
		t.Errorf("the second observer's span is not a child of the first one's")
	}
	desync.Sync2Context(t.Context(), a, b, func(context.Context, *int, *int) (int, error) { return 0, nil })
	x.named(t, "several a")
	y.named(t, "several a")

	z := newTraced(t)
	c := desync.New(0, desync.WithName("c"), desync.WithObserver(z), desync.WithObserver(z))
	c.DoContext(t.Context(), func(context.Context, *int) error { return nil })
	desync.Sync2Context(t.Context(), b, c, func(context.Context, *int, *int) (int, error) { return 0, nil })
	z.named(t, "several c")
}

// A panicky panics in one of its methods.
type panicky struct {
	desync.NopObserver
	in string
}

func (p *panicky) at(method string) {
	if p.in == method {
		panic("on purpose")
	}
}
func (p *panicky) Queued(desync.JobInfo)   { p.at("queued") }
func (p *panicky) Started(desync.JobInfo)  { p.at("started") }
func (p *panicky) Finished(desync.JobInfo) { p.at("finished") }
func (p *panicky) JobContext(ctx context.Context, _ desync.JobInfo) context.Context {
	p.at("context")
	return ctx
}

func TestObserversThatPanicLeaveNoSpanOpen(t *testing.T) {
	for _, in := range []string{"queued", "started", "context", "finished"} {
		for name := range contextCalls(new(traced), nil) {
			synctest.Test(t, func(t *testing.T) {
				x := newTraced(t) // looks for spans that have not ended
				p := &panicky{in: in}
				quiet := desync.WithPanicHandler(func(*desync.PanicError) {})
				first := desync.New(0, desync.WithObserver(p), desync.WithObserver(x), quiet)
				last := desync.New(0, desync.WithObserver(x), desync.WithObserver(p), quiet)
				other := desync.New(0, desync.WithObserver(x))
				job := func(context.Context, *int) error { return nil }
				for _, d := range []*desync.Desync[int]{first, last} {
					apart(func() {
						switch spanOf(name) {
						case "do a":
							d.DoContext(t.Context(), job)
						case "future a":
							d.FutureContext(t.Context(), func(context.Context, *int) (int, error) { return 0, nil }).Await(t.Context())
						case "several a":
							desync.DoAllContext(t.Context(), []*desync.Desync[int]{d, other}, func(context.Context, []*int) error { return nil })
						}
					})
				}
				synctest.Wait()
			})
		}
	}
}

type rudeError struct{}

func (rudeError) Error() string { panic("on purpose") }

func TestAnErrorThatCannotBePrintedEndsItsSpan(t *testing.T) {
	x := newTraced(t)
	a := desync.New(0, desync.WithName("a"), desync.WithObserver(x))
	apart(func() {
		a.DoContext(t.Context(), func(context.Context, *int) error { return rudeError{} })
	})
	x.named(t, "do a")
}

// Nothing is kept of calls that have not come to their turn.
func TestQueuedJobsTakeNoMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newTraced(t)
		a := desync.New(0, desync.WithObserver(x))
		resume := a.Suspend()
		for range 100 {
			a.FutureContext(t.Context(), func(context.Context, *int) (int, error) { return 0, nil })
		}
		x.mustKeepNothing(t)
		resume()
		synctest.Wait()
		if got := len(x.recorder.Ended()); got != 100 {
			t.Errorf("%d spans of 100 jobs", got)
		}
	})
}

func TestEachCallHasOneSpan(t *testing.T) {
	x := newTraced(t, WaitSpans(time.Hour))
	job := func(context.Context, *int) error { return nil }
	both := func(context.Context, *int, *int) (int, error) { return 0, nil }
	m := desync.NewMap(func(int) int { return 0 }, desync.WithName("m"), desync.WithObserver(x))
	a := desync.New(0, desync.WithName("a"), desync.WithObserver(x))
	const goroutines, rounds = 8, 50
	var wg sync.WaitGroup
	for g := range goroutines {
		wg.Go(func() {
			for i := range rounds {
				ctx, cancel := context.WithCancel(t.Context())
				later := make(chan struct{})
				go func() {
					defer close(later)
					if i%3 != 0 {
						cancel()
					}
				}()
				a.DoContext(ctx, job)
				m.At(i%4).DoContext(t.Context(), job) // one whose context has ended makes no object
				desync.Sync2Context(ctx, a, m.At(g%4), both)
				a.FutureContext(ctx, func(context.Context, *int) (int, error) { return 0, nil }).Await(context.Background())
				<-later
				cancel()
			}
		})
	}
	wg.Wait()
	for len(x.recorder.Ended()) < goroutines*rounds*4 && t.Context().Err() == nil {
		runtime.Gosched() // Finished may follow an Await
	}
	if got := len(x.recorder.Ended()); got != goroutines*rounds*4 {
		t.Errorf("%d spans of %d calls", got, goroutines*rounds*4)
	}
}

func TestTracingRefusesWrongUse(t *testing.T) {
	for want, call := range map[string]func(){
		"otel: Tracing: the tracer provider is nil":         func() { Tracing(nil) },
		"otel: WaitSpans: the least wait is negative: -1ns": func() { WaitSpans(-1) },
	} {
		func() {
			defer func() {
				if got := recover(); got != want {
					t.Errorf("panic %v, want %q", got, want)
				}
			}()
			call()
		}()
	}
}

func TestLegible(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"", ""},
		{"orders", "orders"},
		{"a\xffb", "a\uFFFDb"},
		{strings.Repeat("x", longest), strings.Repeat("x", longest)},
		{strings.Repeat("x", 1<<20), strings.Repeat("x", longest) + "…"},
		{strings.Repeat("x", longest-1) + "é", strings.Repeat("x", longest-1) + "…"},
		{strings.Repeat("x", longest-2) + "é!", strings.Repeat("x", longest-2) + "é…"},
		{strings.Repeat("x", longest-3) + "\U0001F600", strings.Repeat("x", longest-3) + "…"},
		{strings.Repeat("\x80", longest+9), "\uFFFD…"},
	} {
		if got := legible(test.text); got != test.want {
			t.Errorf("legible(%.300q) = %q, want %q", test.text, got, test.want)
		}
	}
}
