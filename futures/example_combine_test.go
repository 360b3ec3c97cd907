package futures_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-desync/go-desync/futures"
)

func ExampleAll() {
	ctx := context.Background()
	square := func(n int) *futures.Future[int] {
		return futures.Go(ctx, func(context.Context) (int, error) { return n * n, nil })
	}
	fmt.Println(futures.All(ctx, square(1), square(2), square(3)))
	// Output: [1 4 9] <nil>
}

func ExampleAllSettled() {
	results, err := futures.AllSettled(context.Background(),
		futures.Resolved(1),
		futures.Rejected[int](errors.New("no luck")),
	)
	fmt.Println(results, err)
	// Output: [{1 <nil>} {0 no luck}] <nil>
}

func ExampleAny() {
	ctx := context.Background()
	down := futures.Rejected[string](errors.New("first mirror is down"))
	gone := futures.Rejected[string](errors.New("second mirror is gone"))

	fmt.Println(futures.Any(ctx, down, gone, futures.Resolved("third mirror")))
	_, err := futures.Any(ctx, down, gone)
	fmt.Println(err)
	// Output:
	// third mirror <nil>
	// first mirror is down
	// second mirror is gone
}

func ExampleRace() {
	var slow futures.Promise[string] // nobody settles it
	fmt.Println(futures.Race(context.Background(), slow.Future(), futures.Resolved("fast")))
	// Output: fast <nil>
}

func ExampleCompleted() {
	var first, second futures.Promise[string]
	second.Resolve("second")
	for i, r := range futures.Completed(context.Background(), first.Future(), second.Future()) {
		fmt.Println(i, r.Value)
		first.Resolve("first") // from now on settled; the second call does nothing
	}
	// Output:
	// 1 second
	// 0 first
}
