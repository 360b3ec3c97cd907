// Package futures provides futures and promises: results that many goroutines
// may read, that keep their value, and that carry errors and panics. It needs only
// the standard library.
//
// # A reader and a writer
//
// A [Promise] is the writing end and a [Future] the reading end of one result.
// The holder of the promise settles it, once, with a value or with an error. A holder
// of the future can wait for the result but cannot settle it.
//
//	var p futures.Promise[int]
//	go func() {
//		defer p.Close() // so that readers never wait in vain
//		p.Settle(compute())
//	}()
//	v, err := p.Future().Await(ctx)
//
// The first call of Resolve, Reject, Settle or Close wins and returns true.
// If the work is a function, [Go] does all of the above:
//
//	f := futures.Go(ctx, func(ctx context.Context) (int, error) { return compute() })
//
// [Resolved] and [Rejected] make settled futures. [FromChan] turns the next value of a
// channel into a future, and [ToChan] a future into a channel.
//
// # Waiting and working
//
// A future may have many readers, so the end of one reader's wait never ends the work:
// there is no Future.Cancel. There are two kinds of context, and each ends one thing.
//
//   - The context given to [Future.Await], [Future.Then] or a combinator ends
//     that wait.
//   - The context given to the call that starts the work ends the work. Go passes
//     its context to the function; [Promise.RejectOn] ties a promise to one. The
//     work then begins with if !stop() { return }.
//
// If the future has settled and the context has ended too, the wait returns the result
// of the future. In a select statement, use [Future.Done] and [Future.Try]. To be
// called with the result instead of waiting for it, use [Future.AfterFunc], or
// [Future.Then] if the called function has a result of its own.
//
// # Errors
//
// The error of a wait that was interrupted matches [ErrInterrupted], ctx.Err()
// and context.Cause(ctx). A context error without ErrInterrupted came from the
// work:
//
//	v, err := f.Await(ctx)
//	switch {
//	case errors.Is(err, futures.ErrInterrupted):
//		// A wait ended early; f may well settle later.
//	case errors.Is(err, context.DeadlineExceeded):
//		// The work itself ran out of time; f has failed.
//	case err != nil:
//		// The work failed.
//	}
//
// If one context ends both the wait and the work, as with a promise tied to it by
// RejectOn, the wait always returns the error of the work.
//
// Work that waits for other futures may fail because that inner wait was interrupted,
// and so may a future returned by Then or FromChan. The error of such a future matches
// ErrInterrupted as well. If the difference matters, use [Future.Try] to find out
// whether f has settled.
//
// Errors of the work come through unchanged. Any value is a success, even a nil
// interface or a value that is an error. Rejecting with nil is a mistake: the future
// fails with [ErrNilReject]. If a promise is closed before it is settled, its future
// fails with [ErrAbandoned].
//
// # Panics
//
// A panic in a function given to Go or Then does not end the process. The future fails
// with a [*PanicError], which has the value and the stack of the panic, and matches
// the value if that is an error. After [runtime.Goexit], the future fails with
// [ErrGoexit]. If nobody reads the future, nobody learns of the panic.
//
// # Combining
//
// [Future.Then] starts a function with the value of a future once it has settled.
// [All], [AllSettled], [Any] and [Race] wait for several futures on the goroutine of
// the caller, and [Completed] ranges over them in the order in which they settle. All
// of these take a context. They end no work, and leave nothing behind in the futures.
//
// # Testing
//
// All waiting is durably blocking in a bubble of [testing/synctest], and no channel of
// one bubble is used in another. A pending future may be awaited in one bubble after
// another, and outside, but not in two of these at the same time: the call that
// settles it wakes only goroutines in its own bubble, or, if it is made outside, only
// goroutines outside. A settled future may be read anywhere.
//
// # Costs
//
// Promise and future are one allocation: 64 bytes for an int on 64-bit systems. An
// Await whose context cannot end adds none. The first wait that blocks in another way
// adds one more, for the channel. Reading a settled future allocates nothing and takes
// no lock. Go with Await makes two or three allocations. A pending Then or AfterFunc
// costs memory but no goroutine.
package futures
