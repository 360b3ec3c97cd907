package desync_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-desync/go-desync/desync"
)

// threeKeys is a map with the keys a, b and stuck, and what ends the job of stuck.
func threeKeys(t *testing.T, opts ...desync.Option) (m *desync.Map[string, int], end func()) {
	m = zeros[string](opts...)
	for _, key := range []string{"a", "b", "stuck"} {
		m.At(key).Do(func(n *int) { *n = len(key) })
	}
	gate := make(chan struct{})
	m.At("stuck").Async(func(*int) { <-gate })
	synctest.Wait()
	return m, func() { close(gate) }
}

func TestTryRangeVisitsWhatIsIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, end := threeKeys(t)
		m.At("no value").AsyncIfPresent(func(*int) {})
		visited := func() (keys []string) {
			m.TryRange(func(key string, n *int) bool {
				if *n != len(key) {
					t.Errorf("TryRange visits %q with %d", key, *n)
				}
				keys = append(keys, key)
				return true
			})
			slices.Sort(keys)
			return keys
		}
		if got, want := visited(), []string{"a", "b"}; !slices.Equal(got, want) {
			t.Errorf("TryRange visits %q; want those that are idle, %q", got, want)
		}
		end()
		synctest.Wait()
		if got, want := visited(), []string{"a", "b", "stuck"}; !slices.Equal(got, want) {
			t.Errorf("TryRange visits %q; want all, %q", got, want)
		}
		n := 0
		m.TryRange(func(string, *int) bool { n++; return false })
		if n != 1 {
			t.Errorf("TryRange visits %d keys after false; want 1", n)
		}
		m.At("a").Do(func(*int) { m.TryRange(func(key string, _ *int) bool { return key != "a" }) }) // does not wait for itself
		if v := caught(func() { m.TryRange(func(string, *int) bool { panic("a boom") }) }); v != "a boom" {
			t.Errorf("PAN-1: the panic is %v", v)
		}
		for key := range m.Keys() {
			m.Delete(key)
		}
		synctest.Wait()
		wantLen(t, m, 0, "after a Delete of each key; a visit has left a pin")
	})
}

func TestCAN1_RangeContextGivesUp(t *testing.T) {
	for _, observed := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			opts := []desync.Option{desync.WithName("rooms")}
			if observed {
				opts = append(opts, desync.WithObserver(desync.NopObserver{}))
			}
			m, end := threeKeys(t, opts...)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			visit := func(ctx context.Context, key string, n *int) error {
				if key == "stuck" {
					t.Error("CAN-1: a visit of a key whose turn has not come")
				}
				return ctx.Err()
			}
			for _, text := range []string{"while it waits", "before the call"} {
				err := m.RangeContext(ctx, visit)
				e, ok := errors.AsType[*desync.NotRunError](err)
				if !ok || !errors.Is(err, context.DeadlineExceeded) || e.Call != "RangeContext" || e.Object != `"rooms"` {
					t.Errorf("CAN-1: a context that ends %s: %v; want a NotRunError of RangeContext", text, err)
				} else if want := map[string]any{"while it waits": "stuck", "before the call": nil}[text]; e.Key != want {
					t.Errorf("the key of the error is %v; want %v", e.Key, want)
				}
			}
			end()
			visits := 0
			err := m.RangeContext(t.Context(), func(context.Context, string, *int) error { visits++; return errDisk })
			if err != errDisk || visits != 1 {
				t.Errorf("RangeContext returns %v after %d visits; want the first one's error", err, visits)
			}
			if err := m.RangeContext(t.Context(), func(context.Context, string, *int) error { visits++; return nil }); err != nil || visits != 4 {
				t.Errorf("RangeContext returns %v after %d visits; want nil after 3 more", err, visits)
			}
			for key := range m.Keys() {
				m.Delete(key)
			}
			synctest.Wait()
			wantLen(t, m, 0, "after a Delete of each key; a visit has left a pin")
		})
	}
}

