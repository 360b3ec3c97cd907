package bounded_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/go-desync/go-desync/adapters/bounded"
	"github.com/go-desync/go-desync/desync"
)

// Thousands of files, but at most four that are written at the same time.
func ExampleLimit() {
	limit := bounded.NewLimit(4)
	files := desync.NewMap(func(name string) int { return 0 })
	var writing, most atomic.Int64
	for i := range 1000 {
		_ = limit.Async(context.Background(), files.At(fmt.Sprint("file ", i%100)), func(_ context.Context, size *int) {
			most.Store(max(most.Load(), writing.Add(1)))
			*size += 10 // a system call that blocks
			writing.Add(-1)
		})
	}
	fmt.Println(limit.Wait(context.Background()))
	fmt.Println(files.At("file 7").Sync(func(size *int) int { return *size }), most.Load() <= 4)
	// Output:
	// <nil>
	// 100 true
}

func ExampleNewLimit() {
	limit, d := bounded.NewLimit(1), desync.New(1)
	fmt.Println(limit.Do(context.Background(), d, func(_ context.Context, n *int) error { *n *= 2; return nil }))
	fmt.Println(d.Sync(func(n *int) int { return *n }))
	// Output:
	// <nil>
	// 2
}

func ExampleLimit_Async() {
	limit, log := bounded.NewLimit(1), desync.New([]string(nil))
	for _, line := range []string{"a", "b", "c"} {
		_ = limit.Async(context.Background(), log, func(_ context.Context, lines *[]string) { *lines = append(*lines, line) })
	}
	_ = limit.Wait(context.Background())
	fmt.Println(log.Sync(func(lines *[]string) []string { return *lines }))
	// Output: [a b c]
}

// A job waits for another one of the same limit: it passes on its context.
func ExampleLimit_Do() {
	limit := bounded.NewLimit(1)
	folder, file := desync.New(0), desync.New(0)
	ctx := context.Background()
	err := limit.Do(ctx, folder, func(ctx context.Context, files *int) error {
		*files++
		return limit.Do(ctx, file, func(_ context.Context, size *int) error {
			*size = 42
			return nil
		})
	})
	fmt.Println(err)
	err = limit.Do(ctx, folder, func(context.Context, *int) error {
		return limit.Do(ctx, file, func(context.Context, *int) error { return nil }) // not the job's context
	})
	fmt.Println(errors.Is(err, bounded.ErrInJob))
	// Output:
	// <nil>
	// true
}

func ExampleLimit_Future() {
	limit, disk := bounded.NewLimit(2), desync.New(40)
	f := limit.Future(context.Background(), disk, func(_ context.Context, n *int) (string, error) { return fmt.Sprint(*n+2, " blocks"), nil })
	fmt.Println(f.Await(context.Background()))
	// Output: 42 blocks <nil>
}

func ExampleLimit_SetLimit() {
	limit := bounded.NewLimit(1)
	limit.SetLimit(8) // the machine has more cores now
	fmt.Println(limit.Do(context.Background(), desync.New(0), func(context.Context, *int) error { return nil }))
	// Output: <nil>
}

func ExampleLimit_Wait() {
	limit, d := bounded.NewLimit(1), desync.New(0)
	_ = limit.Async(context.Background(), d, func(ctx context.Context, n *int) {
		*n++
		_ = limit.Async(ctx, d, func(_ context.Context, n *int) { *n++ }) // follow-up work
	})
	fmt.Println(limit.Wait(context.Background()))
	fmt.Println(d.Sync(func(n *int) int { return *n }))
	// Output:
	// <nil>
	// 2
}

func ExampleLimit_Close() {
	limit, d := bounded.NewLimit(1), desync.New(0)
	fmt.Println(limit.Close(context.Background()))
	fmt.Println(errors.Is(limit.Async(context.Background(), d, func(context.Context, *int) {}), bounded.ErrClosed))
	// Output:
	// <nil>
	// true
}

func ExampleLimit_TakeBack() {
	limit, d := bounded.NewLimit(1), desync.New(0)
	resume := d.Suspend()
	_ = limit.Async(context.Background(), d, func(context.Context, *int) {})
	fmt.Println(len(limit.TakeBack()))
	resume()
	// Output: 1
}

// A bound on what is queued, and a limit of what runs.
func Example_boundAndLimit() {
	room, limit := bounded.New(100), bounded.NewLimit(4)
	files := desync.NewMap(func(string) int { return 0 })
	write := func(ctx context.Context, name string, data []byte) error {
		p, err := room.Acquire(ctx, 1) // waits: backpressure
		if err != nil {
			return err
		}
		saved := limit.Future(context.WithoutCancel(ctx), files.At(name), func(_ context.Context, size *int) (int, error) {
			*size += len(data)
			return *size, nil
		})
		saved.AfterFunc(func(int, error) { p.Release() }) // also if the job is taken back
		return nil
	}
	for range 1000 {
		if err := write(context.Background(), "log", make([]byte, 7)); err != nil {
			fmt.Println(err)
		}
	}
	fmt.Println(room.Close(context.Background()), limit.Close(context.Background()))
	fmt.Println(files.At("log").Sync(func(size *int) int { return *size }))
	// Output:
	// <nil> <nil>
	// 7000
}
