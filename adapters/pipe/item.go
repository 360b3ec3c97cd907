package pipe

import (
	"context"

	"github.com/go-desync/go-desync/adapters/internal/attempt"
	"github.com/go-desync/go-desync/desync"
)

// work is the feeder's side of a flow: it makes a job of each item.
type work[T, V, Out any] struct {
	*flow[Out]
	fn     func(context.Context, *T, V) (Out, error)
	object func(v V) desync.Object[T] // whose job it is
}

func (w *work[T, V, Out]) feed(source feed[V]) {
	feedInto(&w.intake, source, func(_ int, v V, err error) {
		if err != nil {
			r := new(result[Out])
			w.expect(r)
			w.pass(r, err)
			return
		}
		i := &item[T, V, Out]{work: w, v: v}
		i.item = i
		w.expect(&i.result)
		w.queue(&i.place, func() (stop func() bool) {
			object := w.object(v)
			w.follow(func(j *watched) {
				i.watched = j
				stop = object.Submit(i)
			})
			return stop
		}, func(err error) {
			w.gone(i.watched)
			w.pass(&i.result, err)
		})
	}, w.given)
}

// An item is the job of an item.
type item[T, V, Out any] struct {
	work *work[T, V, Out]
	place
	result[Out]
	v     V // until the job begins
	begun bool

	watched *watched // nil in builds that do not watch
}

func (i *item[T, V, Out]) Run(data *T) {
	if !i.work.begin() {
		return
	}
	v := i.v
	i.v = *new(V)
	i.begun = true
	i.work.intake.begun(i.watched)
	attempt.Run(func() (err error) {
		i.out, err = i.work.fn(i.work.ctx, data, v)
		return err
	}, func(err error) {
		if i.err = err; err != nil {
			i.out = *new(Out)
		}
	})
}

func (i *item[T, V, Out]) value() any { return i.v }

// Func is for observers of the object.
func (i *item[T, V, Out]) Func() any { return i.work.fn }

// Ended settles the result. If the job has run, a later failure comes from an observer
// and does not count for the job.
func (i *item[T, V, Out]) Ended(err error) {
	if !i.begun {
		if err == nil || !i.work.begin() {
			i.work.gone(i.watched)
			return
		}
		i.err = err
	}
	i.over.Store(true)
	i.work.settle(&i.result)
	i.work.gone(i.watched)
	i.work.end()
}
