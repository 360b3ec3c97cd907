package futures_test

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/go-desync/go-desync/futures"
)

func ExampleFuture() {
	ctx := context.Background()
	f := futures.Go(ctx, func(context.Context) (int, error) { return 6 * 7, nil })

	// Any number of readers, any number of times.
	for range 2 {
		fmt.Println(f.Await(ctx))
	}
	// Output:
	// 42 <nil>
	// 42 <nil>
}

func ExampleFuture_Await() {
	var p futures.Promise[string]
	f := p.Future()

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := f.Await(ctx)
	fmt.Println(errors.Is(err, futures.ErrInterrupted), errors.Is(err, context.Canceled))

	// Only that wait has ended. When the future has settled, its result counts
	// more than the context.
	p.Resolve("still here")
	fmt.Println(f.Await(ctx))
	// Output:
	// true true
	// still here <nil>
}

func ExampleFuture_Done() {
	var p futures.Promise[string]
	f := p.Future()
	tick := make(chan struct{})
	go func() {
		tick <- struct{}{}
		p.Resolve("ready")
	}()

	for settled := false; !settled; {
		select {
		case <-tick:
			fmt.Println("tick")
		case <-f.Done():
			r, _ := f.Try()
			fmt.Println(r.Value)
			settled = true
		}
	}
	// Output:
	// tick
	// ready
}

func ExampleFuture_Try() {
	var p futures.Promise[int]
	_, ok := p.Future().Try()
	fmt.Println(ok)

	p.Resolve(1)
	r, ok := p.Future().Try()
	fmt.Println(r.Value, ok)
	// Output:
	// false
	// 1 true
}

func ExampleFuture_Then() {
	ctx := context.Background()
	size := futures.Resolved("four").Then(ctx, func(_ context.Context, s string) (int, error) {
		return len(s), nil
	})
	fmt.Println(size.Await(ctx))

	// After an error, the function does not run.
	size = futures.Rejected[string](os.ErrNotExist).Then(ctx, func(_ context.Context, s string) (int, error) {
		panic("not reached")
	})
	fmt.Println(size.Await(ctx))
	// Output:
	// 4 <nil>
	// 0 file does not exist
}

func ExampleResult() {
	show := func(r futures.Result[int]) {
		if r.Err != nil {
			fmt.Println("failed:", r.Err)
			return
		}
		fmt.Println("value:", r.Value)
	}
	for _, r := range futures.Completed(context.Background(), futures.Resolved(1), futures.Rejected[int](os.ErrClosed)) {
		show(r)
	}
	// Output:
	// value: 1
	// failed: file already closed
}

func ExampleResolved() {
	// An error is a value like any other.
	v, err := futures.Resolved(os.ErrExist).Await(context.Background())
	fmt.Println("value:", v)
	fmt.Println("error:", err)
	// Output:
	// value: file already exists
	// error: <nil>
}

func ExampleRejected() {
	fmt.Println(futures.Rejected[int](os.ErrExist).Await(context.Background()))
	// Output: 0 file already exists
}

func ExampleGo() {
	// The context ends the work, if the work looks at it.
	ctx, cancel := context.WithCancel(context.Background())
	f := futures.Go(ctx, func(ctx context.Context) (int, error) {
		<-ctx.Done()
		return 0, ctx.Err()
	})
	cancel()

	_, err := f.Await(context.Background())
	fmt.Println(err, errors.Is(err, futures.ErrInterrupted))
	// Output: context canceled false
}

func ExampleFromChan() {
	ctx := context.Background()
	c := make(chan int, 1)
	c <- 1
	close(c)
	fmt.Println(futures.FromChan(ctx, c).Await(ctx))
	fmt.Println(futures.FromChan(ctx, c).Await(ctx))
	// Output:
	// 1 <nil>
	// 0 futures: channel closed without a value
}

func ExamplePanicError() {
	ctx := context.Background()
	f := futures.Go(ctx, func(context.Context) (int, error) {
		var table map[string]int
		table["x"] = 1
		return 0, nil
	})
	_, err := f.Await(ctx)

	var pe *futures.PanicError
	if errors.As(err, &pe) {
		fmt.Println(pe.Value)
	}
	// Output: assignment to entry in nil map
}

func ExamplePanicError_Error() {
	// Code that recovers panics itself makes one from debug.Stack.
	err := &futures.PanicError{Value: "boom", Stack: []byte("goroutine 1 [running]:\n...")}
	fmt.Println(err)
	// Output:
	// panic: boom
	//
	// goroutine 1 [running]:
	// ...
}

func ExamplePanicError_Unwrap() {
	ctx := context.Background()
	f := futures.Go(ctx, func(context.Context) (int, error) { panic(os.ErrDeadlineExceeded) })
	_, err := f.Await(ctx)
	fmt.Println(errors.Is(err, os.ErrDeadlineExceeded))
	// Output: true
}

func ExampleToChan() {
	var p futures.Promise[string]
	quit := make(chan struct{})
	p.Resolve("done")
	select {
	case r := <-futures.ToChan(p.Future()):
		fmt.Println(r.Value, r.Err)
	case <-quit:
	}
	// Output: done <nil>
}
