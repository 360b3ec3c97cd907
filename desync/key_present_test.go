package desync_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-desync/go-desync/desync"
)

func TestKEY5_KeysNeitherWaitsNorIsAUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := zeros[string]()
		m.EvictIdle(4 * time.Second)
		m.At("idle").Do(func(*int) {})
		resume := m.At("held").Suspend()
		if got, want := slices.Sorted(m.Keys()), []string{"held", "idle"}; !slices.Equal(got, want) {
			t.Errorf("the keys are %q; want %q", got, want)
		}
		for range 6 {
			time.Sleep(time.Second)
			for range m.Keys() {
				break
			}
		}
		if got, want := slices.Sorted(m.Keys()), []string{"held"}; !slices.Equal(got, want) {
			t.Errorf("KEY-5: the keys are %q after a while of nothing but Keys; want %q", got, want)
		}
		resume()
		if got := slices.Collect(m.Keys()); len(got) != 0 {
			t.Errorf("KEY-3: the keys are %q at the end; want none", got)
		}
	})
}

// presentCalls are the calls that make no value. They report whether the job has run.
func presentCalls(k desync.Key[string, int], job func(*int)) map[string]func() bool {
	return map[string]func() bool{
		"DoIfPresent": func() bool { return k.DoIfPresent(job) },
		"AsyncIfPresent": func() bool {
			done := make(chan bool, 1)
			k.AsyncIfPresent(func(n *int) { job(n); done <- true })
			k.DoIfPresent(func(*int) {}) // behind it
			return len(done) > 0
		},
		"DoContextIfPresent": func() bool {
			err := k.DoContextIfPresent(context.Background(), func(_ context.Context, n *int) error { job(n); return nil })
			return !errors.Is(err, desync.ErrNotRun)
		},
		"FutureIfPresent": func() bool {
			_, err := k.FutureIfPresent(func(n *int) int { job(n); return 0 }).Await(context.Background())
			return !errors.Is(err, desync.ErrNotRun)
		},
		"SubmitIfPresent": func() bool {
			ended := make(chan error, 1)
			k.SubmitIfPresent(presentSubmission{ended, job})
			return !errors.Is(<-ended, desync.ErrNotRun)
		},
		"DeleteIf": func() (ran bool) {
			k.DeleteIf(func(n *int) bool { ran = true; job(n); return false })
			return ran
		},
	}
}

// A presentSubmission is a job that says how it has ended.
type presentSubmission struct {
	ended chan error
	run   func(*int)
}

func (s presentSubmission) Run(n *int)      { s.run(n) }
func (s presentSubmission) Ended(err error) { s.ended <- err }

func TestKEY7_NoValueIsMade(t *testing.T) {
	for name := range presentCalls(desync.Key[string, int]{}, nil) {
		synctest.Test(t, func(t *testing.T) {
			var made atomic.Int64
			m := desync.NewMap(func(string) int { made.Add(1); return 0 })
			call := func(job func(*int)) bool { return presentCalls(m.At("a"), job)[name]() }
			ran := func(*int) { t.Errorf("%s: KEY-7: the job of a key without a value ran", name) }
			if call(ran) || m.Len() != 0 {
				t.Errorf("%s: KEY-7: the job of an absent key ran, or the key was made", name)
			}
			m.At("a").Do(func(*int) {})
			got := 0
			if !call(func(n *int) { *n++; got = *n }) || got != 1 {
				t.Errorf("%s: the job of a key with a value has not run", name)
			}
			// The value goes while the call waits for its turn.
			gate := make(chan struct{})
			m.At("a").Async(func(*int) { <-gate })
			m.Delete("a")
			var all sync.WaitGroup
			all.Go(func() {
				if call(ran) {
					t.Errorf("%s: KEY-7: it says that a job has run that found no value", name)
				}
			})
			synctest.Wait()
			close(gate)
			all.Wait()
			synctest.Wait()
			if n := made.Load(); n != 1 || m.Len() != 0 {
				t.Errorf("%s: KEY-7: %d values were made, and %d keys are left; want one, and none", name, n, m.Len())
			}
		})
	}
}

