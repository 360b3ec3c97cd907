package reference

import (
	"context"
	"runtime/pprof"
	"sync"
	"sync/atomic"

	"github.com/go-desync/go-desync/conformance"
	"github.com/go-desync/go-desync/conformance/desync-conform/internal/promise"
)

// Tickets returns an implementation by numbers: each call draws the next ticket,
// and whoever is done calls the next number. Every background job has a goroutine
// of its own, which starts when its number is called.
func Tickets() conformance.Factory {
	return conformance.Factory{
		Info: conformance.Implementation{Name: "reference: ticket queue"},
		New: func(conformance.Setup) (conformance.Object, error) {
			return &tickets{waiting: map[uint64]func(){}}, nil
		},
		Features: map[conformance.Feature]conformance.Claim{
			conformance.FeatureFuture: conformance.Supported(), conformance.FeatureCancel: conformance.Supported(),
			conformance.FeatureCancelFuture: conformance.Supported(), conformance.FeatureTry: conformance.Supported(),
			conformance.FeatureAfter: conformance.Supported(), conformance.FeatureSuspend: conformance.Supported(),
			conformance.FeatureSeveral:      conformance.Unsupported("a ticket is drawn from one object"),
			conformance.FeatureClose:        conformance.Unsupported("there is nothing to close"),
			conformance.FeaturePanicHandler: conformance.Unsupported("a panic in a background job ends the process"),
		},
	}
}

type tickets struct {
	state conformance.State // of who has the number that is called

	mu      sync.Mutex
	next    uint64            // the number of the next ticket
	called  uint64            // the number whose turn it is; equal to next if the object is idle
	waiting map[uint64]func() // what each number starts; it must not block
}

// draw takes a ticket. Start is called at its turn: at once, if the object is idle.
func (k *tickets) draw(start func()) (number uint64) {
	k.mu.Lock()
	number = k.next
	k.next++
	now := number == k.called
	if !now {
		k.waiting[number] = start
	}
	k.mu.Unlock()
	if now {
		start()
	}
	return number
}

// pass calls the next number that has not been returned.
func (k *tickets) pass() {
	k.mu.Lock()
	var start func()
	for k.called++; k.called != k.next; k.called++ {
		if start = k.waiting[k.called]; start != nil {
			delete(k.waiting, k.called)
			break
		}
	}
	if len(k.waiting) == 0 {
		k.waiting = map[uint64]func(){} // a map does not get smaller
	}
	k.mu.Unlock()
	if start != nil {
		start()
	}
}

// giveBack returns a ticket and reports whether its number had not been called.
func (k *tickets) giveBack(number uint64) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	_, there := k.waiting[number]
	delete(k.waiting, number)
	return there
}

// background draws a ticket for a job on a goroutine of its own.
func (k *tickets) background(job func()) (number uint64) {
	return k.draw(func() {
		go func() {
			defer k.pass()
			pprof.SetGoroutineLabels(context.Background())
			job()
		}()
	})
}

func (k *tickets) Async(job func(*conformance.State)) {
	k.background(func() { job(&k.state) })
}

func (k *tickets) Do(job func(*conformance.State)) {
	turn := make(chan struct{})
	k.draw(func() { close(turn) })
	<-turn
	defer k.pass()
	job(&k.state)
}

func (k *tickets) DoContext(ctx context.Context, job func(*conformance.State)) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	turn := make(chan struct{})
	number := k.draw(func() { close(turn) })
	select {
	case <-turn:
	case <-ctx.Done():
		if k.giveBack(number) {
			return ctx.Err()
		}
		<-turn
	}
	defer k.pass()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	job(&k.state)
	return nil
}

func (k *tickets) TryDo(job func(*conformance.State)) bool {
	k.mu.Lock()
	idle := k.called == k.next
	if idle {
		k.next++
	}
	k.mu.Unlock()
	if !idle {
		return false
	}
	defer k.pass()
	job(&k.state)
	return true
}

func (k *tickets) Future(job func(*conformance.State) int) conformance.Wait {
	r := promise.New()
	k.background(func() { r.Run(func() int { return job(&k.state) }) })
	return r.Wait
}

func (k *tickets) FutureContext(ctx context.Context, job func(*conformance.State) int) conformance.Wait {
	r := promise.New()
	var taken atomic.Bool // by the job, or by the end of the context
	drawn := make(chan uint64, 1)
	stop := context.AfterFunc(ctx, func() {
		if taken.CompareAndSwap(false, true) {
			k.giveBack(<-drawn)
			r.Settle(0, ctx.Err())
		}
	})
	drawn <- k.background(func() {
		if ctx.Err() == nil && taken.CompareAndSwap(false, true) {
			stop()
			r.Run(func() int { return job(&k.state) })
		}
	})
	return r.Wait
}

func (k *tickets) After(job func(*conformance.State, int, error) int) (func(int, error), conformance.Wait) {
	in, out := promise.New(), promise.New()
	k.background(func() {
		v, err := in.Wait(context.Background())
		out.Run(func() int { return job(&k.state, v, err) })
	})
	return in.Settle, out.Wait
}

func (k *tickets) Suspend() (resume func()) {
	resumed := make(chan struct{})
	k.background(func() { <-resumed })
	return sync.OnceFunc(func() { close(resumed) })
}
