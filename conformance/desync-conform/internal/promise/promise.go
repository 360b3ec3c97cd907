// Package promise has the results of jobs that the references and the odd subjects
// share.
package promise

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

var errGoexit = errors.New("the job called runtime.Goexit")

// A Promise is what a future settles with, once.
type Promise struct {
	once sync.Once
	done chan struct{}
	v    int
	err  error
}

// New returns a promise that is not settled.
func New() *Promise { return &Promise{done: make(chan struct{})} }

// Done returns a channel that is closed when the promise is settled.
func (p *Promise) Done() <-chan struct{} { return p.done }

// Settle settles the promise, unless it is settled.
func (p *Promise) Settle(v int, err error) {
	p.once.Do(func() {
		p.v, p.err = v, err
		close(p.done)
	})
}

// Wait waits until the promise is settled or ctx ends.
func (p *Promise) Wait(ctx context.Context) (int, error) {
	select {
	case <-p.done:
		return p.v, p.err
	default:
	}
	select {
	case <-p.done:
		return p.v, p.err
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// Run settles with what f makes, in whatever way f ends.
func (p *Promise) Run(f func() int) {
	err := errGoexit
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("the job panicked: %v", v)
		}
		p.Settle(0, err)
	}()
	v := f()
	p.Settle(v, nil)
}
