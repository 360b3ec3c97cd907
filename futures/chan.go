package futures

import "context"

// FromChan returns a future of the next value from c. It receives at most one
// value, and none if ctx ends first.
//
// If a value is ready, it is received before FromChan returns; otherwise a
// goroutine waits for c or for the end of ctx. If c is closed, the future fails
// with [ErrClosed]. If ctx ends first, the future fails with an error that
// matches [ErrInterrupted], ctx.Err() and context.Cause(ctx). If a value is
// ready and ctx has ended too, the future gets the value.
//
// FromChan does not block. It panics if ctx or c is nil.
func FromChan[T any](ctx context.Context, c <-chan T) *Future[T] {
	mustContext("FromChan", ctx)
	if c == nil {
		panic("futures: FromChan: nil channel")
	}
	p := new(Promise[T])
	select {
	case v, ok := <-c:
		p.received(v, ok)
	default:
		go p.receive(ctx, c)
	}
	return p.Future()
}

func (p *Promise[T]) receive(ctx context.Context, c <-chan T) {
	defer p.Close() // settles it if a method of ctx does not return
	select {
	case v, ok := <-c:
		p.received(v, ok)
	case <-ctx.Done():
		select {
		case v, ok := <-c:
			p.received(v, ok)
		default:
			p.Reject(interrupted(ctx))
		}
	}
}

func (p *Promise[T]) received(v T, ok bool) {
	if !ok {
		p.Reject(ErrClosed)
		return
	}
	p.Resolve(v)
}

// ToChan returns a channel on which f's result is sent when f settles; then the
// channel is closed. It is for select statements, and for code that needs a
// channel. No goroutine waits meanwhile, and none is left if nobody receives.
//
// ToChan does not block. It panics if f is nil.
func ToChan[T any](f *Future[T]) <-chan Result[T] {
	if f == nil {
		panic("futures: ToChan: nil future")
	}
	c := make(chan Result[T], 1)
	f.AfterFunc(func(v T, err error) {
		c <- Result[T]{Value: v, Err: err}
		close(c)
	})
	return c
}
