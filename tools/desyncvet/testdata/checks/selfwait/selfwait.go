package selfwait

import (
	"context"
	"errors"
	"time"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"

	"example.com/checks/helper"
)

type service struct {
	d     *desync.Desync[int]
	other *desync.Desync[int]
	rooms *desync.Map[string, int]
}

func nop(*int) {}

func two(_, _ *int) int { return 0 }

func twoContext(context.Context, *int, *int) (int, error) { return 0, nil }

func all([]*int) int { return 0 }

func (s *service) total() int { return s.d.Sync(func(n *int) int { return *n }) }

func (s *service) later() *futures.Future[int] {
	return s.d.Future(func(n *int) int { return *n })
}

func (s *service) wrong(ctx context.Context) {
	s.d.Do(func(*int) {
		s.d.Do(nop)                                                              // want `Do waits for s.d in a job of s.d`
		_ = s.total()                                                            // want `total waits for s.d`
		helper.Add(s.d, 1)                                                       // want `Add waits for s.d`
		_ = s.d.DoContext(ctx, func(context.Context, *int) error { return nil }) // want `DoContext waits for s.d`
		desync.Sync2(s.other, s.d, func(*int, *int) int { return 0 })            // want `Sync2 waits for s.d`
		desync.DoAll([]*desync.Desync[int]{s.other, s.d}, func([]*int) {})       // want `DoAll waits for s.d`
		desync.Sync3(s.other, s.d, s.other, func(_, _, _ *int) int { return 0 }) // want `Sync3 waits for s.d`
		_, _ = desync.Sync2Context(ctx, s.d, s.other, twoContext)                // want `Sync2Context waits for s.d`
		_ = desync.DoAllContext(ctx, []*desync.Desync[int]{s.other, s.d}, nil)   // want `DoAllContext waits for s.d`
		_, _ = desync.Future2(s.other, s.d, two).Await(ctx)                      // want `waits for a future of s.d`
		_, _ = desync.FutureAll([]*desync.Desync[int]{s.d}, all).Await(ctx)      // want `waits for a future of s.d`
		_, _ = s.d.Future(func(n *int) int { return *n }).Await(ctx)             // want `waits for a future of s.d`
		_, _ = s.later().Await(ctx)                                              // want `waits for a future of s.d`
		f := helper.Later(s.d)
		<-f.Done() // want `waits for a future of s.d`
	})
	s.d.Async(func(*int) {
		func() { s.d.Do(nop) }()               // want `Do waits for s.d`
		s.other.Do(func(*int) { s.d.Do(nop) }) // want `Do waits for s.d`
		again := func() { s.d.Do(nop) }        // want `Do waits for s.d`
		again()
		d := s.d
		defer d.Do(nop) // want `Do waits for s.d`
	})
	s.rooms.At("a").Do(func(*int) {
		s.rooms.At("a").Do(nop)                                // want `Do waits for s.rooms`
		_ = s.rooms.Wait(ctx)                                  // want `Wait waits for s.rooms`
		s.rooms.Range(func(string, *int) bool { return true }) // want `Range waits for s.rooms`
		s.rooms.TryRange(func(string, *int) bool { return true })
		_ = s.rooms.RangeContext(ctx, func(context.Context, string, *int) error { return nil })       // want `RangeContext waits for s.rooms`
		_ = s.rooms.Broadcast(ctx, func(context.Context, string, *int) error { return nil })          // want `Broadcast waits for s.rooms`
		_ = s.rooms.At("a").DoContextIfPresent(ctx, func(context.Context, *int) error { return nil }) // want `DoContextIfPresent waits for s.rooms`
		s.rooms.At("a").AsyncIfPresent(nop)
	})
	hall := s.rooms.At("hall")
	hall.Async(func(*int) {
		hall.Do(nop)                                                                               // want `Do waits for s.rooms`
		desync.Sync1(hall, func(n *int) int { return *n })                                         // want `Sync1 waits for s.rooms`
		desync.Sync2(s.d, s.rooms.At("hall"), func(_, _ *int) int { return 0 })                    // want `Sync2 waits for s.rooms`
		desync.DoAll([]desync.Object[int]{s.d, s.rooms.At("hall")}, nil)                           // want `DoAll waits for s.rooms`
		_, _ = hall.After(futures.Resolved(1), func(*int, int, error) int { return 0 }).Await(ctx) // want `waits for a future of s.rooms`
	})
	desync.Sync2(s.d, hall, func(_, _ *int) int {
		hall.Do(nop) // want `Do waits for s.rooms`
		return 0
	})
	desync.Future2(s.d, hall, func(_, _ *int) int {
		hall.Do(nop) // want `Do waits for s.rooms`
		return 0
	})
	_ = desync.DoAllContext(ctx, []desync.Object[int]{s.other, s.d}, func(context.Context, []*int) error {
		s.d.Do(nop) // want `Do waits for s.d`
		return nil
	})
	s.rooms.Range(func(key string, _ *int) bool {
		s.rooms.At(key).Do(nop) // want `Do waits for s.rooms`
		return true
	})
	_ = s.rooms.Broadcast(ctx, func(_ context.Context, key string, _ *int) error {
		s.rooms.At(key).Do(nop) // want `Do waits for s.rooms`
		return nil
	})
	s.rooms.OnRemove(func(key string, _ *int) error {
		s.rooms.At(key).Do(nop) // want `Do waits for s.rooms`
		s.rooms.At(key).Async(nop)
		return nil
	}, func(key string, _ error) { s.rooms.At(key).Do(nop) })
	open := hall.Suspend()
	defer open()
	hall.Do(nop)                                       // want `waits for s.rooms, which is suspended until open is called`
	helper.Total.Do(func(*int) { helper.AddTotal(1) }) // want `AddTotal waits for Total`
	s.d.Do(s.step)                                     // want `step, a job of s.d, waits for s.d`
	resume := s.d.Suspend()
	defer resume()
	s.d.Do(nop) // want `waits for s.d, which is suspended until resume is called`
}