// In a job of the map both would wait for that job.
func TestNST3_RangeContextAndBroadcastInAJobOfTheMap(t *testing.T) {
	for name, call := range map[string]func(m *desync.Map[string, int], ctx context.Context) error{
		"RangeContext": func(m *desync.Map[string, int], ctx context.Context) error {
			return m.RangeContext(ctx, func(context.Context, string, *int) error { t.Error("a visit"); return nil })
		},
		"Broadcast": func(m *desync.Map[string, int], ctx context.Context) error {
			return m.Broadcast(ctx, func(context.Context, string, *int) error { t.Error("a job"); return nil })
		},
	} {
		m := zeros[string](desync.WithName("rooms"))
		m.At("b").Do(func(*int) {})
		check := func(what string, err error) {
			t.Helper()
			if e, ok := errors.AsType[*desync.DeadlockError](err); !ok || len(e.Ring) != 1 || e.Ring[0].Object != `"rooms", key "a"` {
				t.Errorf("NST-3: %s %s: %v; want a DeadlockError that names the key", name, what, err)
			}
		}
		m.At("a").DoContext(t.Context(), func(ctx context.Context, _ *int) error {
			check("with the job's context", call(m, ctx))
			return nil
		})
		if watched && name == "Broadcast" { // RangeContext may have visited other keys by then
			var off atomic.Bool
			m.At("a").Do(func(*int) {
				err := m.Broadcast(context.Background(), func(_ context.Context, key string, _ *int) error {
					if key == "a" && off.Load() {
						t.Error("the job that would have been a deadlock has run")
					}
					return nil
				})
				off.Store(true)
				check("with another context", err)
			})
			if err := m.Wait(t.Context()); err != nil {
				t.Error(err)
			}
		}
	}
}

// A key that is stuck does not keep a broadcast from the others.
func TestKEY2_BroadcastToAllAtOnce(t *testing.T) {
	for _, observed := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			opts := []desync.Option{desync.WithName("rooms")}
			if observed {
				opts = append(opts, desync.WithObserver(desync.NopObserver{}))
			}
			m, end := threeKeys(t, opts...)
			m.At("stuck").Async(func(*int) {})
			slow := make(chan struct{})
			ran := make(chan string, 10)
			ctx, cancel := context.WithCancelCause(t.Context())
			told := make(chan error, 1)
			go func() {
				told <- m.Broadcast(ctx, func(_ context.Context, key string, n *int) error {
					if *n != len(key) {
						t.Errorf("the job of %q gets %d", key, *n)
					}
					ran <- key
					if key == "b" {
						<-slow
					}
					return nil
				})
			}()
			synctest.Wait()
			if len(ran) != 2 {
				t.Errorf("KEY-2: %d jobs have begun while a key is stuck; want those of the other two", len(ran))
			}
			cancel(errDisk)
			err := <-told
			e, ok := errors.AsType[*desync.WaitError[string]](err)
			if !ok || !errors.Is(err, context.Canceled) || !errors.Is(err, errDisk) {
				t.Fatalf("Broadcast returns %v; want a WaitError that matches the context's error and its cause", err)
			}
			slices.Sort(e.Keys)
			if !slices.Equal(e.Keys, []string{"b", "stuck"}) || e.Jobs != 3 {
				t.Errorf("the keys left are %q with %d jobs; want b, whose job runs, and stuck with 2", e.Keys, e.Jobs)
			}
			e.Keys = e.Keys[:1]
			if want := `desync: Map.Broadcast of "rooms": 3 jobs of 1 keys are left ("b"): the disk is full`; e.Error() != want {
				t.Errorf("the text is %s; want %s", e, want)
			}
			close(slow)
			end()
			synctest.Wait()
			if len(ran) != 2 {
				t.Errorf("CAN-1: %d jobs have run; the one that was given up must not", len(ran))
			}
			for key := range m.Keys() {
				m.Delete(key)
			}
			synctest.Wait()
			wantLen(t, m, 0, "after a Delete of each key; a broadcast has left a pin")
		})
	}
}

