package bounded_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-desync/go-desync/adapters/bounded"
	"github.com/go-desync/go-desync/desync"
)

// A mailer sends letters. Those that it cannot send before it is shut down are kept.
type mailer struct {
	room *bounded.Bound
	post *desync.Desync[int]
}

// A letter is a job.
type letter struct{ to string }

func (l letter) Run(sent *int) { *sent++ }

func (l letter) Ended(err error) {
	if errors.Is(err, bounded.ErrReturned) {
		fmt.Println("not sent to", l.to)
	}
}

func (m *mailer) Send(ctx context.Context, to string) error {
	return m.room.Submit(ctx, m.post, 1, letter{to})
}

// Close sends what it can until ctx ends, and returns the rest.
func (m *mailer) Close(ctx context.Context) (rest []letter) {
	if err := m.room.Close(ctx); err == nil {
		return nil
	}
	for _, back := range m.room.TakeBack() {
		rest = append(rest, back.Job.(letter))
	}
	m.room.Close(context.Background()) // the one that is being sent
	return rest
}

func ExampleBound_TakeBack() {
	m := &mailer{bounded.New(100), desync.New(0)}
	resume := m.post.Suspend() // the post office is on strike
	for _, to := range []string{"ann", "bob", "carl"} {
		if err := m.Send(context.Background(), to); err != nil {
			fmt.Println(err)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	fmt.Println(m.Close(ctx))
	resume()
	fmt.Println(m.Send(context.Background(), "dora"))
	// Output:
	// not sent to ann
	// not sent to bob
	// not sent to carl
	// [{ann} {bob} {carl}]
	// bounded: closed: desync: the job has not run and will not
}

func ExampleBound_Submit() {
	room, post := bounded.New(10), desync.New(0)
	fmt.Println(room.Submit(context.Background(), post, 1, letter{"ann"}))
	fmt.Println(post.Sync(func(sent *int) int { return *sent }))
	// Output:
	// <nil>
	// 1
}

func ExampleReturned() {
	room, disk := bounded.New(10), desync.New(0, desync.WithName("disk"))
	resume := disk.Suspend()
	_ = room.TryAsync(disk, 1, func(*int) {})
	for _, back := range room.TakeBack() {
		fmt.Printf("%T %t\n", back.Job, back.Object == disk)
	}
	resume()
	// Output: func(*int) true
}

func ExampleBound_Close() {
	room := bounded.New(10)
	accounts := desync.NewMap(func(string) int { return 0 }, desync.WithName("accounts"))
	resume := accounts.At("ann").Suspend()
	for range 3 {
		_ = room.TryAsync(accounts.At("ann"), 1, func(n *int) { *n++ })
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	fmt.Println(room.Close(ctx))

	resume()
	fmt.Println(room.Close(context.Background()))
	// Output:
	// bounded: Close: 3 jobs of 1 objects are left (3 waiting and 0 running on "accounts", key "ann": busy, 4 pending): the context ended: context deadline exceeded
	// <nil>
}

func ExampleLeftError() {
	room, disk := bounded.New(10), desync.New(0)
	resume := disk.Suspend()
	_ = room.TryAsync(disk, 1, func(n *int) { *n++ })
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	if left, ok := errors.AsType[*bounded.LeftError](room.Close(ctx)); ok {
		fmt.Println(left.Left[0].Object == disk, left.Left[0].Waiting, errors.Is(left, context.DeadlineExceeded))
	}
	resume()
	// Output: true 1 true
}

func ExampleLeft() {
	limit, disk := bounded.NewLimit(1), desync.New(0)
	gate := make(chan struct{})
	job := func(context.Context, *int) { <-gate }
	_ = limit.Async(context.Background(), disk, job)
	_ = limit.Async(context.Background(), disk, job)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err, ok := errors.AsType[*bounded.LeftError](limit.Wait(ctx)); ok {
		for _, left := range err.Left {
			fmt.Println(left.Object == disk, left.Waiting+left.Running)
		}
	}
	close(gate)
	// Output: true 2
}

// Wait includes the jobs that jobs hand over.
func ExampleBound_Wait() {
	room, pages := bounded.New(100), desync.New(0)
	var visit func(n *int)
	visit = func(n *int) {
		if *n++; *n < 10 {
			_ = room.TryAsync(pages, 1, visit) // a page has a link to another one
		}
	}
	_ = room.TryAsync(pages, 1, visit)
	fmt.Println(room.Wait(context.Background()))
	fmt.Println(pages.Sync(func(n *int) int { return *n }))
	// Output:
	// <nil>
	// 10
}

func ExampleBound_SetSize() {
	room, d := bounded.New(1), desync.New(0)
	resume := d.Suspend()
	fmt.Println(room.TryAsync(d, 1, func(n *int) { *n++ }), errors.Is(room.TryAsync(d, 1, func(n *int) { *n++ }), bounded.ErrFull))
	room.SetSize(2)
	fmt.Println(room.TryAsync(d, 1, func(n *int) { *n++ }))
	resume()
	fmt.Println(d.Sync(func(n *int) int { return *n }))
	// Output:
	// <nil> true
	// <nil>
	// 2
}

func ExampleMaxWaiting() {
	room := bounded.New(1, bounded.MaxWaiting(0))
	p, _ := room.Acquire(context.Background(), 1)
	_, err := room.Acquire(context.Background(), 1) // does not wait
	fmt.Println(errors.Is(err, bounded.ErrFull))
	p.Release()
	// Output: true
}

func ExampleOption() {
	var options []bounded.Option
	options = append(options, bounded.MaxWaiting(100)) // from a configuration
	fmt.Println(bounded.New(10, options...).TryAsync(desync.New(0), 1, func(*int) {}))
	// Output: <nil>
}

func ExampleBound_Future() {
	room, prices := bounded.New(10), desync.New(7)
	f := room.Future(context.Background(), prices, 1, func(_ context.Context, price *int) (int, error) { return 3 * *price, nil })
	fmt.Println(f.Await(context.Background()))
	// Output: 21 <nil>
}
