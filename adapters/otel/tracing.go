package otel

import (
	"context"
	"fmt"
	"sync"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/go-desync/go-desync/desync"
)

// scope is the name of the instrumentation scope of spans and metrics.
const scope = "github.com/go-desync/go-desync/adapters/otel"

// A TracingOption changes the spans that [Tracing] makes.
type TracingOption func(*tracing)

// Linked gives the jobs that no caller waits for, those of FutureContext, a trace of their
// own, with a link to the span of the caller. Without it the span of such a job is a child
// of that of the caller, and may end long after it.
func Linked() TracingOption { return func(t *tracing) { t.linked = true } }

// WaitSpans makes a span for each wait for a job's turn that takes at least least and is
// longer than 0. It is a sibling of the job's span, or with [Linked] a child of the span of
// the caller.
//
// WaitSpans panics if least is negative.
func WaitSpans(least time.Duration) TracingOption {
	if least < 0 {
		panic(fmt.Sprintf("otel: WaitSpans: the least wait is negative: %v", least))
	}
	return func(t *tracing) { t.waits, t.leastWait = true, least }
}

// Tracing returns an observer that makes a span, with a tracer of tp, for each job of a call
// with a context: DoContext, SyncContext, FutureContext, Sync2Context and DoAllContext, of
// objects and of keys. It ignores all other calls. Give it to [desync.WithObserver]; one may
// be shared by any number of objects and maps.
//
// The span begins with the job and ends with it. It is a child of the span in the context of
// the call, if there is one, and the context that the job gets carries it. So the spans that
// the job makes are its children. A call for several objects has one span, although each
// object that is observed is told of it.
//
// A job that panics, calls runtime.Goexit or returns an error makes its span one with the
// status Error. A job that never runs, mostly since its context ended while it waited, has a
// span for the wait instead, always with the status Error. A call on a key whose context has
// ended before it does not reach the object, and has none.
//
// The name of a span is that of the call and that of the object, such as "do orders". Samplers
// see it and the parent; the attributes, all below "desync.", come after their decision.
//
// The methods of tp and of what it makes are called in the turn of the job, and after it.
// They must not wait for the object.
//
// Tracing panics if tp is nil. [go.opentelemetry.io/otel.GetTracerProvider] returns that of
// the process.
func Tracing(tp trace.TracerProvider, opts ...TracingOption) desync.Observer {
	if tp == nil {
		panic("otel: Tracing: the tracer provider is nil")
	}
	t := &tracing{tracer: tp.Tracer(scope)}
	for _, o := range opts {
		o(t)
	}
	return t
}

var _ desync.ContextObserver = (*tracing)(nil)

type tracing struct {
	desync.NopObserver
	tracer    trace.Tracer
	linked    bool
	waits     bool // whether waits have spans
	leastWait time.Duration
	spans     sync.Map // of the jobs that run, by ID: trace.Span
	sets      sync.Map // of the calls for several objects that have not ended, by Set: *set
}

// Queued counts the jobs of a call for several objects, so that the last one is known.
func (t *tracing) Queued(j desync.JobInfo) {
	if j.Context == nil || j.Set == 0 {
		return
	}
	s, _ := t.sets.LoadOrStore(j.Set, new(set))
	s.(*set).add(j)
}

// JobContext begins the span of the job.
func (t *tracing) JobContext(ctx context.Context, j desync.JobInfo) context.Context {
	if s, found := t.sets.Load(j.Set); found {
		return s.(*set).begin(t, ctx, j)
	}
	ctx, span := t.begin(ctx, j)
	if span.IsRecording() {
		// It stays until Finished: as long as the job runs.
		if _, twice := t.spans.LoadOrStore(j.ID, span); twice { // t observes the object twice
			span.End(trace.WithTimestamp(j.Started))
		}
	}
	return ctx
}

// Finished ends the span of the job, or tells of one that has not run.
func (t *tracing) Finished(j desync.JobInfo) {
	if j.Context == nil {
		return
	}
	if s, found := t.sets.Load(j.Set); found {
		s.(*set).finished(t, j)
		return
	}
	if span, found := t.spans.LoadAndDelete(j.ID); found {
		end(span.(trace.Span), j)
	} else if j.Outcome == desync.OutcomeNotRun {
		end(t.wait(j), j)
	}
}
