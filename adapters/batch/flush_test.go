package batch_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/go-desync/go-desync/adapters/batch"
	"github.com/go-desync/go-desync/adapters/internal/bubbles"
	"github.com/go-desync/go-desync/desync"
)

func TestFlushThatGivesUp(t *testing.T) {
	for _, limits := range []batch.Limits[int]{{}, {Items: 2}, {Wait: time.Hour}} {
		bubbles.Run(t, func(t *testing.T) {
			b, seen, _, resume := held(limits)
			assert.NoError(t, b.Flush(t.Context()), "nothing is there")
			for i := range 5 {
				b.Future(i)
			}
			ctx, cancel := context.WithCancelCause(t.Context())
			cancel(errOver)
			err := b.Flush(ctx)
			assert.ErrorIs(t, err, context.Canceled)
			assert.ErrorIs(t, err, errOver)
			assert.NotErrorIs(t, err, desync.ErrNotRun, "they still run")
			assert.ErrorContains(t, err, "not run yet: 5")
			resume()
			synctest.Wait()
			n := 0
			for _, items := range seen.list() {
				n += len(items)
			}
			assert.Equal(t, 5, n, "the Flush that gave up has made them wait for nothing more")
		})
	}
}

// A Flush does not wait for items that were taken out, nor for later ones.
func TestFlushWaitsForNothingElse(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		b, _, _, resume := held(batch.Limits[int]{Items: 2})
		defer resume()
		ctx, cancel := context.WithCancel(t.Context())
		for i := range 3 {
			go func() { _, _ = b.Add(ctx, i) }()
		}
		synctest.Wait()
		done := make(chan error)
		go func() { done <- b.Flush(t.Context()) }()
		synctest.Wait()
		b.Future(7)
		cancel()
		assert.NoError(t, <-done)
	})
}

func TestClose(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		b, seen, _, resume := held(batch.Limits[int]{Wait: time.Hour})
		f := b.Future(1)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		assert.ErrorIs(t, b.Close(ctx), context.DeadlineExceeded)
		_, err := b.Add(t.Context(), 2)
		assert.ErrorIs(t, err, batch.ErrClosed)
		assert.ErrorIs(t, err, desync.ErrNotRun)
		_, err = b.Future(3).Await(t.Context())
		assert.ErrorIs(t, err, batch.ErrClosed)
		resume()
		assert.NoError(t, b.Close(t.Context()))
		assert.NoError(t, b.Close(t.Context()))
		r, err := f.Await(t.Context())
		assert.NoError(t, err)
		assert.Equal(t, 2, r)
		assert.Equal(t, [][]int{{1}}, seen.list())
	})
}

// SYN-3: a Batch that lives as long as the process.
func TestSYN3_InBubblesAndOutside(t *testing.T) {
	for _, limits := range []batch.Limits[int]{{}, {Items: 3}, {Items: 3, Wait: time.Millisecond}} {
		t.Run(fmt.Sprint(limits.Items, limits.Wait), func(t *testing.T) {
			d := desync.New(0)
			b := batch.New(d, limits, func(_ *int, items []int) ([]int, error) { return items, nil })
			bubbles.Try(t, func(t *testing.T) {
				for i := range 7 {
					b.Future(i)
				}
				_, err := b.Add(t.Context(), 1)
				assert.NoError(t, err)
				// The job of a batch that has found nothing left may still be queued. It would take
				// the next item, so a Suspend is not enough: it must have been reached.
				held, resume := make(chan struct{}), make(chan struct{})
				d.Async(func(*int) { close(held); <-resume })
				<-held
				ctx, cancel := context.WithTimeout(t.Context(), 3*time.Millisecond)
				defer cancel()
				_, err = b.Add(ctx, 1)
				assert.ErrorIs(t, err, desync.ErrNotRun)
				close(resume)
				assert.NoError(t, b.Flush(t.Context()))
				d.Do(func(*int) {})
			})
		})
	}
}
