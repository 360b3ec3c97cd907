package bounded_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-desync/go-desync/adapters/bounded"
	"github.com/go-desync/go-desync/desync"
)

// Room for a call on two objects at once.
func ExampleBound_Acquire() {
	room := bounded.New(100)
	ann, bob := desync.New(10), desync.New(0)
	transfer := func(ctx context.Context, amount int) error {
		p, err := room.Acquire(ctx, 1)
		if err != nil {
			return err
		}
		defer p.Release()
		return desync.Sync2(ann, bob, func(from, to *int) error {
			if *from < amount {
				return errors.New("not enough money")
			}
			*from -= amount
			*to += amount
			return nil
		})
	}
	fmt.Println(transfer(context.Background(), 7))
	fmt.Println(transfer(context.Background(), 7))
	// Output:
	// <nil>
	// not enough money
}

func ExampleBound_TryAcquire() {
	room := bounded.New(1)
	p, err := room.TryAcquire(1)
	fmt.Println(err)
	_, err = room.TryAcquire(1)
	fmt.Println(errors.Is(err, bounded.ErrFull))
	p.Release()
	// Output:
	// <nil>
	// true
}

func ExamplePermit_Release() {
	room := bounded.New(1)
	p, _ := room.TryAcquire(1)
	p.Release()
	p.Release() // does nothing
	fmt.Println(room.TryAsync(desync.New(0), 1, func(*int) {}))
	// Output: <nil>
}

// A request is accepted as a whole: there is room for all its jobs, or for none.
func ExamplePermit_Async() {
	room := bounded.New(10)
	stock := desync.NewMap(func(string) int { return 5 })
	order := func(ctx context.Context, goods ...string) error {
		p, err := room.Acquire(ctx, int64(len(goods)))
		if err != nil {
			return err
		}
		defer p.Release() // the room is free when the jobs have ended
		for _, name := range goods {
			if err := p.Async(stock.At(name), func(n *int) { *n-- }); err != nil {
				return err
			}
		}
		return nil
	}
	fmt.Println(order(context.Background(), "pen", "ink", "pen"))
	fmt.Println(stock.At("pen").Sync(func(n *int) int { return *n }))
	// Output:
	// <nil>
	// 3
}
