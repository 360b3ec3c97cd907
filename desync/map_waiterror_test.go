package desync_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/go-desync/go-desync/desync"
)

// waitInVain returns the error of a Wait whose context ends when all else stands still.
func waitInVain[K comparable](t *testing.T, m *desync.Map[K, int], reason error) *desync.WaitError[K] {
	t.Helper()
	ctx, cancel := context.WithCancelCause(t.Context())
	told := make(chan error, 1)
	go func() { told <- m.Wait(ctx) }()
	synctest.Wait()
	cancel(reason)
	err := <-told
	e, ok := errors.AsType[*desync.WaitError[K]](err)
	if !ok || !errors.Is(err, reason) || !errors.Is(err, context.Canceled) {
		t.Fatalf("Wait returned %v; want a WaitError that matches the context's error and its cause", err)
	}
	return e
}

// The jobs are counted, and nothing else: neither this Wait and others, nor calls that
// were given up.
func TestMapWaitErrorCountsTheJobsThatAreLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := desync.NewMap(func(string) int { return 0 }, desync.WithName("accounts"))
		gate := make(chan struct{})
		for key, jobs := range map[string]int{"stuck": 1, "behind": 5} {
			for range jobs {
				m.At(key).Async(func(*int) { <-gate })
			}
		}
		m.At("idle").Do(func(*int) {})
		var other error
		otherCtx, endOther := context.WithCancel(t.Context())
		go func() { other = m.Wait(otherCtx) }()
		gaveUp, giveUp := context.WithCancel(t.Context())
		f := m.At("stuck").FutureContext(gaveUp, func(context.Context, *int) (int, error) { return 0, nil })
		giveUp()
		<-f.Done()
		synctest.Wait()
		reason := errors.New("a reason")
		for range 10 {
			e := waitInVain(t, m, reason)
			slices.Sort(e.Keys)
			if !slices.Equal(e.Keys, []string{"behind", "stuck"}) || e.Jobs != 6 || e.Map != `"accounts"` {
				t.Errorf("the error is %+v; want 6 jobs of the keys behind and stuck of accounts", e)
			}
			if want := `desync: Map.Wait of "accounts": 6 jobs of 2 keys are left ("behind", "stuck"): a reason`; e.Error() != want {
				t.Errorf("the text is %s; want %s", e, want)
			}
		}
		endOther()
		synctest.Wait()
		close(gate)
		synctest.Wait()
		if e, ok := errors.AsType[*desync.WaitError[string]](other); !ok || e.Jobs != 6 {
			t.Errorf("the other Wait returned %v; want a WaitError with 6 jobs", other)
		}
		for _, key := range []string{"stuck", "behind", "idle"} {
			m.Delete(key)
		}
		synctest.Wait()
		wantLen(t, m, 0, "after all; a Wait that was given up has left a pin")
	})
}

// What a key refers to is not read: others may be changing it. The race detector sees it.
func TestMapWaitErrorReadsNoKey(t *testing.T) {
	type user struct{ visits int }
	synctest.Test(t, func(t *testing.T) {
		m := zeros[*user]()
		gate := make(chan struct{})
		ann := new(user)
		m.At(ann).Async(func(*int) { <-gate })
		e := waitInVain(t, m, errors.New("a reason"))
		var text string
		read := make(chan struct{})
		go func() { text = e.Error(); close(read) }()
		ann.visits++
		<-read
		if want := fmt.Sprintf("(%p)", ann); !strings.Contains(text, want) {
			t.Errorf("the text is %s; want one with %s", text, want)
		}
		close(gate)
	})
}

func TestMapWaitErrorNamesAFewKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := zeros[int]()
		gate := make(chan struct{})
		for key := range 5 {
			m.At(key).Async(func(*int) { <-gate })
		}
		e := waitInVain(t, m, errors.New("a reason"))
		if len(e.Keys) != 5 || e.Jobs != 5 {
			t.Errorf("%d jobs of the keys %v; want 5 of 5", e.Jobs, e.Keys)
		}
		want := fmt.Sprintf("5 jobs of 5 keys are left (%d, %d, %d, ...): a reason", e.Keys[0], e.Keys[1], e.Keys[2])
		if !strings.HasSuffix(e.Error(), want) {
			t.Errorf("the text is %s; want it to end with %s", e, want)
		}
		close(gate)
	})
}

// A Wait that is told of a ring leaves nothing behind.
func TestNST3_MapWaitThatIsToldLeavesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := zeros[string]()
		gate := make(chan struct{})
		m.At("other").Async(func(*int) { <-gate })
		// Along the context the ring is found before the Wait takes its places, and
		// without it, in builds that look, after that.
		calls := map[string]func(ctx context.Context) error{
			"along its context": func(ctx context.Context) error { return m.Wait(ctx) },
		}
		if watched {
			calls["without it"] = func(context.Context) error { return m.Wait(context.Background()) }
		}
		for name, wait := range calls {
			err := m.At("own").DoContext(t.Context(), func(ctx context.Context, _ *int) error {
				err := wait(ctx)
				// Only the job itself is left of this key, and one of the other.
				if e := waitInVain(t, m, errors.New("a reason")); e.Jobs != 2 {
					t.Errorf("NST-3: %d jobs after a Wait that was told of a ring; want 2", e.Jobs)
				}
				return err
			})
			if _, ok := errors.AsType[*desync.DeadlockError](err); !ok {
				t.Errorf("NST-3: Wait in a job of the map, %s, returned %v; want a DeadlockError", name, err)
			}
			m.Delete("own")
			synctest.Wait()
			wantLen(t, m, 1, "the key whose job runs; a Wait that was told of a ring has left a pin")
		}
		close(gate)
	})
}

func ExampleWaitError() {
	accounts := desync.NewMap(func(string) int { return 0 }, desync.WithName("accounts"))
	stuck, ended := make(chan struct{}), make(chan struct{})
	accounts.At("ann").Async(func(*int) { <-stuck })
	accounts.At("ann").Async(func(*int) { close(ended) })
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errors.New("no more time"))
	err := accounts.Wait(ctx)
	fmt.Println(err)
	if e, ok := errors.AsType[*desync.WaitError[string]](err); ok {
		fmt.Println(e.Keys, e.Jobs)
	}
	close(stuck)
	<-ended
	// Output:
	// desync: Map.Wait of "accounts": 2 jobs of 1 keys are left ("ann"): no more time
	// [ann] 2
}

// The call that has found its key idle has no pin, and is a job like the others.
func TestMapWaitWaitsForTheCallThatFoundItsKeyIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := desync.NewMap(func(string) int { return 0 })
		m.At("busy").Do(func(*int) {})
		gate := make(chan struct{})
		running := false
		go m.At("busy").Do(func(*int) {
			running = true
			<-gate
			running = false
		})
		synctest.Wait()
		for behind := range 3 {
			for range 4 { // the places of those that were given up are not counted
				e := waitInVain(t, m, errors.New("a reason"))
				if !slices.Equal(e.Keys, []string{"busy"}) || e.Jobs != 1+behind {
					t.Errorf("the error is %+v; want %d jobs of the key busy", e, 1+behind)
				}
			}
			m.At("busy").Async(func(*int) {})
		}
		go func() {
			synctest.Wait()
			close(gate)
		}()
		if err := m.Wait(t.Context()); err != nil || running {
			t.Errorf("Wait returned %v, and a job that was accepted before is running: %v", err, running)
		}
	})
}
