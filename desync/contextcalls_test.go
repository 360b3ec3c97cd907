package desync_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-desync/go-desync/desync"
)

// A contextCall is a Context variant; call returns when the result is known.
type contextCall[T any] struct {
	name   string
	future bool // the job runs in the background
	call   func(d *desync.Desync[T], ctx context.Context, job func(context.Context, *T) error) error
}

func contextCalls[T any]() []contextCall[T] {
	return []contextCall[T]{
		{"DoContext", false, func(d *desync.Desync[T], ctx context.Context, job func(context.Context, *T) error) error {
			return d.DoContext(ctx, job)
		}},
		{"SyncContext", false, func(d *desync.Desync[T], ctx context.Context, job func(context.Context, *T) error) error {
			_, err := d.SyncContext(ctx, func(ctx context.Context, v *T) (int, error) { return 1, job(ctx, v) })
			return err
		}},
		{"FutureContext", true, func(d *desync.Desync[T], ctx context.Context, job func(context.Context, *T) error) error {
			_, err := d.FutureContext(ctx, func(ctx context.Context, v *T) (int, error) { return 1, job(ctx, v) }).Await(context.Background())
			return err
		}},
		// The other object is idle, so the call holds it while it waits for d.
		{"Sync2Context", false, func(d *desync.Desync[T], ctx context.Context, job func(context.Context, *T) error) error {
			_, err := desync.Sync2Context(ctx, new(desync.Desync[T]), d, func(ctx context.Context, _, v *T) (int, error) { return 1, job(ctx, v) })
			return err
		}},
		{"DoAllContext", false, func(d *desync.Desync[T], ctx context.Context, job func(context.Context, *T) error) error {
			objects := []*desync.Desync[T]{d, new(desync.Desync[T]), new(desync.Desync[T])}
			return desync.DoAllContext(ctx, objects, func(ctx context.Context, data []*T) error { return job(ctx, data[0]) })
		}},
	}
}

var errCause = errors.New("the cause")

// endings lists the ways in which a context ends.
var endings = []struct {
	name string
	make func(parent context.Context) (ctx context.Context, end func())
	err  error
}{
	{"canceled", func(parent context.Context) (context.Context, func()) { return context.WithCancel(parent) }, context.Canceled},
	{"canceled with a cause", func(parent context.Context) (context.Context, func()) {
		ctx, cancel := context.WithCancelCause(parent)
		return ctx, func() { cancel(errCause) }
	}, context.Canceled},
	{"a parent canceled with a cause", func(parent context.Context) (context.Context, func()) {
		parent, cancel := context.WithCancelCause(parent)
		ctx, own := context.WithCancel(context.WithValue(parent, new(int), 1))
		return ctx, func() { cancel(errCause); own() }
	}, context.Canceled},
	{"out of time with a cause", func(parent context.Context) (context.Context, func()) {
		const d = time.Hour // of a bubble
		ctx, cancel := context.WithTimeoutCause(parent, d, errCause)
		return ctx, func() { time.Sleep(d); synctest.Wait(); cancel() }
	}, context.DeadlineExceeded},
}

// wantNotRun fails unless err says that a job has not run because of ctx.
func wantNotRun(t *testing.T, what string, err error, ctx context.Context, ctxErr error) {
	t.Helper()
	for _, want := range []error{desync.ErrNotRun, ctxErr, ctx.Err(), context.Cause(ctx)} {
		if !errors.Is(err, want) {
			t.Errorf("CAN-1: %s gave the error %v; want it to match %v", what, err, want)
		}
	}
	if err != nil && !strings.Contains(err.Error(), context.Cause(ctx).Error()) {
		t.Errorf("CAN-1: %s gave the message %q; want it to name the cause %q", what, err, context.Cause(ctx))
	}
}

// mustNotRun is a job that fails the test.
func mustNotRun[T any](t *testing.T, what string) func(context.Context, *T) error {
	return func(context.Context, *T) error {
		t.Errorf("CAN-1: the job of %s ran; want it never to run", what)
		return nil
	}
}

// closedGate returns an object that a job holds until the gate is opened. It is
// called in a bubble.
func closedGate[T any]() (d *desync.Desync[T], gate chan struct{}) {
	d, gate = new(desync.Desync[T]), make(chan struct{})
	d.Async(func(*T) { <-gate })
	synctest.Wait()
	return d, gate
}

// endsWhenWatched is a context that ends as soon as somebody waits for its end, so
// that one goroutine can make calls that are queued and then give up.
type endsWhenWatched struct {
	context.Context
	end func()
}

func (c endsWhenWatched) Done() <-chan struct{} {
	c.end()
	return c.Context.Done()
}

// giveUp makes a call that is queued behind what holds d and gives up.
func (c contextCall[T]) giveUp(d *desync.Desync[T], job func(context.Context, *T) error) error {
	ctx, cancel := context.WithCancel(context.Background())
	if !c.future {
		return c.call(d, endsWhenWatched{ctx, cancel}, job)
	}
	f := d.FutureContext(ctx, func(ctx context.Context, v *T) (int, error) { return 0, job(ctx, v) })
	cancel()
	_, err := f.Await(context.Background())
	return err
}