func (s *service) step(*int) { _ = s.total() }

func (s *service) right(ctx context.Context, nested bool, all []*desync.Desync[int]) {
	before := s.later()
	s.d.Do(func(n *int) {
		s.d.Async(nop)
		_, _ = before.Await(ctx)
		go s.d.Do(nop)
		go func() { s.d.Do(nop) }()
		time.AfterFunc(time.Second, func() { s.d.Do(nop) })
		s.other.Do(nop)
		s.other.Async(func(*int) { s.d.Do(nop) })
		s.d.TryDo(nop)
		_ = desync.Future2(s.other, s.d, two)
		_ = s.d.Future(func(n *int) int { return *n })
		s.maybe(true)
	})
	s.rooms.At("a").Do(func(*int) { s.rooms.At("b").Do(nop) })
	hall := s.rooms.At("hall")
	hall.Do(func(*int) {
		hall.Async(nop)
		hall.TryDo(nop)
		desync.Sync2(s.other, s.rooms.At("attic"), func(_, _ *int) int { return hall.Pending() })
	})
	for i, d := range all {
		d.Do(func(*int) {
			if i > 0 {
				all[i-1].Do(nop)
			}
		})
	}
	resume := s.d.Suspend()
	s.d.Async(nop)
	resume()
	s.d.Do(nop)
}

// maybe waits only if its caller says that it does not hold the object.
func (s *service) maybe(held bool) {
	if held {
		return
	}
	s.d.Do(nop)
}

type tree struct {
	d        desync.Desync[int]
	children []*tree
}

func (t *tree) walk() {
	t.d.Do(func(*int) {
		for _, c := range t.children {
			c.walk()
		}
	})
}

func onPurpose(d *desync.Desync[int], ctx context.Context) bool {
	err := d.DoContext(ctx, func(ctx context.Context, _ *int) error {
		return d.DoContext(ctx, func(context.Context, *int) error { return nil })
	})
	_, ok := errors.AsType[*desync.DeadlockError](err)
	return ok
}

// Desync is not the one of package desync.
type Desync struct{}

func (Desync) Do(job func(*int)) { job(new(int)) }

func namesake(d *Desync) { d.Do(func(*int) { d.Do(nop) }) }
