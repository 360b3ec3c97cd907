package otel

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/go-desync/go-desync/desync"
)

// The keys of attributes. Those of metrics are the first three.
const (
	nameKey    = attribute.Key("desync.object.name")
	outcomeKey = attribute.Key("desync.job.outcome")
	stateKey   = attribute.Key("desync.job.state")

	namesKey  = attribute.Key("desync.object.names")
	objectKey = attribute.Key("desync.object.id")
	jobKey    = attribute.Key("desync.job.id")
	callKey   = attribute.Key("desync.job.call")
	aheadKey  = attribute.Key("desync.job.ahead")
	waitKey   = attribute.Key("desync.job.wait.duration")
)

const (
	returned = "returned"
	unwound  = "unwound"
	notRun   = "not_run"
)

// begin begins the span of a job that starts, and that of its wait before.
func (t *tracing) begin(ctx context.Context, j desync.JobInfo) (context.Context, trace.Span) {
	if t.waits && j.Started.Sub(j.Queued) >= max(t.leastWait, 1) {
		t.wait(j).End(trace.WithTimestamp(j.Started))
	}
	opts := []trace.SpanStartOption{trace.WithTimestamp(j.Started)}
	if t.linked && !j.Waits() {
		opts = append(opts, trace.WithNewRoot())
		if caller := trace.SpanContextFromContext(ctx); caller.IsValid() {
			opts = append(opts, trace.WithLinks(trace.Link{SpanContext: caller}))
		}
	}
	ctx, span := t.tracer.Start(ctx, spanName(j), opts...)
	describe(span, j)
	return ctx, span
}

// wait begins a span for the wait of a job. It belongs to the caller.
func (t *tracing) wait(j desync.JobInfo) trace.Span {
	_, span := t.tracer.Start(j.Context, "wait for "+spanName(j), trace.WithTimestamp(j.Queued))
	describe(span, j)
	return span
}

// end ends the span of a job.
func end(span trace.Span, j desync.JobInfo) {
	defer span.End(trace.WithTimestamp(j.Finished)) // Error, a method of the user's, may panic
	switch j.Outcome {
	case desync.OutcomeReturned:
		span.SetAttributes(outcomeKey.String(returned))
	case desync.OutcomeUnwound:
		span.SetAttributes(outcomeKey.String(unwound))
		span.SetStatus(codes.Error, "the job panicked or called runtime.Goexit")
	default:
		span.SetAttributes(outcomeKey.String(notRun))
		span.SetStatus(codes.Error, "the job has not run")
	}
	if j.Err != nil {
		span.SetStatus(codes.Error, errorText(j.Err))
	}
}

// errorText returns the text of an error. That of a deadlock has keys.
func errorText(err error) string {
	if _, ok := errors.AsType[*desync.DeadlockError](err); ok {
		return "the call would have been a deadlock"
	}
	return legible(err.Error())
}

func spanName(j desync.JobInfo) string {
	if j.Object == "" {
		return j.Call.String()
	}
	return j.Call.String() + " " + legible(j.Object)
}

// describe gives a span that is recorded its attributes. With attributes from the start, a
// span that is not sampled would cost more than twice as much. No key of a map is among them.
func describe(span trace.Span, j desync.JobInfo) {
	if !span.IsRecording() {
		return
	}
	span.SetAttributes(
		nameKey.String(legible(j.Object)),
		objectKey.Int64(int64(j.ObjectID)),
		jobKey.Int64(int64(j.ID)),
		callKey.String(j.Call.String()),
		aheadKey.Int(j.Ahead),
	)
	if !j.Started.IsZero() {
		span.SetAttributes(waitKey.Float64(j.Started.Sub(j.Queued).Seconds()))
	}
}

// longest is how many bytes of a text are shown.
const longest = 256

// legible returns the text as exporters can send it: they refuse a whole batch for a text
// that is not valid UTF-8.
func legible(text string) string {
	if len(text) > longest {
		cut := longest
		for cut > longest-utf8.UTFMax && !utf8.RuneStart(text[cut]) {
			cut--
		}
		text = text[:cut] + "…"
	}
	return strings.ToValidUTF8(text, "\uFFFD")
}
