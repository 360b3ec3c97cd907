package selfwait

import (
	"context"
	"iter"
	"log/slog"
	"slices"

	"github.com/go-desync/go-desync/adapters/asyncslog"
	"github.com/go-desync/go-desync/adapters/group"
	"github.com/go-desync/go-desync/adapters/pipe"
	"github.com/go-desync/go-desync/adapters/writer"
	"github.com/go-desync/go-desync/desync"
)

func job(context.Context, *int) error { return nil }

func item(_ context.Context, _ *int, v int) (int, error) { return v, nil }

func put(_ context.Context, _ *int, v int) error { return nil }

func waitFor(g *group.Group) error { return g.Wait() }

func (s *service) groups(ctx context.Context, g *group.Group) {
	s.d.Do(func(*int) {
		g.Go(s.d, job)
		g.Go(s.other, job)
		_ = g.Wait() // want `waits for a group's job of s.d in a job of s.d, behind which it is queued`
	})
	s.d.Do(func(*int) {
		var own group.Group
		own.Go(s.d, job)
		_ = waitFor(&own) // want `waits for a group's job of s.d`
	})
	limited, _ := group.WithContext(ctx)
	limited.SetLimit(1)
	s.d.Do(func(*int) {
		limited.Go(s.d, job)
		_ = limited.Wait() // want `waits for a group's job of s.d`
	})
	g.Go(s.other, func(context.Context, *int) error {
		return g.Wait() // want `Wait waits for the group in one of its jobs`
	})

	var before, others group.Group
	before.Go(s.d, job)
	s.d.Do(func(*int) {
		_ = before.Wait()
		others.Go(s.other, job)
		_ = others.Wait()
	})
	go func() { _ = g.Wait() }()
}

func (s *service) pipes(ctx context.Context, src iter.Seq[int]) {
	stage := pipe.Through(ctx, s.d, src, 4, item)
	second := pipe.Through(ctx, s.other, stage, 4, item)
	in := pipe.In(ctx, s.d, src, 4, put)
	behind := pipe.In(ctx, s.other, stage, 4, put)
	s.d.Do(func(*int) {
		for range stage.All() { // want `the loop waits for s.d in a job of s.d`
		}
		for range second.Completed().All() { // want `the loop waits for s.d in a job of s.d`
		}
		var err error
		_ = slices.Collect(pipe.Values(stage.All(), &err)) // want `Collect waits for s.d in a job of s.d`
		<-stage.Chan(ctx)                                  // want `the receive waits for s.d in a job of s.d`
		_, _ = in.Await(ctx)                               // want `waits for a pipe into s.d in a job of s.d`
		_, _ = behind.Await(ctx)                           // want `waits for a pipe into s.d in a job of s.d`
		all := stage.All()
		go func() {
			for range all {
			}
		}()
		_ = pipe.In(ctx, s.d, src, 4, put)
	})
	s.other.Do(func(*int) {
		for range stage.All() {
		}
		_, _ = in.Await(ctx)
	})
	_ = pipe.Through(ctx, s.d, src, 4, func(context.Context, *int, int) (int, error) {
		return s.total(), nil // want `total waits for s.d`
	})
}

type sink struct {
	w *writer.Writer
	h *asyncslog.Handler
	d desync.Desync[int]
}

func newSink() *sink {
	s := new(sink)
	s.w = writer.New(s, 1024)
	s.h = asyncslog.New(s, 1024, asyncslog.Wait)
	return s
}

func (s *sink) Write(p []byte) (int, error) {
	_ = s.w.Flush(context.Background()) // want `Flush waits for s.w in a job of s.w`
	_ = s.h.Flush(context.Background())
	return len(p), s.sync() // want `sync waits for s.w in a job of s.w`
}

func (s *sink) sync() error { return s.w.Close() }

func (s *sink) Handle(ctx context.Context, _ slog.Record) error {
	_ = s.w.Flush(ctx)
	return s.h.Flush(ctx) // want `Flush waits for s.h in a job of s.h`
}

func (s *sink) Enabled(context.Context, slog.Level) bool { return true }

func (s *sink) WithAttrs([]slog.Attr) slog.Handler { return s }

func (s *sink) WithGroup(string) slog.Handler { return s }

type writerFunc func(p []byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func literalSink(ctx context.Context, d *desync.Desync[int], other *writer.Writer) {
	var w *writer.Writer
	w = writer.New(writerFunc(func(p []byte) (int, error) {
		_ = other.Flush(ctx)
		return len(p), w.Flush(ctx) // want `Flush waits for w in a job of w`
	}), 1024)
	d.Do(func(*int) { _ = w.Flush(ctx) })
}