func TestKEY7_IsNoUse(t *testing.T) {
	for name := range presentCalls(desync.Key[string, int]{}, nil) {
		synctest.Test(t, func(t *testing.T) {
			m := zeros[string]()
			m.EvictIdle(4 * time.Second)
			m.At("a").Do(func(*int) {})
			ran := 0
			for range 6 {
				time.Sleep(time.Second + time.Millisecond) // not at the instant of a sweep
				presentCalls(m.At("a"), func(*int) { ran++ })[name]()
			}
			wantLen(t, m, 0, name+": KEY-7: after a while of nothing else")
			if ran == 0 {
				t.Errorf("%s: no job has run", name)
			}
		})
	}
}

// What is queued behind a value that its job takes away finds a new one.
func TestKEY6_TheJobTakesTheValue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := desync.NewMap(func(key string) []string { return []string{"new"} })
		m.At("a").Do(func(v *[]string) { *v = append(*v, "old") })
		gate := make(chan struct{})
		m.At("a").Async(func(*[]string) { <-gate })
		var all sync.WaitGroup
		var taken []string
		all.Go(func() {
			if !m.At("a").DeleteIf(func(v *[]string) bool { taken = *v; return true }) {
				t.Error("KEY-6: DeleteIf says that it has removed nothing")
			}
		})
		synctest.Wait()
		behind := m.At("a").Future(func(v *[]string) []string { return *v })
		close(gate)
		all.Wait()
		if got, _ := behind.Await(t.Context()); !slices.Equal(got, []string{"new"}) || !slices.Equal(taken, []string{"new", "old"}) {
			t.Errorf("KEY-6: the job took %q, and the one behind it found %q", taken, got)
		}
		if m.At("a").DeleteIf(func(*[]string) bool { return false }) {
			t.Error("KEY-6: DeleteIf says that it has removed a value that its job has kept")
		}
		wantLen(t, m, 1, "KEY-6: after a DeleteIf that kept the value")
		if v := caught(func() { m.At("a").DeleteIf(func(*[]string) bool { panic("boom") }) }); v != "boom" {
			t.Errorf("PAN-1: the panic is %v; want that of the job", v)
		}
		wantLen(t, m, 1, "KEY-6: after a DeleteIf that panicked")
	})
}

// The last one out removes the room: no join is lost, and no room is left.
func TestKEY6_TheLastOneOutRemovesTheRoom(t *testing.T) {
	m := desync.NewMap(func(int) map[int]bool { return make(map[int]bool) })
	const guests = 8
	var all sync.WaitGroup
	for guest := range guests {
		all.Go(func() {
			for i := range scaled(20_000) / guests {
				room := m.At(i % 3)
				room.Do(func(in *map[int]bool) { (*in)[guest] = true })
				found := false
				room.DeleteIf(func(in *map[int]bool) bool {
					found = (*in)[guest]
					delete(*in, guest)
					return len(*in) == 0
				})
				if !found {
					t.Errorf("KEY-6: the join %d of guest %d was lost", i, guest)
				}
			}
		})
	}
	all.Wait()
	wantLen(t, m, 0, "KEY-6: when all have left")
}

func TestKeyPresentMisuse(t *testing.T) {
	m := zeros[float64]()
	for name, call := range map[string]func(k desync.Key[float64, int]){
		"DoIfPresent":    func(k desync.Key[float64, int]) { k.DoIfPresent(func(*int) {}) },
		"AsyncIfPresent": func(k desync.Key[float64, int]) { k.AsyncIfPresent(func(*int) {}) },
		"DoContextIfPresent": func(k desync.Key[float64, int]) {
			k.DoContextIfPresent(t.Context(), func(context.Context, *int) error { return nil })
		},
		"FutureIfPresent": func(k desync.Key[float64, int]) { k.FutureIfPresent(func(*int) int { return 0 }) },
		"DeleteIf":        func(k desync.Key[float64, int]) { k.DeleteIf(func(*int) bool { return true }) },
	} {
		if v := fmt.Sprint(caught(func() { call(m.At(math.NaN())) })); v != "desync: Map: the key NaN does not equal itself, so it cannot be found again" {
			t.Errorf("%s of a NaN: the panic is %s", name, v)
		}
		if v, ok := caught(func() { call(desync.Key[float64, int]{}) }).(string); !ok || len(v) < 8 || v[:8] != "desync: " {
			t.Errorf("%s of a zero Key: the panic is %v", name, v)
		}
	}
	for name, call := range map[string]func(){
		"DoIfPresent":     func() { m.At(1).DoIfPresent(nil) },
		"AsyncIfPresent":  func() { m.At(1).AsyncIfPresent(nil) },
		"FutureIfPresent": func() { m.At(1).FutureIfPresent[int](nil) },
		"DeleteIf":        func() { m.At(1).DeleteIf(nil) },
	} {
		if got, want := fmt.Sprint(caught(call)), "desync: Key."+name+": the job is nil"; got != want {
			t.Errorf("the panic is %s; want %s", got, want)
		}
	}
}

