package pipe_test

import (
	"context"
	"testing"

	"github.com/go-desync/go-desync/adapters/pipe"
	"github.com/go-desync/go-desync/conformance/bridge"
	"github.com/go-desync/go-desync/desync"
)

// sending is a bridge whose items are sent to a channel. Drain starts what receives
// them, and returns the wait for its end.
func sending(drain func(items <-chan int, observe func(item int)) (wait func() error)) bridge.Opener {
	return func(observe func(item int)) (push func(item int) error, finish func() error) {
		items := make(chan int)
		wait := drain(items, observe)
		push = func(item int) error {
			items <- item
			return nil
		}
		finish = func() error {
			close(items)
			return wait()
		}
		return push, finish
	}
}

// ranging has observe see the results of a stage.
func ranging(stage *pipe.Stage[int], observe func(item int)) (wait func() error) {
	done := make(chan error, 1)
	go func() {
		var err error
		for item := range pipe.Values(stage.All(), &err) {
			observe(item)
		}
		done <- err
	}()
	return func() error { return <-done }
}

func TestOrder(t *testing.T) {
	ctx := t.Context()
	pass := func(_ context.Context, _ *int, item int) (int, error) { return item, nil }
	for name, drain := range map[string]func(items <-chan int, observe func(item int)) func() error{
		"of the jobs of In": func(items <-chan int, observe func(item int)) func() error {
			done := pipe.In(ctx, desync.New(0), items, 8, func(_ context.Context, _ *int, item int) error {
				observe(item)
				return nil
			})
			return func() error {
				report, err := done.Await(ctx)
				if err == nil {
					err = report.Err
				}
				return err
			}
		},
		"of the jobs of Through": func(items <-chan int, observe func(item int)) func() error {
			stage := pipe.Through(ctx, desync.New(0), items, 8, func(_ context.Context, _ *int, item int) (int, error) {
				observe(item)
				return item, nil
			})
			return ranging(stage, func(int) {})
		},
		"of the results of Through": func(items <-chan int, observe func(item int)) func() error {
			return ranging(pipe.Through(ctx, desync.New(0), items, 8, pass), observe)
		},
		"of the results of ByKey": func(items <-chan int, observe func(item int)) func() error {
			key := func(item int) int { return item % 3 }
			return ranging(pipe.ByKey(ctx, desync.NewMap(zero[int]), items, key, 8, pass), observe)
		},
		"of two stages": func(items <-chan int, observe func(item int)) func() error {
			first := pipe.Through(ctx, desync.New(0), items, 2, pass)
			return ranging(pipe.Through(ctx, desync.New(0), first, 2, pass), observe)
		},
		"of the completed items of a key": func(items <-chan int, observe func(item int)) func() error {
			key := func(int) int { return 0 }
			return ranging(pipe.ByKey(ctx, desync.NewMap(zero[int]), items, key, 8, pass).Completed(), observe)
		},
	} {
		t.Run(name, func(t *testing.T) {
			if err := bridge.Check(ctx, sending(drain)); err != nil {
				t.Error(err)
			}
		})
	}
}
