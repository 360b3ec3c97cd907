package reference

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

var (
	errClosed = errors.New("the object is closed")
	errGoexit = errors.New("the job called runtime.Goexit")
)

// A result is what a future settles with, once.
type result struct {
	once sync.Once
	done chan struct{}
	v    int
	err  error
}

func newResult() *result { return &result{done: make(chan struct{})} }

func (r *result) settle(v int, err error) {
	r.once.Do(func() {
		r.v, r.err = v, err
		close(r.done)
	})
}

func (r *result) wait(ctx context.Context) (int, error) {
	select {
	case <-r.done:
		return r.v, r.err
	default:
	}
	select {
	case <-r.done:
		return r.v, r.err
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// run settles with what f makes, in whatever way f ends.
func (r *result) run(f func() int) {
	err := errGoexit
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("the job panicked: %v", v)
		}
		r.settle(0, err)
	}()
	v := f()
	r.settle(v, nil)
}
