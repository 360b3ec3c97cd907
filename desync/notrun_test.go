package desync_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/go-desync/go-desync/desync"
)

// A secret is a key that must not be shown.
type secret struct{}

func (secret) String() string { panic("a key was asked for its text") }

func TestCAN1_ErrorNamesObjectCallAndKey(t *testing.T) {
	type call func(ctx context.Context) error
	type subject struct {
		object string
		key    any
		calls  map[string]call
		hold   func() (resume func())
	}
	ofObject := func(name string, d *desync.Desync[int]) subject {
		return subject{name, nil, map[string]call{
			"DoContext": func(ctx context.Context) error {
				return d.DoContext(ctx, func(context.Context, *int) error { return nil })
			},
			"SyncContext": func(ctx context.Context) error {
				_, err := d.SyncContext(ctx, func(context.Context, *int) (int, error) { return 0, nil })
				return err
			},
			"FutureContext": func(ctx context.Context) error {
				_, err := d.FutureContext(ctx, func(context.Context, *int) (int, error) { return 0, nil }).Await(context.Background())
				return err
			},
		}, d.Suspend}
	}
	ofKey := func(name string, m *desync.Map[secret, int]) subject {
		return subject{name, secret{}, map[string]call{
			"DoContext": func(ctx context.Context) error {
				return m.At(secret{}).DoContext(ctx, func(context.Context, *int) error { return nil })
			},
			"SyncContext": func(ctx context.Context) error {
				_, err := m.At(secret{}).SyncContext(ctx, func(context.Context, *int) (int, error) { return 0, nil })
				return err
			},
			"FutureContext": func(ctx context.Context) error {
				_, err := m.At(secret{}).FutureContext(ctx, func(context.Context, *int) (int, error) { return 0, nil }).Await(context.Background())
				return err
			},
		}, func() func() {
			begun, over, ended := make(chan bool), make(chan bool), make(chan bool)
			go m.At(secret{}).Do(func(*int) { close(begun); <-over; close(ended) })
			<-begun
			return func() { close(over); <-ended }
		}}
	}
	zero := func(secret) int { return 0 }
	synctest.Test(t, func(t *testing.T) {
		unnamed := desync.New(0)
		for _, s := range []subject{
			ofObject(`"orders"`, desync.New(0, desync.WithName("orders"))),
			ofObject(`"orders"`, desync.New(0, desync.WithName("orders"), desync.WithObserver(desync.NopObserver{}))),
			ofObject(fmt.Sprintf("desync.Desync[int](%p)", unnamed), unnamed),
			ofKey(`"accounts"`, desync.NewMap(zero, desync.WithName("accounts"))),
			ofKey("desync.Map[github.com/go-desync/go-desync/desync_test.secret,int]", desync.NewMap(zero)),
		} {
			for name, call := range s.calls {
				for _, when := range []string{"before the call", "while it waits"} {
					reason := errors.New("a reason")
					ctx, cancel := context.WithCancelCause(t.Context())
					resume := func() {}
					told := make(chan error, 1)
					if when == "before the call" {
						cancel(reason)
						told <- call(ctx)
					} else {
						resume = s.hold()
						go func() { told <- call(ctx) }()
						synctest.Wait()
						cancel(reason)
					}
					err := <-told
					resume()
					synctest.Wait()
					e, ok := errors.AsType[*desync.NotRunError](err)
					if !ok || e.Object != s.object || e.Call != name || e.Key != s.key {
						t.Errorf("CAN-1: %s of %s whose context ended %s: %#v; want a NotRunError of it, with the key %#v", name, s.object, when, err, s.key)
						continue
					}
					for _, want := range []error{desync.ErrNotRun, context.Canceled, reason} {
						if !errors.Is(err, want) {
							t.Errorf("CAN-1: %v does not match %v", err, want)
						}
					}
					if want := "desync: " + name + " of " + s.object + ": the job has not run and will not: a reason"; err.Error() != want {
						t.Errorf("the text is %q; want %q", err, want)
					}
				}
			}
		}
	})
}

// A job that is late finds itself that its context has ended.
func TestCAN1_ErrorOfALateJob(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	m := desync.NewMap(func(string) int { return 0 }, desync.WithName("accounts"))
	m.At("ann").Do(func(*int) {
		f := m.At("ann").FutureContext(ctx, func(context.Context, *int) (int, error) { return 0, nil })
		cancel()
		//desyncvet:ignore selfwait ctx has ended
		_, err := f.Await(ctx)
		e, ok := errors.AsType[*desync.NotRunError](err)
		if !ok || e.Key != "ann" || strings.Contains(err.Error(), "ann") {
			t.Errorf("CAN-1: Await returned %v; want a NotRunError whose Key is ann and whose text is without it", err)
		}
	})
}

func ExampleNotRunError() {
	accounts := desync.NewMap(func(string) int { return 0 }, desync.WithName("accounts"))
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errors.New("the client has gone"))
	err := accounts.At("ann@mail.example").DoContext(ctx, func(context.Context, *int) error { return nil })
	fmt.Println(err)
	if e, ok := errors.AsType[*desync.NotRunError](err); ok {
		fmt.Println(e.Object, e.Call, e.Key)
	}
	// Output:
	// desync: DoContext of "accounts": the job has not run and will not: the client has gone
	// "accounts" DoContext ann@mail.example
}
