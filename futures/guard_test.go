package futures

import (
	"context"
	"errors"
	"fmt"
	"testing"
)

// The guard sees each Await of a pending future, and those only.
func TestOnAwait(t *testing.T) {
	var p Promise[int]
	refuse := errors.New("it would wait for ever")
	var err error
	begun, over := 0, 0
	p.OnAwait(func(ctx context.Context) (func(), error) {
		if ctx != t.Context() {
			t.Errorf("the guard got the context %v; want that of the Await", ctx)
		}
		begun++
		return func() { over++ }, err
	})
	f := p.Future()

	err = refuse
	if _, got := f.Await(t.Context()); got != refuse {
		t.Errorf("a refused Await gave %v; want the error of the guard", got)
	}
	if begun != 1 || over != 0 {
		t.Errorf("after a refused Await the guard was called %d times and its end %d times; want 1 and 0", begun, over)
	}

	err = nil
	awaited := make(chan int)
	go func() {
		v, _ := f.Await(t.Context())
		awaited <- v
	}()
	p.Resolve(3)
	if v := <-awaited; v != 3 {
		t.Errorf("an Await that the guard lets pass gave %d; want 3", v)
	}
	if begun-1 != over {
		t.Errorf("%d waits began and %d were told to be over; want as many", begun-1, over)
	}
	begun = 0
	if v, err := f.Await(t.Context()); v != 3 || err != nil || begun != 0 {
		t.Errorf("an Await of a settled future gave %d, %v and called the guard %d times; want 3, no error, 0 times", v, err, begun)
	}
}

func ExamplePromise_OnAwait() {
	var p Promise[string]
	p.OnAwait(func(context.Context) (ended func(), err error) {
		return nil, errors.New("the work behind it runs on this very goroutine")
	})
	_, err := p.Future().Await(context.Background())
	fmt.Println(err)
	// Output: the work behind it runs on this very goroutine
}
