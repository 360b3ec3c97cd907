package writer

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/go-desync/go-desync/adapters/internal/object"
	"github.com/go-desync/go-desync/desync"
)

// On returns a [Writer] whose writes are jobs of d, a plain object or a key of a [desync.Map]:
// they take their turns between the other jobs of d. In each turn, the function of returns the
// other writer, which belongs to the data: a file for each customer, for example. Each write
// counts as its bytes and twice [Overhead]. See [New] for bound, and for everything else.
//
// It is for what the other jobs of d write or close too. A panic of the function of, or a nil
// writer, is a failure of the Writer, and so is it if the value of a key cannot be made.
//
// On panics if d or of is nil or bound is not positive.
func On[T any](d desync.Object[T], bound int, of func(data *T) io.Writer) *Writer {
	if object.IsNil(d) || of == nil {
		panic("writer: On: the object and the function must not be nil")
	}
	if bound <= 0 {
		panic(fmt.Sprintf("writer: On: the bound must be positive, it is %d", bound))
	}
	d.Pending() // panics if d is a key that cannot be found again
	return to(&objectTarget[T]{d, of}, bound, 2*Overhead)
}

// A target is the object whose jobs write, with its type left out.
type target interface {
	// submit queues a write of p, which passes it on and then gives back size.
	submit(w *Writer, p []byte, size int64)
	do(ctx context.Context, job func(of func() io.Writer)) error
}

type objectTarget[T any] struct {
	d  desync.Object[T]
	of func(*T) io.Writer
}

// writer returns a function that finds the other writer, and must be called in the turn.
func (t *objectTarget[T]) writer(data *T) func() io.Writer {
	return func() io.Writer {
		w := t.of(data)
		if w == nil {
			panic(errNoWriter)
		}
		return w
	}
}

var errNoWriter = errors.New("writer: the function of On has returned nil")

func (t *objectTarget[T]) submit(w *Writer, p []byte, size int64) { t.d.Submit(&job[T]{t, w, p, size}) }

func (t *objectTarget[T]) do(ctx context.Context, job func(of func() io.Writer)) error {
	return t.d.DoContext(ctx, func(_ context.Context, data *T) error {
		job(t.writer(data))
		return nil
	})
}

// A job is a Write in its turn.
type job[T any] struct {
	target *objectTarget[T]
	w      *Writer
	p      []byte
	size   int64
}

func (j *job[T]) Run(data *T) { j.w.pass(j.p, j.target.writer(data)) }

// Ended is called with an error if the value of a key could not be made, or if an observer of
// the object has panicked.
func (j *job[T]) Ended(err error) {
	defer j.w.leave(j.size)
	j.w.fail(j.p, err)
}

// An ownTarget is that of New: an object of its own, which nobody observes. Its jobs take less
// memory.
type ownTarget struct {
	to io.Writer
	d  *desync.Desync[struct{}]
}

func (t *ownTarget) writer() io.Writer { return t.to }

func (t *ownTarget) submit(w *Writer, p []byte, size int64) {
	t.d.Async(func(*struct{}) { // it does not refer to t: each queued write would be larger
		defer w.leave(size)
		w.pass(p, w.target.(*ownTarget).writer)
	})
}

func (t *ownTarget) do(ctx context.Context, job func(of func() io.Writer)) error {
	return t.d.DoContext(ctx, func(context.Context, *struct{}) error {
		job(t.writer)
		return nil
	})
}
