package recipes_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/go-desync/go-desync/desync"
)

// A cache keeps the results of load for a while. If several callers ask for a
// key at the same time, one of them loads it and the others wait, each for as
// long as its own context allows. The keys do not delay each other.
type cache[V any] struct {
	load    func(ctx context.Context, key string) (V, error)
	life    time.Duration // how long a value is kept
	errLife time.Duration // how long an error is kept
	entries *desync.Map[string, cached[V]]
}

type cached[V any] struct {
	value   V
	err     error
	expires time.Time
}

// newCache returns a cache. Many callers share a value, so nobody may change it.
func newCache[V any](life, errLife time.Duration, load func(ctx context.Context, key string) (V, error)) *cache[V] {
	c := &cache[V]{
		load:    load,
		life:    life,
		errLife: errLife,
		entries: desync.NewMap(func(string) cached[V] { return cached[V]{} }),
	}
	c.entries.EvictIdle(life) // otherwise unused keys would stay forever
	return c
}

// Get returns the value of key. The error matches desync.ErrNotRun if ctx ended
// while another caller was loading.
func (c *cache[V]) Get(ctx context.Context, key string) (V, error) {
	return c.entries.At(key).SyncContext(ctx, func(ctx context.Context, e *cached[V]) (V, error) {
		if time.Now().Before(e.expires) {
			return e.value, e.err
		}
		v, err := c.load(ctx, key)
		if err == nil {
			*e = cached[V]{value: v, expires: time.Now().Add(c.life)}
		} else if ctx.Err() == nil {
			// The callers that wait get the error too; they do not all try
			// again.
			*e = cached[V]{err: err, expires: time.Now().Add(c.errLife)}
		} // Otherwise this caller has given up, and the next one loads.
		return v, err
	})
}

// Forget makes every later Get load the value again. It does not wait for a load
// that is going on.
func (c *cache[V]) Forget(key string) { c.entries.Delete(key) }

// A cache with single flight per key.
func Example_singleFlightCache() {
	loading := make(chan string, 10)
	answer := make(chan struct{})
	pages := newCache(time.Hour, time.Second, func(ctx context.Context, key string) (string, error) {
		loading <- key
		select {
		case <-answer:
			return "the page " + key, nil
		case <-ctx.Done():
			return "", ctx.Err()
		}
	})

	var readers sync.WaitGroup
	for range 20 {
		readers.Go(func() {
			if page, err := pages.Get(context.Background(), "index"); err != nil || page != "the page index" {
				fmt.Println("got", page, err)
			}
		})
	}
	fmt.Println("loading", <-loading)

	// This reader goes away while another one is loading.
	ctx, cancel := context.WithCancel(context.Background())
	readers.Go(func() {
		_, err := pages.Get(ctx, "index")
		fmt.Println("gave up:", errors.Is(err, desync.ErrNotRun), errors.Is(err, context.Canceled))
		close(answer)
	})
	cancel()
	readers.Wait()
	fmt.Println("further loads:", len(loading))

	pages.Forget("index")
	page, err := pages.Get(context.Background(), "index")
	fmt.Println(page, err)
	fmt.Println("further loads:", len(loading))
	// Output:
	// loading index
	// gave up: true true
	// further loads: 0
	// the page index <nil>
	// further loads: 1
}
