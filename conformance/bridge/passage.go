package bridge

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/go-desync/go-desync/conformance/history"
	"github.com/go-desync/go-desync/conformance/internal/standstill"
)

const (
	pushers   = 4
	pushing   = "push" // the kinds of operations
	finishing = "finish"
)

// A passage is one opening of a bridge, and what goes over it. Operation i of its
// history is item i; the last one is finish, which counts as run when it returns, so
// that it is the fence behind all items.
type passage struct {
	atOnce bool              // else the pushers take turns, and an item is held
	before standstill.Census // the goroutines that were there before the bridge was opened

	mu      sync.Mutex
	held    int // the item whose observation waits at the gate
	gate    *gate
	clock   int64
	ops     []history.Operation
	refusal error // the first
	stray   error // an observation of what was not pushed
	over    bool  // nothing counts any more
}

func newPassage(atOnce bool, before standstill.Census) *passage {
	items := 64
	if atOnce {
		items = 1000
	}
	p := &passage{atOnce: atOnce, before: before, gate: newGate()}
	for i := range items + 1 {
		p.ops = append(p.ops, history.Operation{ID: i, Client: i % pushers, Kind: pushing, Outcome: history.Pending})
	}
	fence := &p.ops[items]
	fence.Client, fence.Kind = pushers, finishing
	return p
}

func (p *passage) String() string {
	if p.atOnce {
		return fmt.Sprintf("%d goroutines that push at once", pushers)
	}
	return fmt.Sprintf("%d goroutines that push in turns", pushers)
}

func (p *passage) items() []history.Operation { return p.ops[:len(p.ops)-1] }

// run pushes all items, finishes, and judges what was seen.
func (p *passage) run(ctx context.Context, open Opener) error {
	defer p.end()
	push, finish := open(p.observe)
	if push == nil || finish == nil {
		return errors.New("the push or the finish that it returned is nil")
	}

	pushed := make(chan struct{})
	go func() {
		defer close(pushed)
		p.pushAll(push)
	}()
	if p.atOnce {
		p.release()
	} else if !moves(ctx, pushed) {
		// The bridge is full. Items as many as are in it now fit behind the one held.
		p.hold(len(p.items()) - p.returned())
		if !moves(ctx, pushed) { // push waits until its item is observed
			p.release()
		}
	}
	if !ends(ctx, pushed) {
		return p.stuck(ctx)
	}

	var failed error
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		failed = p.finish(finish)
	}()
	if !p.atOnce {
		moves(ctx, finished) // which must wait for what is held and all behind it
		p.release()
	}
	if !ends(ctx, finished) {
		return p.stuck(ctx)
	}
	if failed != nil {
		return fmt.Errorf("finish returned an error: %w", failed)
	}
	return p.judge(ctx)
}

// pushAll has each pusher push its items, and returns when all have.
func (p *passage) pushAll(push func(int) error) {
	var all sync.WaitGroup
	defer all.Wait()
	turns := make([]chan struct{}, pushers)
	for i := range turns {
		turns[i] = make(chan struct{}, 1)
	}
	turns[0] <- struct{}{}
	for client := range pushers {
		all.Go(func() {
			for item := client; item < len(p.items()); item += pushers {
				if p.atOnce {
					p.push(item, push)
					continue
				}
				<-turns[client]
				p.push(item, push)
				turns[(client+1)%pushers] <- struct{}{}
			}
		})
	}
}

// judge judges the history. What is missing gets time to come, since what comes late
// is another fault than what never comes.
func (p *passage) judge(ctx context.Context) error {
	if p.missing() {
		moves(ctx, nil)
	}
	p.end()
	if p.stray != nil {
		return p.stray
	}
	err := history.Check(&history.History{Operations: p.ops})
	if v, ok := errors.AsType[*history.Violation](err); ok {
		return fault{v}
	}
	return err
}

// stuck returns the error of a call that does not return.
func (p *passage) stuck(ctx context.Context) error {
	if ctx.Err() != nil {
		return fmt.Errorf("the context ended before %s: %w", p.unreturned(), context.Cause(ctx))
	}
	return fmt.Errorf("no goroutine can run any more before %s; goroutines:\n%s", p.unreturned(), standstill.Show(p.before.Since()))
}

// unreturned says which call has not returned.
func (p *passage) unreturned() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	what := "finish has returned"
	for _, o := range p.items() {
		switch {
		case o.Call != 0 && o.Return == 0:
			return fmt.Sprintf("the push of item %d has returned", o.ID)
		case o.Outcome == history.Pending && o.End == 0:
			what = fmt.Sprintf("finish has returned, and item %d was accepted and not observed", o.ID)
		}
	}
	return what
}

// moves waits for done as long as something moves, but for a second at most: it
// decides nothing but when to go on.
func moves(ctx context.Context, done <-chan struct{}) bool {
	return settles(ctx, done, 5*time.Millisecond, 2, 200)
}

// ends waits for done until it is certain that it never comes.
func ends(ctx context.Context, done <-chan struct{}) bool {
	return settles(ctx, done, standstill.LookEvery, standstill.Looks, 0)
}
