package rows

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// slow compares the waits of light keys without and with a key that is slow, in rounds that
// take turns.
func slow(ctx context.Context, e *env) error {
	f := e.family("slow")
	cl, err := e.client(ctx, f)
	if err != nil {
		return err
	}
	if _, err := e.worker(ctx, f); err != nil {
		return err
	}
	const callers, keys, ms = 8, 999, 100
	length := time.Duration(e.pick(1500, 600)) * time.Millisecond
	var calls atomic.Int64
	light := func() (time.Duration, error) { // the p99 of a round
		end := time.Now().Add(length)
		waits, errs := make([][]time.Duration, callers), make([]error, callers)
		var all sync.WaitGroup
		for i := range callers {
			all.Go(func() {
				for time.Now().Before(end) && errs[i] == nil {
					begun := time.Now()
					_, errs[i] = cl.Sync(ctx, keyName(int(calls.Add(1))%keys), cl.f.Count, 1)
					waits[i] = append(waits[i], time.Since(begun))
					wait(ctx, 2*time.Millisecond)
				}
			})
		}
		all.Wait()
		for _, err := range errs {
			if err != nil {
				return 0, err
			}
		}
		some := slices.Concat(waits...)
		slices.Sort(some)
		return some[len(some)*99/100], nil
	}
	if _, err := light(); err != nil { // loads the keys
		return err
	}
	var without, with []time.Duration
	for round := range e.pick(7, 5) {
		p99, err := light()
		if err != nil {
			return err
		}
		without = append(without, p99)
		var heavy sync.WaitGroup
		for range length / (ms * time.Millisecond) {
			fut := cl.Future(ctx, "slow", cl.f.Slow, ms)
			heavy.Go(func() { _, _ = fut.Await(ctx) })
		}
		if p99, err = light(); err != nil {
			return err
		}
		with = append(with, p99)
		heavy.Wait()
		e.progress("round %d: p99 %v without, %v with a slow key", round+1, without[round], p99)
	}
	a, b := median(without), median(with)
	e.figure("p99 %v without, %v with a slow key, medians of %d rounds", round(a), round(b), len(with))
	e.require(b <= 2*a, "a slow key makes the p99 of the others %v instead of %v", b, a)
	y, _, err := cl.Get(ctx, "slow")
	if n := len(with) * int(length/(ms*time.Millisecond)); err != nil || y.N != n {
		return fmt.Errorf("the slow key has run %d commands, %v; want %d", y.N, err, n)
	}
	return nil
}

func median(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[len(all)/2]
}
