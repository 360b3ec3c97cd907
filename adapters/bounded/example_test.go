package bounded_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-desync/go-desync/adapters/bounded"
	"github.com/go-desync/go-desync/desync"
)

func Example() {
	room := bounded.New(2)
	log := desync.New([]string(nil))
	ctx := context.Background()

	for i := range 5 { // waits, from the third on, for the jobs before
		err := room.Async(ctx, log, 1, func(lines *[]string) { *lines = append(*lines, fmt.Sprint("line ", i)) })
		if err != nil {
			fmt.Println(err)
		}
	}
	fmt.Println(log.Sync(func(lines *[]string) []string { return *lines }))
	// Output: [line 0 line 1 line 2 line 3 line 4]
}

func ExampleNew() {
	// One bound for all objects of a kind: 1 MiB of uploads at once.
	uploads := bounded.New(1 << 20)
	alice, bob := desync.New(0), desync.New(0)

	gate := make(chan struct{})
	big := make([]byte, 1<<20-10)
	fmt.Println(uploads.TryAsync(alice, int64(len(big)), func(n *int) { <-gate; *n += len(big) }))

	small := make([]byte, 100)
	err := uploads.TryAsync(bob, int64(len(small)), func(n *int) { *n += len(small) })
	fmt.Println(errors.Is(err, bounded.ErrFull))

	close(gate)
	fmt.Println(alice.Sync(func(n *int) int { return *n }))
	// Output:
	// <nil>
	// true
	// 1048566
}

func ExampleBound_Async() {
	room := bounded.New(1)
	printer := desync.New(0)
	gate := make(chan struct{})
	_ = room.Async(context.Background(), printer, 1, func(*int) { <-gate })

	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	err := room.Async(ctx, printer, 1, func(pages *int) { *pages++ })
	fmt.Println(errors.Is(err, desync.ErrNotRun), errors.Is(err, context.DeadlineExceeded))

	close(gate)
	err = room.Async(context.Background(), printer, 1, func(pages *int) { *pages++ })
	fmt.Println(err, printer.Sync(func(pages *int) int { return *pages }))
	// Output:
	// true true
	// <nil> 1
}

// In a job Async does not wait, for the room may be held by jobs that wait for this
// one: here by the job itself.
func ExampleBound_Async_inJob() {
	room := bounded.New(1)
	d := desync.New(0)
	ctx := context.Background()
	_ = room.Async(ctx, d, 1, func(*int) {
		err := room.Async(ctx, d, 1, func(*int) {})
		fmt.Println(errors.Is(err, bounded.ErrInJob), errors.Is(err, bounded.ErrFull))
	})
	d.Do(func(*int) {})
	// Output: true true
}

func ExampleBound_TryAsync() {
	room := bounded.New(2)
	mailbox := desync.New(0)
	gate := make(chan struct{})
	for i := range 3 {
		fmt.Println(i, room.TryAsync(mailbox, 1, func(n *int) { <-gate; *n++ }))
	}
	close(gate)
	fmt.Println(mailbox.Sync(func(n *int) int { return *n }))
	// Output:
	// 0 <nil>
	// 1 <nil>
	// 2 bounded: no room for the job: desync: the job has not run and will not
	// 2
}
