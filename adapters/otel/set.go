package otel

import (
	"context"
	"sync"

	"go.opentelemetry.io/otel/trace"

	"github.com/go-desync/go-desync/desync"
)

// A set is a call for several objects. There is a job for each object that is observed, and
// one span for all of them.
type set struct {
	mu    sync.Mutex
	names []string       // of the objects
	left  int            // jobs that have not finished
	span  trace.Span     // nil until the first starts
	ended desync.JobInfo // the first that was unwound, or else the first that has finished
}

// add adds a job. All are added before the first starts or finishes.
func (s *set) add(j desync.JobInfo) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.names = append(s.names, legible(j.Object))
	s.left++
}

// begin begins the span, if j is the first job that starts.
func (s *set) begin(t *tracing, ctx context.Context, j desync.JobInfo) context.Context {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.span == nil {
		ctx, s.span = t.begin(ctx, j)
	}
	return ctx // that of a later job comes from that of the first
}

// finished ends the span, if j is the last job.
func (s *set) finished(t *tracing, j desync.JobInfo) {
	span, last := s.note(j)
	if !last {
		return
	}
	t.sets.Delete(j.Set)
	if span == nil {
		if s.ended.Outcome != desync.OutcomeNotRun {
			return // another observer has panicked before the job
		}
		span = t.wait(s.ended)
	}
	if len(s.names) > 1 {
		span.SetAttributes(namesKey.StringSlice(s.names))
	}
	end(span, s.ended)
}

// note notes that a job has finished. After the last nobody else uses s.
func (s *set) note(j desync.JobInfo) (span trace.Span, last bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	first := s.ended.Outcome == desync.OutcomeUnfinished
	if first || j.Outcome == desync.OutcomeUnwound && s.ended.Outcome != j.Outcome {
		s.ended = j
	}
	s.left--
	return s.span, s.left == 0
}