// A broadcast finds what was handed over before it, makes no value, and is no use.
func TestKEY7_BroadcastIsNoUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := zeros[string]()
		m.EvictIdle(4 * time.Second)
		m.At("a").Async(func(n *int) { *n = 7 })
		m.At("gone").Async(func(*int) { time.Sleep(time.Nanosecond) })
		m.Delete("gone")
		var sum atomic.Int64
		broadcast := func() {
			err := m.Broadcast(t.Context(), func(_ context.Context, key string, n *int) error {
				sum.Add(int64(*n))
				if key == "gone" {
					t.Error("KEY-7: the job of a key without a value has run")
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		}
		broadcast()
		if sum.Load() != 7 {
			t.Errorf("the jobs have found %d; want 7, of a job that was queued before", sum.Load())
		}
		for range 6 {
			time.Sleep(time.Second + time.Millisecond)
			broadcast()
		}
		wantLen(t, m, 0, "KEY-7: after a while of nothing but broadcasts")
	})
}

func TestPAN2_BroadcastReturnsWhatJobsFailWith(t *testing.T) {
	m := zeros[string]()
	for _, key := range []string{"error", "panic", "fine", "not run"} {
		m.At(key).Do(func(*int) {})
	}
	err := m.Broadcast(t.Context(), func(_ context.Context, key string, _ *int) error {
		switch key {
		case "error":
			return errDisk
		case "panic":
			panic("a boom")
		case "not run":
			return fmt.Errorf("of another object: %w", desync.ErrNotRun)
		}
		return nil
	})
	p, ok := errors.AsType[*desync.PanicError](err)
	if !ok || p.Value != "a boom" || !errors.Is(err, errDisk) || !errors.Is(err, desync.ErrNotRun) {
		t.Errorf("Broadcast returns %v; want the three errors", err)
	}
	if _, left := errors.AsType[*desync.WaitError[string]](err); left {
		t.Errorf("Broadcast returns %v; want no WaitError", err)
	}
	for key := range m.Keys() {
		m.At(key).Do(func(*int) {}) // the turn of a job ends after its future has settled
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	err = m.Broadcast(ended, func(context.Context, string, *int) error { t.Error("CAN-1: a job has run"); return nil })
	if e, ok := errors.AsType[*desync.WaitError[string]](err); !ok || len(e.Keys) != 4 || e.Jobs != 0 {
		t.Errorf("with a context that has ended: %v; want a WaitError of 4 keys and no jobs", err)
	}
	if err := zeros[string]().Broadcast(ended, func(context.Context, string, *int) error { return nil }); err != nil {
		t.Errorf("without keys: %v; want nil", err)
	}
}

func TestCAN1_DoContextIfPresentGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, end := threeKeys(t)
		job := func(context.Context, *int) error { t.Error("CAN-1: the job has run"); return nil }
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		for range 2 { // while it waits, and ended before
			for _, key := range []string{"stuck", "a"} {
				if key == "a" && ctx.Err() == nil {
					continue
				}
				err := m.At(key).DoContextIfPresent(ctx, job)
				e, ok := errors.AsType[*desync.NotRunError](err)
				if !ok || e.Call != "DoContextIfPresent" || e.Key != key || !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("CAN-1: %v; want a NotRunError", err)
				}
			}
		}
		err := m.At("absent").DoContextIfPresent(ctx, job)
		if e, ok := errors.AsType[*desync.NotRunError](err); !ok || e.Key != "absent" {
			t.Errorf("CAN-1: with a context that has ended, of a key without a value: %v; want a NotRunError", err)
		}
		err = m.At("absent").DoContextIfPresent(t.Context(), job)
		if _, ended := errors.AsType[*desync.NotRunError](err); ended || !errors.Is(err, desync.ErrNotRun) {
			t.Errorf("KEY-7: of a key without a value: %v; want ErrNotRun alone", err)
		}
		if err := m.At("b").DoContextIfPresent(t.Context(), func(context.Context, *int) error { return errDisk }); err != errDisk {
			t.Errorf("it returns %v; want the job's error", err)
		}
		end()
	})
}

