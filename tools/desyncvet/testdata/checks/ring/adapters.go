package ring

import (
	"context"
	"iter"

	"github.com/go-desync/go-desync/adapters/pipe"
	"github.com/go-desync/go-desync/adapters/writer"
	"github.com/go-desync/go-desync/desync"
)

// The jobs of the writer call Write, which waits for the object whose job flushes
// the writer.
type sink struct {
	d desync.Desync[int]
	w *writer.Writer
}

func newSink() *sink {
	s := new(sink)
	s.w = writer.New(s, 1)
	return s
}

func (s *sink) Write(p []byte) (int, error) {
	s.d.Do(func(*int) {})
	return len(p), nil
}

func (s *sink) flush(ctx context.Context) {
	s.d.Do(func(*int) { _ = s.w.Flush(ctx) }) // want `they can wait for each other`
}

type stages struct{ in, out desync.Desync[int] }

func item(_ context.Context, _ *int, v int) (int, error) { return v, nil }

func (s *stages) drain(ctx context.Context, src iter.Seq[int]) {
	stage := pipe.Through(ctx, &s.in, src, 4, item)
	s.out.Do(func(*int) {
		for range stage.All() {
		}
	})
}

func (s *stages) back() {
	s.in.Do(func(*int) { s.out.Do(func(*int) {}) }) // want `they can wait for each other`
}
