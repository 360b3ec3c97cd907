package rows

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/go-desync/go-desync/adapters/natsmap/scale/internal/child"
)

const megabyte = 1 << 20

// million uses a million keys once each.
func million(ctx context.Context, e *env) error {
	f := e.family("million")
	cl, err := e.client(ctx, f)
	if err != nil {
		return err
	}
	w, err := e.worker(ctx, f)
	if err != nil {
		return err
	}
	if err := e.warm(ctx, cl); err != nil {
		return err
	}
	idle := func(r child.Report) bool { return r.Open == 0 && len(r.Partitions) == partitions }
	if _, _, err := w.Await(ctx, "an idle worker", idle); err != nil {
		return err
	}
	base, err := w.Tell(ctx, "collect")
	if err != nil {
		return err
	}
	n := e.million(20_000)
	l := cl.hand(ctx, &load{commands: n, keys: n})
	if err := l.handedOver(ctx, e); err != nil {
		return err
	}
	peak, _, err := w.Await(ctx, "all commands", func(r child.Report) bool { return int(r.Commands) >= n })
	if err != nil {
		return err
	}
	// Keys leave memory when they have been idle for ten seconds.
	e.progress("waiting until the keys have left memory")
	limit := time.Now().Add(25 * time.Second)
	var now child.Report
	for {
		if now, err = w.Tell(ctx, "collect"); err != nil {
			return err
		}
		if now.Heap <= base.Heap+20*megabyte && now.Goroutines <= base.Goroutines+2 || time.Now().After(limit) {
			break
		}
		if !wait(ctx, time.Second) {
			return context.Cause(ctx)
		}
	}
	e.figure("heap %+.1f MB, goroutines %+d, resident %d MB at the end of the work", float64(int64(now.Heap)-int64(base.Heap))/megabyte, now.Goroutines-base.Goroutines, peak.Resident/megabyte)
	e.require(now.Heap <= base.Heap+20*megabyte, "the owner's heap has grown from %d to %d bytes", base.Heap, now.Heap)
	e.require(now.Goroutines <= base.Goroutines+2, "the owner had %d goroutines, and has %d", base.Goroutines, now.Goroutines)
	return e.judge(ctx, cl, l.wants())
}

// warm uses each partition, so that what is made once is not counted.
func (e *env) warm(ctx context.Context, cl *client) error {
	for i := range 100 {
		if _, err := cl.Sync(ctx, fmt.Sprint("warm", i), cl.f.Count, i); err != nil {
			return err
		}
	}
	return nil
}

// backlog lets a million commands wait, and then serves them.
func backlog(ctx context.Context, e *env) error {
	f := e.family("backlog")
	cl, err := e.client(ctx, f)
	if err != nil {
		return err
	}
	w, err := e.worker(ctx, f)
	if err != nil {
		return err
	}
	// The keys are warm, in the client and in the owner.
	n, keys := e.million(50_000), 1000
	warm := cl.hand(ctx, &load{commands: keys * 4, keys: keys, give: e.warmKey(cl)})
	if err := warm.handedOver(ctx, e); err != nil {
		return err
	}
	if _, _, err := w.Await(ctx, "the first commands", func(r child.Report) bool { return int(r.Commands) >= keys*4 }); err != nil {
		return err
	}
	e.figures = nil
	if err := w.Close(); err != nil {
		return err
	}
	client, stopClient := watchResident()
	l := cl.hand(ctx, &load{commands: n, keys: keys})
	if err := l.handedOver(ctx, e); err != nil {
		return err
	}
	grown := stopClient()
	e.figure("client %+d MB from %d MB", grown/megabyte, client/megabyte)
	e.require(grown <= 64*megabyte, "the client has grown by %d MB", grown/megabyte)

	var base, most atomic.Uint64
	see := func(r child.Report) {
		if r.Commands > 0 {
			base.CompareAndSwap(0, r.Resident)
		}
		most.Store(max(most.Load(), r.Resident)) // by one goroutine
	}
	f.Fault = e.Fault
	if w, err = child.Start(child.Config{URL: e.url, Family: &f}, see); err != nil {
		return err
	}
	e.cleanup(w.Close)
	first, _, err := w.Await(ctx, "a worker", func(r child.Report) bool { return r.Serving })
	if err != nil {
		return err
	}
	begun := time.Now()
	for served := false; !served; {
		r, _, err := w.Await(ctx, "all commands", func(r child.Report) bool { return int(r.Commands) >= n || time.Since(begun) > time.Second })
		if err != nil {
			return err
		}
		served = int(r.Commands) >= n
		if !wait(ctx, 200*time.Millisecond) {
			return fmt.Errorf("%d of %d commands are served: %w", r.Commands, n, context.Cause(ctx))
		}
		e.progress("%d of %d commands are served", r.Commands, n)
	}
	e.figure("%.0f served a second", float64(n)/time.Since(begun).Seconds())
	growth := int64(most.Load()) - int64(first.Resident)
	e.figure("owner %+d MB from %d MB", growth/megabyte, first.Resident/megabyte)
	e.require(growth <= 64*megabyte, "the owner has grown by %d MB", growth/megabyte)
	return e.judge(ctx, cl, l.wants())
}

// warmKey counts on keys of other names.
func (e *env) warmKey(cl *client) func(ctx context.Context, key string, n int) error {
	return func(ctx context.Context, key string, n int) error { return cl.Async(ctx, "warm-"+key, cl.f.Count, n) }
}

// watchResident begins to look at the memory of this process. stop says how much it has grown
// at most.
func watchResident() (base uint64, stop func() int64) {
	debug.FreeOSMemory()
	base = child.Resident()
	most := base
	end, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for tick := time.NewTicker(50 * time.Millisecond); ; {
			select {
			case <-end:
				return
			case <-tick.C:
				most = max(most, child.Resident())
			}
		}
	}()
	return base, func() int64 {
		close(end)
		<-ended
		return int64(most) - int64(base)
	}
}