// A panic in the background goes to the handler, and the key goes on.
func TestPAN3_AsyncIfPresent(t *testing.T) {
	told := make(chan *desync.PanicError, 1)
	m := zeros[string](desync.WithPanicHandler(func(p *desync.PanicError) { told <- p }))
	m.At("a").Do(func(*int) {})
	m.At("a").AsyncIfPresent(func(*int) { panic("a boom") })
	if p := receive(t, told, "the handler"); p.Value != "a boom" {
		t.Errorf("PAN-3: the handler is told of %v", p.Value)
	}
	m.Delete("a")
	eventually(t, func() bool { return m.Len() == 0 }, "KEY-3: no pin is left")
}

func ExampleMap_TryRange() {
	stock := desync.NewMap(func(item string) int { return 3 })
	stock.At("nails").Do(func(*int) {})
	stock.At("pears").Do(func(*int) {})
	resume := stock.At("pears").Suspend()
	stock.TryRange(func(item string, n *int) bool {
		fmt.Println(*n, item)
		return true
	})
	resume()
	// Output: 3 nails
}

func ExampleMap_RangeContext() {
	stock := desync.NewMap(func(item string) int { return 3 })
	stock.At("nails").Do(func(*int) {})
	resume := stock.At("nails").Suspend() // nobody gets a turn
	defer resume()
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	err := stock.RangeContext(ctx, func(_ context.Context, item string, n *int) error {
		fmt.Println(*n, item)
		return nil
	})
	fmt.Println(errors.Is(err, desync.ErrNotRun), errors.Is(err, context.DeadlineExceeded))
	// Output: true true
}

// News for all rooms, of which one is stuck.
func ExampleMap_Broadcast() {
	rooms := desync.NewMap(func(room string) []string { return nil })
	for _, room := range []string{"hall", "attic", "cellar"} {
		rooms.At(room).Do(func(*[]string) {})
	}
	resume := rooms.At("cellar").Suspend()
	defer resume()
	ctx, cancel := context.WithCancel(context.Background())
	told := make(chan string)
	go func() {
		for range 2 { // not for the third
			rooms.At(<-told).Do(func(*[]string) {}) // comes after the job
		}
		cancel()
	}()
	err := rooms.Broadcast(ctx, func(_ context.Context, room string, news *[]string) error {
		*news = append(*news, "dinner is ready")
		told <- room
		return nil
	})
	if left, ok := errors.AsType[*desync.WaitError[string]](err); ok {
		fmt.Println("not told:", left.Keys)
	}
	rooms.At("attic").Do(func(news *[]string) { fmt.Println(*news) })
	// Output:
	// not told: [cellar]
	// [dinner is ready]
}

func ExampleKey_AsyncIfPresent() {
	sessions := desync.NewMap(func(user string) []string { return nil })
	sessions.At("ann").Do(func(*[]string) {})
	for _, user := range []string{"ann", "bob"} {
		sessions.At(user).AsyncIfPresent(func(inbox *[]string) { *inbox = append(*inbox, "news") })
	}
	sessions.At("ann").Do(func(inbox *[]string) { fmt.Println(*inbox, sessions.Len()) })
	// Output: [news] 1
}

func ExampleKey_DoContextIfPresent() {
	sessions := desync.NewMap(func(user string) int { return 0 })
	err := sessions.At("ann").DoContextIfPresent(context.Background(), func(_ context.Context, n *int) error {
		return nil
	})
	fmt.Println(errors.Is(err, desync.ErrNotRun), sessions.Len())
	// Output: true 0
}
