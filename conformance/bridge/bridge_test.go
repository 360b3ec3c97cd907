package bridge_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/go-desync/go-desync/conformance/bridge"
	"github.com/go-desync/go-desync/conformance/history"
)

var errFull = errors.New("full")

func TestCheckPassesRightOnes(t *testing.T) {
	for name, open := range map[string]bridge.Opener{
		"without a bound":  belt{}.open,
		"with room for 1":  belt{room: 1}.open,
		"with room for 20": belt{room: 20}.open,
		"without a queue":  inPush,
		"that refuses some": belt{push: func(item int, queue func(int)) error {
			if item%3 == 0 {
				return errFull
			}
			queue(item)
			return nil
		}}.open,
	} {
		t.Run(name, func(t *testing.T) {
			if err := bridge.Check(t.Context(), open); err != nil {
				t.Error(err)
			}
		})
	}
}

// Faults in what becomes of the items that wait show only if as many wait as can.
func TestCheckFillsTheBridge(t *testing.T) {
	for room, want := range map[int]int64{0: 64, 1: 1 + 1, 20: 1 + 20} {
		var inside atomic.Int64
		var waited []int64
		open := belt{
			room: room,
			push: func(item int, queue func(int)) error {
				queue(item)
				inside.Add(1)
				return nil
			},
			emit: func(item int, observe func(int)) {
				observe(item)
				inside.Add(-1)
			},
			wait: func(idle func()) error {
				for range 10000 {
					runtime.Gosched() // for what can leave the bridge
				}
				waited = append(waited, inside.Load())
				idle()
				return nil
			},
		}.open
		if err := bridge.Check(t.Context(), open); err != nil {
			t.Error(err)
		}
		if waited[0] != want {
			t.Errorf("with room for %d items in the queue, %d were in the bridge when finish was called, want %d", room, waited[0], want)
		}
	}
}

// Each broken bridge must be caught, and be told with these words.
func TestCheckCatchesBrokenOnes(t *testing.T) {
	var leaked chan struct{}
	leak := func() {
		stop := leaked
		go func() { <-stop }()
	}
	for _, tc := range []struct {
		name  string
		open  bridge.Opener
		rule  string // of the violation, or several; and how many operations prove it
		proof int
		words string
	}{
		{"last first", belt{take: func(queue []int) int { return len(queue) - 1 }}.open, "ORD-1", 2, "was observed first\nORD-1 violated"},
		{"a bounded queue, last first", belt{room: 3, take: func(queue []int) int { return len(queue) - 1 }}.open, "ORD-1 ORD-2", 2, "was observed first\nORD-"},
		{"two pushers reordered", belt{take: func(queue []int) int {
			// A lane for the pushers 0 and 1, and one for the others, which goes first.
			return max(0, slices.IndexFunc(queue, func(item int) bool { return item%4 >= 2 }))
		}}.open, "ORD-2", 2, "was observed first\nORD-2 violated"},
		{"loses one", belt{push: func(item int, queue func(int)) error {
			if item != 37 {
				queue(item)
			}
			return nil
		}}.open, "EXE-2", 2, "item 37 was accepted and never observed\n"},
		{"loses the last one", belt{emit: func(item int, observe func(int)) {
			if item != 63 {
				observe(item)
			}
		}}.open, "EXE-2", 2, "item 63 was accepted and never observed\n"},
		{"duplicates one", belt{push: func(item int, queue func(int)) error {
			if item == 37 {
				queue(item)
			}
			queue(item)
			return nil
		}}.open, "EXE-1", 1, "item 37 was observed twice\n"},
		{"observes what it refused", belt{push: func(item int, queue func(int)) error {
			queue(item)
			if item == 37 {
				return errFull
			}
			return nil
		}}.open, "TRY-1", 1, "the push of item 37 returned an error, but the item was observed\n"},
		{"overlaps", func(observe func(int)) (func(int) error, func() error) {
			var all sync.WaitGroup
			return func(item int) error {
				all.Go(func() { observe(item) })
				return nil
			}, func() error { all.Wait(); return nil }
		}, "EXC-1", 2, "had ended\nEXC-1 violated"},
		{"finishes too early", belt{wait: func(func()) error { return nil }}.open, "EXC-1", 2, "finish returned before item 0 had been observed\n"},
		{"finishes too early, with room for 3", belt{room: 3, wait: func(func()) error { return nil }}.open, "EXC-1", 2, "finish returned before item 60 had been observed\n"},
		{"drops what is queued at the end", belt{drop: true}.open, "EXE-2", 2, "was accepted and never observed\n"},
		{"drops what is queued at the end, with room for 1", belt{room: 1, drop: true}.open, "EXE-2", 2, "item 63 was accepted and never observed\n"},
		{"leaks a goroutine", belt{with: leak}.open, "", 0, "leaves goroutines behind (LEAK-1), 6 of them:\ngoroutine "},
		{"observes what nobody pushed", belt{emit: func(item int, observe func(int)) { observe(item + 1) }}.open, "", 0, "was observed and had not been pushed"},
		{"fails to finish", belt{wait: func(idle func()) error { idle(); return errFull }}.open, "", 0, "with 4 goroutines that push in turns: finish returned an error: full"},
		{"refuses all", belt{push: func(int, func(int)) error { return errFull }}.open, "", 0, "accepts no more than 0 items shows no order; push returned: full"},
		{"opens nothing", func(func(int)) (func(int) error, func() error) { return nil, nil }, "", 0, "is nil"},
		{"nil", nil, "", 0, "the function that opens a bridge is nil"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			leaked = make(chan struct{})
			defer close(leaked)
			err := bridge.Check(t.Context(), tc.open)
			if err == nil || !strings.Contains(err.Error(), tc.words) {
				t.Fatalf("Check returned %v, want an error with %q", err, tc.words)
			}
			v, ok := errors.AsType[*history.Violation](err)
			switch {
			case ok != (tc.rule != ""):
				t.Errorf("the error wraps a violation: %v; want a violation of %q\n%v", ok, tc.rule, err)
			case ok && (!strings.Contains(tc.rule, v.Rule) || len(v.Operations) != tc.proof):
				t.Errorf("a violation of %s with %d operations, want one of %s with %d", v.Rule, len(v.Operations), tc.rule, tc.proof)
			}
		})
	}
}

