package batch_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/go-desync/go-desync/adapters/batch"
	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

// A file that is flushed once for all lines that have come meanwhile.
func Example() {
	var file strings.Builder
	syncs := 0
	lines := batch.New(desync.New(&file), batch.Limits[string]{}, func(file **strings.Builder, lines []string) (ends []int, err error) {
		for _, line := range lines {
			(*file).WriteString(line + "\n")
			ends = append(ends, (*file).Len())
		}
		syncs++ // and here comes file.Sync()
		return ends, nil
	})

	end, err := lines.Add(context.Background(), "the first") // when it returns, the line is on the disk
	fmt.Println(end, err)

	var callers sync.WaitGroup
	for i := range 100 {
		callers.Go(func() {
			if _, err := lines.Add(context.Background(), fmt.Sprint("line ", i)); err != nil {
				fmt.Println(err)
			}
		})
	}
	callers.Wait()
	fmt.Println(strings.Count(file.String(), "\n"), "lines with fewer syncs:", syncs <= 101)
	// Output:
	// 10 <nil>
	// 101 lines with fewer syncs: true
}

func ExampleNew() {
	words := desync.New(map[string]int{})
	counts := batch.New(words, batch.Limits[string]{}, func(words *map[string]int, items []string) (counts []int, err error) {
		for _, w := range items {
			(*words)[w]++
			counts = append(counts, (*words)[w])
		}
		return counts, nil
	})
	for _, w := range []string{"to", "be", "or", "not", "to", "be"} {
		counts.Future(w)
	}
	fmt.Println(counts.Add(context.Background(), "be"))
	// Output: 3 <nil>
}

func ExampleLimits() {
	d := desync.New(0)
	sent := batch.New(d, batch.Limits[string]{
		Items: 100,                                              // at most so many at once,
		Bytes: 10,                                               // and at most so much
		Size:  func(message string) int { return len(message) }, // of this
		Wait:  time.Hour,                                        // and not before this, unless it is full
	}, func(_ *int, messages []string) ([]int, error) {
		fmt.Println(messages)
		return nil, nil
	})
	for _, m := range []string{"hello", "world", "again"} {
		sent.Future(m)
	}
	d.Do(func(*int) {})
	fmt.Println("the third waits")
	_ = sent.Flush(context.Background())
	// Output:
	// [hello world]
	// the third waits
	// [again]
}

func ExampleBatch_Add() {
	d := desync.New(0)
	sums := batch.New(d, batch.Limits[int]{}, func(sum *int, items []int) (sums []int, err error) {
		for _, i := range items {
			*sum += i
			sums = append(sums, *sum)
		}
		return sums, nil
	})
	fmt.Println(sums.Add(context.Background(), 5))

	resume := d.Suspend() // something takes its time
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	_, err := sums.Add(ctx, 100)
	fmt.Println(errors.Is(err, desync.ErrNotRun), errors.Is(err, context.DeadlineExceeded))
	resume()
	fmt.Println(sums.Add(context.Background(), 1))
	// Output:
	// 5 <nil>
	// true true
	// 6 <nil>
}

func ExampleBatch_Future() {
	squares := batch.New(desync.New(0), batch.Limits[int]{}, func(_ *int, items []int) (results []int, err error) {
		for _, i := range items {
			results = append(results, i*i)
		}
		return results, nil
	})
	var all []*futures.Future[int]
	for i := range 5 {
		all = append(all, squares.Future(i))
	}
	fmt.Println(futures.All(context.Background(), all...))
	// Output: [0 1 4 9 16] <nil>
}

func ExampleBatch_Flush() {
	d := desync.New(0)
	total := batch.New(d, batch.Limits[int]{Wait: time.Hour}, func(sum *int, items []int) ([]int, error) {
		for _, i := range items {
			*sum += i
		}
		return nil, nil
	})
	for i := range 5 {
		total.Future(i)
	}
	err := total.Flush(context.Background())
	fmt.Println(d.Sync(func(sum *int) int { return *sum }), err)
	// Output: 10 <nil>
}

func ExampleBatch_Close() {
	b := batch.New(desync.New(0), batch.Limits[string]{}, func(_ *int, items []string) ([]int, error) {
		fmt.Println(items)
		return nil, nil
	})
	b.Future("the last")
	fmt.Println(b.Close(context.Background()))
	_, err := b.Add(context.Background(), "too late")
	fmt.Println(errors.Is(err, batch.ErrClosed))
	// Output:
	// [the last]
	// <nil>
	// true
}

// Some items of a batch have failed.
func ExampleErrors() {
	type stock = map[string]int
	d := desync.New(stock{"apples": 1})
	orders := batch.New(d, batch.Limits[string]{}, func(s *stock, items []string) (left []int, _ error) {
		errs := make(batch.Errors, len(items))
		for i, item := range items {
			if (*s)[item] == 0 {
				errs[i] = errors.New(item + " are sold out")
			} else {
				(*s)[item]--
			}
			left = append(left, (*s)[item])
		}
		return left, errs
	})
	resume := d.Suspend()
	first, second := orders.Future("apples"), orders.Future("apples")
	resume()
	fmt.Println(first.Await(context.Background()))
	fmt.Println(second.Await(context.Background()))
	// Output:
	// 0 <nil>
	// 0 apples are sold out
}

func ExampleBatch_String() {
	b := batch.New(desync.New(0), batch.Limits[int]{}, func(_ *int, items []int) ([]int, error) { return items, nil })
	_, state, _ := strings.Cut(b.String(), ": ")
	fmt.Println(state)
	// Output: idle
}
