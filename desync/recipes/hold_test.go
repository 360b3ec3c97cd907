package recipes_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/go-desync/go-desync/desync"
)

// hold returns when everything that was handed over to an object before has run, and holds
// the object from then on, until resume is called: for a snapshot of its files, for example,
// or while the program is paused. It is a Suspend that says when it is reached. If ctx ends
// first nothing is held. A goroutine waits while the object is held.
//
// resume returns when the object has gone on. Calls after the first do nothing.
func hold[T any](ctx context.Context, d desync.Object[T]) (resume func(), err error) {
	reached, over := make(chan struct{}), make(chan struct{})
	ended := make(chan error, 1)
	go func() {
		ended <- d.DoContext(ctx, func(context.Context, *T) error {
			close(reached)
			<-over
			return nil
		})
	}()
	select {
	case <-reached:
		return sync.OnceFunc(func() {
			close(over)
			<-ended
		}), nil
	case err := <-ended:
		return nil, err
	}
}

// A suspension that says when it is reached.
func Example_hold() {
	ctx := context.Background()
	disk := desync.New([]string{})
	for _, line := range []string{"one", "two"} {
		disk.Async(func(lines *[]string) { *lines = append(*lines, line) })
	}
	resume, err := hold(ctx, disk)
	if err != nil {
		fmt.Println(err)
		return
	}
	disk.Async(func(lines *[]string) { *lines = append(*lines, "three") })
	fmt.Println("copying the files: nobody writes")
	resume()
	fmt.Println(disk.Sync(func(lines *[]string) []string { return *lines }))
	// Output:
	// copying the files: nobody writes
	// [one two three]
}

func TestRecipeHold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := desync.NewMap(func(string) int { return 0 })
		for name, d := range map[string]desync.Object[int]{"plain": desync.New(0), "key": m.At("a")} {
			before := d.Suspend()
			held := make(chan func())
			go func() {
				resume, err := hold(t.Context(), d)
				if err != nil {
					t.Error(err)
				}
				held <- resume
			}()
			synctest.Wait()
			select {
			case <-held:
				t.Fatalf("%s: hold has returned while a job before it had not ended", name)
			default:
			}
			before()
			resume := <-held
			ran := false
			d.Async(func(*int) { ran = true })
			synctest.Wait()
			if ran {
				t.Errorf("%s: a job has run while the object was held", name)
			}
			resume()
			resume()
			synctest.Wait()
			if !ran {
				t.Errorf("%s: the object has not gone on", name)
			}

			// A context that ends first: nothing is held.
			before = d.Suspend()
			ctx, cancel := context.WithCancel(t.Context())
			failed := make(chan error)
			go func() {
				_, err := hold(ctx, d)
				failed <- err
			}()
			synctest.Wait()
			cancel()
			if err := <-failed; !errors.Is(err, desync.ErrNotRun) {
				t.Errorf("%s: the error is %v; want ErrNotRun", name, err)
			}
			before()
			d.Do(func(*int) {})
		}
	})
}