// A bridge that hangs is told from a slow one without a clock, and what hangs names
// itself.
func TestCheckNoticesHangs(t *testing.T) {
	for _, tc := range []struct {
		name  string
		open  func(hang chan struct{}) bridge.Opener
		words string
	}{
		{"in push", func(hang chan struct{}) bridge.Opener {
			return belt{push: func(item int, queue func(int)) error {
				if item == 5 {
					<-hang
				}
				queue(item)
				return nil
			}}.open
		}, "no goroutine can run any more before the push of item 5 has returned"},
		{"in finish", func(hang chan struct{}) bridge.Opener {
			return belt{wait: func(idle func()) error { <-hang; idle(); return nil }}.open
		}, "before finish has returned;"},
		{"in finish, for what was lost", func(hang chan struct{}) bridge.Opener {
			return belt{
				push: func(item int, queue func(int)) error {
					if item != 7 {
						queue(item)
					}
					return nil
				},
				wait: func(idle func()) error { <-hang; idle(); return nil },
			}.open
		}, "before finish has returned, and item 7 was accepted and not observed"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			hang := make(chan struct{})
			defer close(hang)
			err := bridge.Check(t.Context(), tc.open(hang))
			if err == nil || !strings.Contains(err.Error(), tc.words) || !strings.Contains(err.Error(), "goroutine ") {
				t.Errorf("Check returned %v, want an error with %q and the goroutines", err, tc.words)
			}
		})
	}
}

func TestCheckEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	gone := errors.New("gone home")
	hang := make(chan struct{})
	defer close(hang)
	go func() { // while this runs, what hangs is not certain to hang
		for ctx := t.Context(); ctx.Err() == nil; {
			runtime.Gosched()
		}
	}()
	err := bridge.Check(ctx, belt{push: func(item int, queue func(int)) error {
		if item == 5 {
			cancel(gone)
			<-hang
		}
		queue(item)
		return nil
	}}.open)
	if !errors.Is(err, gone) || !strings.Contains(fmt.Sprint(err), "the context ended before the push of item 5 has returned") {
		t.Errorf("Check returned %v, want an error that matches the cause of the context", err)
	}
}
