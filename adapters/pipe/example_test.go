package pipe_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-desync/go-desync/adapters/pipe"
	"github.com/go-desync/go-desync/desync"
)

// The items of a channel become jobs, among other jobs on the same object.
func ExampleIn() {
	total := desync.New(0)
	orders := make(chan int)
	go func() {
		defer close(orders)
		for _, cents := range []int{250, 1200, 75} {
			orders <- cents
		}
	}()
	done := pipe.In(context.Background(), total, orders, 8, func(_ context.Context, total *int, cents int) error {
		*total += cents
		return nil
	})
	report, _ := done.Await(context.Background())
	fmt.Println(report.Run, report.Err)
	fmt.Println(total.Sync(func(total *int) int { return *total }))
	// Output:
	// 3 <nil>
	// 1525
}

func ExampleReport() {
	seen := desync.New(map[string]bool{})
	words := slices.Values([]string{"to", "be", "or", "not", "to", "be"})
	done := pipe.In(context.Background(), seen, words, 4, func(_ context.Context, seen *map[string]bool, word string) error {
		if (*seen)[word] {
			return fmt.Errorf("%q comes twice", word)
		}
		(*seen)[word] = true
		return nil
	})
	report, _ := done.Await(context.Background())
	fmt.Printf("%d run, %d failed, first error: %v\n", report.Run, report.Failed, report.Err)
	// Output: 6 run, 2 failed, first error: "to" comes twice
}

// The job may use and change the data of the object.
func ExampleThrough() {
	last := desync.New(0)
	readings := slices.Values([]int{3, 5, 4, 9})
	changes := pipe.Through(context.Background(), last, readings, 2, func(_ context.Context, last *int, v int) (int, error) {
		change := v - *last
		*last = v
		return change, nil
	})
	for change, err := range changes.All() {
		fmt.Println(change, err)
	}
	// Output:
	// 3 <nil>
	// 2 <nil>
	// -1 <nil>
	// 5 <nil>
}

// Three stages: numbers are parsed, numbered and joined to lines. An error takes the
// place of its item and goes through the stages that follow.
func ExampleStage() {
	ctx := context.Background()
	var parser, counter desync.Desync[int]
	parsed := pipe.Through(ctx, &parser, slices.Values([]string{"10", "x", "12"}), 2,
		func(_ context.Context, _ *int, s string) (int, error) { return strconv.Atoi(s) })
	lines := pipe.Through(ctx, &counter, parsed, 2,
		func(_ context.Context, n *int, v int) (string, error) {
			*n++
			return fmt.Sprintf("%d: %d", *n, v), nil
		})
	for line, err := range lines.All() {
		if err != nil {
			fmt.Println("error:", err)
			continue
		}
		fmt.Println(line)
	}
	// Output:
	// 1: 10
	// error: strconv.Atoi: parsing "x": invalid syntax
	// 2: 12
}

// A loop may be left at any time.
func ExampleStage_All() {
	d := desync.New(0)
	naturals := func(yield func(int) bool) {
		for i := 0; yield(i); i++ {
		}
	}
	squares := pipe.Through(context.Background(), d, naturals, 4, func(_ context.Context, _ *int, v int) (int, error) {
		return v * v, nil
	})
	for v := range squares.All() {
		if v > 10 {
			break
		}
		fmt.Println(v)
	}
	// Output:
	// 0
	// 1
	// 4
	// 9
}

// The stage works ahead while its reader waits for several things.
func ExampleStage_Chan() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel() // ends the stage however the loop is left
	squares := pipe.Through(ctx, desync.New(0), slices.Values([]int{1, 2, 3}), 4, func(_ context.Context, _ *int, v int) (int, error) {
		return v * v, nil
	}).Chan(ctx)
	timeout := time.After(time.Minute)
	for {
		select {
		case r, ok := <-squares:
			if !ok {
				fmt.Println("done")
				return
			}
			fmt.Println(r.Value, r.Err)
		case <-timeout:
			fmt.Println("too slow")
			return
		}
	}
	// Output:
	// 1 <nil>
	// 4 <nil>
	// 9 <nil>
	// done
}

// Results in the order in which they are ready. The job of the slow key ends only when
// the others have come out.
func ExampleStage_Completed() {
	m := desync.NewMap(func(string) int { return 0 })
	others := make(chan struct{})
	stage := pipe.ByKey(context.Background(), m, slices.Values([]string{"slow", "fast", "fast"}), strings.ToUpper, 3,
		func(_ context.Context, n *int, key string) (string, error) {
			if key == "slow" {
				<-others
			}
			*n++
			return fmt.Sprint(key, " ", *n), nil
		})
	for v := range stage.Completed().All() {
		fmt.Println(v)
		if v == "fast 2" {
			close(others)
		}
	}
	// Output:
	// fast 1
	// fast 2
	// slow 1
}

// Events are numbered for each customer; the customers do not wait for each other.
func ExampleByKey() {
	type event struct{ customer, what string }
	events := slices.Values([]event{{"ann", "login"}, {"bob", "login"}, {"ann", "order"}, {"ann", "logout"}})
	counts := desync.NewMap(func(string) int { return 0 })
	stage := pipe.ByKey(context.Background(), counts, events, func(e event) string { return e.customer }, 16,
		func(_ context.Context, n *int, e event) (string, error) {
			*n++
			return fmt.Sprintf("%s #%d: %s", e.customer, *n, e.what), nil
		})
	for line := range stage.All() {
		fmt.Println(line)
	}
	// Output:
	// ann #1: login
	// bob #1: login
	// ann #2: order
	// ann #3: logout
}

func ExampleStoppedError() {
	ctx, cancel := context.WithCancel(context.Background())
	items := make(chan int, 5)
	for i := range 5 {
		items <- i
	}
	d := desync.New(0)
	stage := pipe.Through(ctx, d, items, 1, func(_ context.Context, _ *int, v int) (int, error) {
		if v == 2 {
			cancel()
		}
		return v, nil
	})
	for v, err := range stage.All() {
		if stopped, ok := errors.AsType[*pipe.StoppedError](err); ok {
			fmt.Println("run:", stopped.Run, "not run:", stopped.NotRun, "left in the channel:", len(items))
			fmt.Println(errors.Is(err, context.Canceled))
			continue
		}
		fmt.Println(v)
	}
	// Output:
	// 0
	// 1
	// 2
	// run: 3 not run: 0 left in the channel: 2
	// true
}

// A channel, an iterator and another stage may all be the source.
func ExampleSource() {
	ctx := context.Background()
	var d desync.Desync[int]
	add := func(_ context.Context, sum *int, v int) (int, error) {
		*sum += v
		return *sum, nil
	}
	c := make(chan int, 2)
	c <- 1
	c <- 2
	close(c)
	for v := range pipe.Through(ctx, &d, c, 1, add).All() {
		fmt.Print(v, " ")
	}
	sums := pipe.Through(ctx, &d, slices.Values([]int{3, 4}), 1, add)
	for v := range pipe.Through(ctx, new(desync.Desync[int]), sums, 1, add).All() {
		fmt.Print(v, " ")
	}
	// Output: 1 3 6 16
}

func ExampleValues() {
	d := desync.New(0)
	stage := pipe.Through(context.Background(), d, slices.Values([]string{"1", "2", "three"}), 2,
		func(_ context.Context, _ *int, s string) (int, error) { return strconv.Atoi(s) })
	var err error
	numbers := slices.Collect(pipe.Values(stage.All(), &err))
	fmt.Println(numbers)
	fmt.Println(err)
	// Output:
	// [1 2]
	// strconv.Atoi: parsing "three": invalid syntax
}
