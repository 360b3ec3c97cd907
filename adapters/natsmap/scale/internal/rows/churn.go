package rows

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/go-desync/go-desync/adapters/natsmap/scale/internal/child"
)

// churn lets a process join or leave each second.
func churn(ctx context.Context, e *env) error {
	f := e.family("churn")
	f.Partitions = 32 // so that a share is more than one
	cl, err := e.client(ctx, f)
	if err != nil {
		return err
	}
	c := &crowd{e: e, family: cl, epochs: map[int]uint64{}}
	for range 2 {
		if err := c.join(ctx); err != nil {
			return err
		}
	}
	if err := c.settle(ctx, f.Partitions); err != nil {
		return err
	}
	before := c.seen()
	l := cl.hand(ctx, &load{keys: e.pick(200, 50), rest: 20 * time.Millisecond})
	least := 0.0
	seconds := e.pick(60, 6)
	for second := range seconds {
		tick := time.Now()
		n := len(c.workers)
		if joins := n <= 2 || n < 5 && second%3 > 0; joins {
			least += float64(f.Partitions) / float64(n+1)
			err = c.join(ctx)
		} else {
			least += float64(f.Partitions) / float64(n)
			c.leave()
		}
		for swarm := 0; e.Fault == "swarm" && swarm < 3 && err == nil; swarm++ { // more come and go than are counted
			err = c.join(ctx)
			wait(ctx, 300*time.Millisecond)
			c.leave()
		}
		if err != nil {
			return err
		}
		if second%10 == 9 {
			e.progress("%d of %d s, %d processes, %d commands", second+1, seconds, len(c.workers), l.handed.Load())
		}
		if !wait(ctx, time.Until(tick.Add(time.Second))) {
			return context.Cause(ctx)
		}
	}
	if err := c.settle(ctx, f.Partitions); err != nil {
		return err
	}
	moves := 0
	for p, epoch := range c.seen() {
		moves += int(epoch - before[p])
	}
	e.figure("%d moves, %.1f times the least of %.0f, in %d joins and leaves", moves, float64(moves)/least, least, seconds)
	e.require(float64(moves) <= 2*least, "partitions have moved %d times, and the least is %.0f", moves, least)
	return e.finish(ctx, l)
}

// A crowd is processes that come and go.
type crowd struct {
	e       *env
	family  *client
	workers []*child.Process

	mu     sync.Mutex
	epochs map[int]uint64 // the highest that was seen of each partition
}

func (c *crowd) join(ctx context.Context) error {
	f := c.family.c
	f.Fault = c.e.Fault
	p, err := child.Start(child.Config{URL: c.e.url, Family: &f}, c.see)
	if err != nil {
		return err
	}
	c.e.cleanup(p.Close)
	c.workers = append(c.workers, p)
	_, _, err = p.Await(ctx, "a worker", func(r child.Report) bool { return r.Serving })
	return err
}

// leave lets the oldest go.
func (c *crowd) leave() {
	c.workers[0].Leave()
	c.workers = c.workers[1:]
}

func (c *crowd) see(r child.Report) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for p, epoch := range r.Partitions {
		c.epochs[p] = max(c.epochs[p], epoch)
	}
}

func (c *crowd) seen() map[int]uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.epochs)
}

// settle waits until each worker has a share and all partitions have an owner.
func (c *crowd) settle(ctx context.Context, n int) error {
	for {
		sum, idle := 0, 0
		for _, w := range c.workers {
			has := len(w.Last().Partitions)
			sum += has
			if has == 0 {
				idle++
			}
		}
		if sum == n && idle == 0 {
			return nil
		}
		if !wait(ctx, 20*time.Millisecond) {
			return fmt.Errorf("the %d workers have %d of %d partitions, %d of them none: %w", len(c.workers), sum, n, idle, context.Cause(ctx))
		}
	}
}