func TestDoContextIfPresentMisuse(t *testing.T) {
	m := zeros[int]()
	for _, call := range []func(){
		func() { m.At(1).DoContextIfPresent(t.Context(), nil) },
		func() { m.At(1).DoContextIfPresent(nil, func(context.Context, *int) error { return nil }) },
	} {
		if got, want := fmt.Sprint(caught(call)), "desync: Key.DoContextIfPresent: the context and the job must not be nil"; got != want {
			t.Errorf("the panic is %s; want %s", got, want)
		}
	}
}

// The last one out removes the room.
func ExampleKey_DeleteIf() {
	rooms := desync.NewMap(func(room string) map[string]bool { return make(map[string]bool) })
	leave := func(name, guest string) bool {
		return rooms.At(name).DeleteIf(func(guests *map[string]bool) bool {
			delete(*guests, guest)
			return len(*guests) == 0
		})
	}
	for _, guest := range []string{"ann", "bob"} {
		rooms.At("hall").Do(func(guests *map[string]bool) { (*guests)[guest] = true })
	}
	fmt.Println(leave("hall", "ann"), leave("hall", "bob"), leave("hall", "carl"), rooms.Len())
	// Output: false true false 0
}

func ExampleKey_DoIfPresent() {
	sessions := desync.NewMap(func(user string) []string { return nil })
	notify := func(user string) bool {
		return sessions.At(user).DoIfPresent(func(inbox *[]string) { *inbox = append(*inbox, "news") })
	}
	sessions.At("ann").Do(func(*[]string) {})
	fmt.Println(notify("ann"), notify("bob"), sessions.Len())
	// Output: true false 1
}

func ExampleKey_FutureIfPresent() {
	sessions := desync.NewMap(func(user string) int { return 0 })
	_, err := sessions.At("ann").FutureIfPresent(func(n *int) int { return *n }).Await(context.Background())
	fmt.Println(errors.Is(err, desync.ErrNotRun), sessions.Len())
	// Output: true 0
}

func ExampleMap_Keys() {
	sessions := desync.NewMap(func(user string) int { return 0 })
	sessions.At("bob").Do(func(*int) {})
	sessions.At("ann").Do(func(*int) {})
	fmt.Println(slices.Sorted(sessions.Keys()))
	// Output: [ann bob]
}

// A job that was taken back lets go of its key, and was no use of it.
func TestKEY7_SubmitIfPresentTakenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := zeros[string]()
		m.EvictIdle(4 * time.Second)
		resume := m.At("a").Suspend()
		m.At("a").Async(func(*int) {})
		job := presentSubmission{make(chan error, 1), func(*int) { t.Error("KEY-7: a job ran that was taken back") }}
		stop := m.At("a").SubmitIfPresent(job)
		if !stop() || stop() {
			t.Error("KEY-7: stop returns something else than true, and then false")
		}
		resume()
		time.Sleep(10 * time.Second)
		wantLen(t, m, 0, "KEY-7: after a while of nothing")
		if len(job.ended) != 0 {
			t.Error("KEY-7: Ended was called of a job that was taken back")
		}
		if stop := m.At("a").SubmitIfPresent(job); stop() || !errors.Is(<-job.ended, desync.ErrNotRun) || m.Len() != 0 {
			t.Error("KEY-7: the job of an absent key was queued")
		}
	})
}
