// Package bridge checks whether what is pushed into something comes out of it once,
// one at a time and in order. It is for what has no jobs but passes items on: a queue,
// a logger, a writer, a stage of a pipeline.
package bridge

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.uber.org/goleak"

	"github.com/go-desync/go-desync/conformance/history"
	"github.com/go-desync/go-desync/conformance/internal/standstill"
)

// An Opener opens a bridge: something into which items are pushed by any number of
// goroutines, and out of which they come at one place, one at a time and in order.
// [Check] calls it several times, and each time it opens a new one.
//
// What is opened calls observe with each item where the item has its effect, in the
// job or the write itself. Observe may take its time, and is safe to be called by
// any goroutine.
//
// Push hands over an item. It may wait for room, and be called by several goroutines
// at once. If it returns nil the item is accepted; if it returns an error the item
// must never be observed.
//
// Finish is called once, after all calls of push have returned. It returns when
// everything that was accepted has been observed. What the bridge owns, such as
// goroutines and files, is released by then.
type Opener func(observe func(item int)) (push func(item int) error, finish func() error)

// Check judges a bridge, and returns nil if it found nothing wrong:
//
//   - each item that was accepted is observed, once (EXE-2, EXE-1), and before finish
//     returns; one that was refused is not (TRY-1);
//   - one observation has ended before the next begins (EXC-1);
//   - an item whose push returned before that of another one began is observed before
//     it, whichever goroutines pushed them (ORD-1, ORD-2);
//   - push and finish return, and finish returns nil;
//   - no goroutine is left (LEAK-1).
//
// First, goroutines push in turns while an item is kept from being observed, so that a
// fault in what becomes of the items that wait shows each time. Then they push at once,
// five times; a race that is rare may survive that.
//
// If one of the first three is broken, the error wraps a [*history.Violation] and shows
// a picture of the one or two operations that prove it. They have the numbers of their
// items; finish has the next one. If ctx ends, the error wraps its cause. What hangs is
// left behind, and a panic is not recovered.
//
// Check looks at all goroutines of the process, so nothing else should run
// beside it: the test must be neither parallel nor in a synctest bubble. Under the race
// detector it also finds data races of the bridge that its own locks do not hide.
func Check(ctx context.Context, open Opener) error {
	if open == nil {
		return errors.New("bridge: Check: the function that opens a bridge is nil")
	}
	before, ignored := standstill.TakeCensus(), goleak.IgnoreCurrent()
	most, refusal := 0, error(nil)
	for i := range 6 {
		p := newPassage(i > 0, before)
		if err := p.run(ctx, open); err != nil {
			return fmt.Errorf("bridge: with %v: %w", p, err)
		}
		if n, err := p.accepted(); n > most || refusal == nil {
			most, refusal = n, err
		}
	}
	if most < 2 {
		return fmt.Errorf("bridge: one that accepts no more than %d items shows no order; push returned: %w", most, refusal)
	}
	return left(before, ignored)
}

// left returns an error if there are goroutines that were not there before. Those
// about to end get time for it: goleak looks for about half a second.
func left(before standstill.Census, ignored goleak.Option) error {
	for range 4 {
		if goleak.Find(ignored) == nil {
			return nil
		}
	}
	there := before.Since()
	if len(there) == 0 {
		return nil
	}
	return fmt.Errorf("bridge: one that leaves goroutines behind (LEAK-1), %d of them:\n%s", len(there), standstill.Show(there))
}

// A fault tells a violation in the words of a bridge.
type fault struct{ v *history.Violation }

func (f fault) Unwrap() error { return f.v }

func (f fault) Error() string {
	return f.words() + "\n" + strings.TrimSuffix(f.v.Picture(), "\n")
}

func (f fault) words() string {
	first := f.v.Operations[0]
	last := f.v.Operations[len(f.v.Operations)-1]
	switch {
	case f.v.Rule == "EXE-1":
		return fmt.Sprintf("item %d was observed twice", first.ID)
	case f.v.Rule == "TRY-1":
		return fmt.Sprintf("the push of item %d returned an error, but the item was observed", first.ID)
	case f.v.Rule == "EXE-2":
		return fmt.Sprintf("item %d was accepted and never observed", first.ID)
	case last.Kind == finishing:
		return fmt.Sprintf("finish returned before item %d had been observed", first.ID)
	case f.v.Rule == "EXC-1":
		return fmt.Sprintf("item %d was observed before the observation of item %d had ended", last.ID, first.ID)
	}
	return fmt.Sprintf("the push of item %d had returned before that of item %d began, but item %d was observed first", first.ID, last.ID, last.ID)
}

// settles waits for done. It reports false if that does not come: if every other
// goroutine of the process waits, in some looks in a row; if the limit of looks, if
// there is one, is reached; or if ctx ends.
func settles(ctx context.Context, done <-chan struct{}, every time.Duration, still, limit int) bool {
	look := time.NewTicker(every)
	defer look.Stop()
	var w standstill.Watcher
	for n := 1; ; n++ {
		select {
		case <-done:
			return true
		case <-ctx.Done():
			return false
		case <-look.C:
		}
		w.Look()
		if w.Still >= still || n == limit {
			return false
		}
	}
}
