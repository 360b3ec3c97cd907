package futures_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"

	"github.com/go-desync/go-desync/futures"
)

func ExamplePromise() {
	// A larger struct may embed the promise of its own completion.
	type request struct {
		futures.Promise[string]
		name string
	}
	requests := make(chan *request)
	go func() {
		r := <-requests
		defer r.Close()
		r.Resolve("hello " + r.name)
	}()

	r := &request{name: "gopher"}
	requests <- r
	fmt.Println(r.Future().Await(context.Background()))
	// Output: hello gopher <nil>
}

func ExamplePromise_Future() {
	var p futures.Promise[int]
	f := p.Future()
	fmt.Println(f == p.Future())
	// Output: true
}

func ExamplePromise_Resolve() {
	var p futures.Promise[int]
	fmt.Println(p.Resolve(1), p.Resolve(2))
	fmt.Println(p.Future().Await(context.Background()))
	// Output:
	// true false
	// 1 <nil>
}

func ExamplePromise_Reject() {
	var p futures.Promise[int]
	p.Reject(os.ErrPermission)
	fmt.Println(p.Future().Await(context.Background()))
	// Output: 0 permission denied
}

func ExamplePromise_Settle() {
	var p futures.Promise[int]
	p.Settle(strconv.Atoi("12"))
	fmt.Println(p.Future().Await(context.Background()))
	// Output: 12 <nil>
}

func ExamplePromise_Close() {
	work := func(p *futures.Promise[int], skip bool) {
		defer p.Close()
		if skip {
			return // forgets to settle p
		}
		p.Resolve(1)
	}
	for _, skip := range []bool{false, true} {
		var p futures.Promise[int]
		work(&p, skip)
		fmt.Println(p.Future().Await(context.Background()))
	}
	// Output:
	// 1 <nil>
	// 0 futures: promise abandoned
}

func ExamplePromise_RejectOn() {
	ctx, cancel := context.WithCancelCause(context.Background())
	var p futures.Promise[int]
	p.RejectOn(ctx)
	cancel(errors.New("out of paper"))

	_, err := p.Future().Await(context.Background())
	fmt.Println(err)
	fmt.Println(errors.Is(err, context.Canceled), errors.Is(err, futures.ErrInterrupted))
	// Output:
	// futures: work ended: context canceled: out of paper
	// true false
}

func ExamplePromise_RejectOn_claim() {
	// A job waits for its turn. If its context ends before that, it never
	// begins.
	type job struct {
		futures.Promise[string]
		stop func() bool
		work func() string
	}
	enqueue := func(ctx context.Context, work func() string) *job {
		j := &job{work: work}
		j.stop = j.RejectOn(ctx)
		return j
	}
	run := func(j *job) {
		if !j.stop() {
			return // too late: the waiters have got the error already
		}
		j.Resolve(j.work())
	}

	ctx, cancel := context.WithCancel(context.Background())
	first := enqueue(ctx, func() string { return "first" })
	second := enqueue(ctx, func() string { return "second" })
	run(first)
	cancel()
	run(second)
	fmt.Println(first.Future().Await(context.Background()))
	fmt.Println(second.Future().Await(context.Background()))
	// Output:
	// first <nil>
	//  futures: work ended: context canceled
}

func ExamplePromise_OnInterrupt() {
	// The work checks now and then whether it must end. A wait with the same
	// context need not wait for that: it gets the error of the work at once.
	ctx, cancel := context.WithCancel(context.Background())
	var p futures.Promise[int]
	p.OnInterrupt(func() {
		if ctx.Err() != nil {
			p.Reject(errors.New("the work was stopped"))
		}
	})
	cancel()
	fmt.Println(p.Future().Await(ctx))
	// Output: 0 the work was stopped
}
