//go:build race || desyncdebug

package waits_test

import (
	"context"
	"errors"
	"testing"

	"github.com/go-desync/go-desync/futures"
	"github.com/go-desync/go-desync/futures/waits"
)

// The function that OnAwait sets is called by each Await of a pending future,
// and only by these.
func TestOnAwait(t *testing.T) {
	var p futures.Promise[int]
	refuse := errors.New("it would wait forever")
	var err error
	begun, over := 0, 0
	f := p.Future()
	waits.OnAwait(f, func(ctx context.Context) (func(), error) {
		if ctx != t.Context() {
			t.Errorf("begin got the context %v; want that of the Await", ctx)
		}
		begun++
		return func() { over++ }, err
	})

	err = refuse
	if _, got := f.Await(t.Context()); got != refuse {
		t.Errorf("a refused Await gave %v; want the error of begin", got)
	}
	if begun != 1 || over != 0 {
		t.Errorf("after a refused Await begin was called %d times and its end %d times; want 1 and 0", begun, over)
	}

	err = nil
	awaited := make(chan int)
	go func() {
		v, _ := f.Await(t.Context())
		awaited <- v
	}()
	p.Resolve(3)
	if v := <-awaited; v != 3 {
		t.Errorf("an Await that begin lets pass gave %d; want 3", v)
	}
	if begun-1 != over {
		t.Errorf("%d waits began and %d were told to be over; want as many", begun-1, over)
	}
	begun = 0
	if v, err := f.Await(t.Context()); v != 3 || err != nil || begun != 0 {
		t.Errorf("an Await of a settled future gave %d, %v and called begin %d times; want 3, no error, 0 times", v, err, begun)
	}
}
