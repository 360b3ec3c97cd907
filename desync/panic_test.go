package desync_test

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

// panicking panics with v. It is a function of its own so that stacks show it.
//
//go:noinline
func panicking(v any) { panic(v) }

var errBoom = errors.New("boom")

// isPanic reports whether what was recovered from a panic is that of v.
func isPanic(got, v any) bool {
	if v == nil {
		_, ok := got.(*runtime.PanicNilError)
		return ok
	}
	return got == v
}

var panicValues = []any{"boom", errBoom, 7, nil}

// queueBehind queues a job of every kind behind a gate that holds the object, with
// ill in the middle. Then it opens the gate. When everything has ended, the
// neighbors of ill must have run, in order.
func queueBehind(t *testing.T, d *desync.Desync[[]string], ill func()) {
	t.Helper()
	d.Do(func(log *[]string) { *log = nil })
	gate := make(chan struct{})
	d.Async(func(*[]string) { <-gate })
	var want []string
	neighbours := func(place string) {
		for _, k := range kinds[[]string]() {
			name := place + " " + k.name
			want = append(want, name)
			go k.call(d, func(log *[]string) { *log = append(*log, name) })
			synctest.Wait()
		}
	}
	neighbours("before")
	go ill()
	synctest.Wait()
	neighbours("after")
	close(gate)
	synctest.Wait()
	if n := d.Pending(); n != 0 {
		t.Fatalf("PAN-4: %d jobs are stranded", n)
	}
	if got := d.Sync(func(log *[]string) []string { return *log }); !slices.Equal(got, want) {
		t.Errorf("PAN-4: the neighbours ran as %q; want %q", got, want)
	}
}

func TestPAN1_PAN4_TheCallerLearnsOfIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, value := range panicValues {
			for _, k := range direct[[]string]() {
				d := desync.New([]string(nil))
				panics := func() {
					v := caught(func() { k.call(d, func(*[]string) { panicking(value) }) })
					if !isPanic(v, value) {
						t.Errorf("PAN-1: the caller of %s caught %v; want the panic of %v", k.name, v, value)
					}
				}
				panics()                               // on an idle object
				if !strings.HasPrefix(k.name, "Try") { // which is never queued
					queueBehind(t, d, panics)
				}
			}
		}
	})
}

// A Try that panics has waiters of each kind behind it.
func TestPAN4_WaitersBehindATryThatPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, k := range direct[int]()[2:] {
			for _, next := range kinds[int]() {
				d := desync.New(0)
				v := caught(func() {
					k.call(d, func(*int) {
						for range 2 {
							go next.call(d, func(n *int) { *n++ })
						}
						synctest.Wait()
						panicking("boom")
					})
				})
				if v != "boom" {
					t.Errorf("PAN-1: the caller of %s caught %v; want boom", k.name, v)
				}
				synctest.Wait()
				if n := d.Pending(); n != 0 {
					t.Fatalf("PAN-4: %d jobs of %s behind a %s that panicked are stranded", n, next.name, k.name)
				}
				if n := d.Sync(func(n *int) int { return *n }); n != 2 {
					t.Errorf("PAN-4: %d jobs of %s ran behind a %s that panicked; want 2", n, next.name, k.name)
				}
			}
		}
	})
}

func TestPAN2_PAN4_TheFutureFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, value := range panicValues {
			d := desync.New([]string(nil))
			panics := func() {
				f := d.Future(func(*[]string) int { panicking(value); return 0 })
				_, err := f.Await(t.Context())
				e, ok := errors.AsType[*desync.PanicError](err)
				if !ok || !isPanic(e.Value, value) {
					t.Errorf("PAN-2: the future failed with %v; want a PanicError of %v", err, value)
					return
				}
				if !strings.Contains(string(e.Stack), "desync_test.panicking") {
					t.Errorf("PAN-2: the stack does not show the function that panicked:\n%s", e.Stack)
				}
				if value == any(errBoom) && !errors.Is(err, errBoom) {
					t.Errorf("PAN-2: %v does not match the error that the job panicked with", err)
				}
			}
			panics()
			queueBehind(t, d, panics)
		}
	})
}

func TestPAN3_PAN4_TheHandlerIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, value := range panicValues {
			told := make(chan *desync.PanicError)
			d := desync.New([]string(nil), desync.WithPanicHandler(func(e *desync.PanicError) { told <- e }))
			panics := func() {
				d.Async(func(*[]string) { panicking(value) })
				e := <-told
				if !isPanic(e.Value, value) {
					t.Errorf("PAN-3: the handler was told of %v; want the panic of %v", e.Value, value)
				}
				if !strings.Contains(string(e.Stack), "desync_test.panicking") {
					t.Errorf("PAN-3: the stack does not show the function that panicked:\n%s", e.Stack)
				}
			}
			panics()
			queueBehind(t, d, panics)
		}
	})
}

// The handler stands still; the object goes on, and the handler may use it.
func TestPAN3_TheHandlerDoesNotHoldTheObject(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d *desync.Desync[int]
		gate := make(chan struct{})
		seen := make(chan int, 1)
		d = desync.New(0, desync.WithPanicHandler(func(*desync.PanicError) {
			<-gate
			seen <- d.Sync(func(n *int) int { *n++; return *n })
		}))
		d.Async(func(n *int) { *n = 10; panic("boom") })
		if got := d.Sync(func(n *int) int { *n++; return *n }); got != 11 {
			t.Errorf("PAN-4: a Sync behind a panic gave %d while the handler stands still; want 11", got)
		}
		close(gate)
		if got := <-seen; got != 12 {
			t.Errorf("PAN-3: a Sync in the handler gave %d; want 12", got)
		}
	})
}

// Each of many panics in a row is reported, on whatever goroutine the job runs.
func TestPAN3_EveryPanicIsTold(t *testing.T) {
	const n = 2_000
	told := make(chan any, n)
	d := desync.New(0, desync.WithPanicHandler(func(e *desync.PanicError) { told <- e.Value }))
	for i := range n {
		d.Async(func(*int) { panic(i) })
		if i%3 == 0 {
			d.Do(func(*int) {})
		}
	}
	var seen [n]int
	for range n {
		seen[receive(t, told, "PAN-3: the call of the handler").(int)]++
	}
	for i, times := range seen {
		if times != 1 {
			t.Errorf("PAN-3: the handler was told %d times of panic %d; want once", times, i)
		}
	}
}

func TestPAN5_GoexitEndsThatJobOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := desync.New([]string(nil))
		deferred := 0
		goexit := func(*[]string) int {
			defer func() { deferred++ }()
			runtime.Goexit()
			return 0
		}
		queueBehind(t, d, func() { d.Async(func(log *[]string) { goexit(log) }) })
		queueBehind(t, d, func() {
			if _, err := d.Future(goexit).Await(t.Context()); !errors.Is(err, futures.ErrGoexit) {
				t.Errorf("PAN-5: the future failed with %v; want ErrGoexit", err)
			}
		})
		// On an object that then becomes idle.
		d.Async(func(log *[]string) { goexit(log) })
		synctest.Wait()
		if n := d.Pending(); n != 0 || deferred != 3 {
			t.Errorf("PAN-5: %d jobs are pending and %d deferred functions of jobs ran; want 0 and 3", n, deferred)
		}
	})
}

// A job may panic and call runtime.Goexit, in either order. What counts is whether
// the panic would have ended the process.
func TestPAN5_GoexitAndPanicTogether(t *testing.T) {
	jobs := []struct {
		what string
		job  func(*int)
		told bool
	}{
		{"a panic, then Goexit", func(*int) {
			defer runtime.Goexit()
			panic("boom")
		}, false},
		{"Goexit, then a panic", func(*int) {
			defer panic("boom")
			runtime.Goexit()
		}, true},
		{"Goexit, then a panic that is recovered", func(*int) {
			defer func() {
				defer func() { recover() }()
				panic("boom")
			}()
			runtime.Goexit()
		}, false},
	}
	for _, c := range jobs {
		t.Run(c.what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				told := 0
				d := desync.New([]string(nil), desync.WithPanicHandler(func(e *desync.PanicError) {
					told++
					if e.Value != "boom" {
						t.Errorf("PAN-3: the handler was told of %v; want boom", e.Value)
					}
				}))
				queueBehind(t, d, func() { d.Async(func(*[]string) { c.job(nil) }) })
				if want := map[bool]int{true: 1}[c.told]; told != want {
					t.Errorf("PAN-3: the handler was told %d times; want %d", told, want)
				}
				queueBehind(t, d, func() {
					_, err := d.Future(func(*[]string) int { c.job(nil); return 0 }).Await(t.Context())
					e, panicked := errors.AsType[*desync.PanicError](err)
					if c.told && (!panicked || e.Value != "boom") || !c.told && !errors.Is(err, futures.ErrGoexit) {
						t.Errorf("PAN-2, PAN-5: the future failed with %v; want the panic: %v", err, c.told)
					}
				})
			})
		})
	}
}

// The handler and a job use every method of their object, and of another.
func TestLOCK1_JobsAndHandlersMayUseEveryMethod(t *testing.T) {
	finishes(t, "LOCK-1: use of every method in jobs and handlers", func() {
		told := make(chan string)
		var d *desync.Desync[int]
		useAll := func(d *desync.Desync[int], own bool) error {
			d.Pending()
			d.Async(func(*int) {})
			f := d.Future(func(*int) int { return 1 })
			d.TryDo(func(*int) {})
			d.TrySync(func(*int) int { return 1 })
			if own {
				return nil // waiting for it is a ring
			}
			d.Do(func(*int) {})
			if got := d.Sync(func(*int) int { return 2 }); got != 2 {
				return fmt.Errorf("a Sync gave %d; want 2", got)
			}
			_, err := f.Await(t.Context())
			return err
		}
		d = desync.New(0, desync.WithName("d"), desync.WithPanicHandler(func(*desync.PanicError) {
			told <- fmt.Sprint(useAll(d, false))
		}))
		for _, k := range kinds[int]() {
			other := desync.New(0)
			k.call(d, func(*int) {
				if err := useAll(d, true); err != nil {
					t.Errorf("LOCK-1: in a job of %s on the same object: %v", k.name, err)
				}
				if err := useAll(other, false); err != nil {
					t.Errorf("LOCK-1: in a job of %s on another object: %v", k.name, err)
				}
			})
			d.Async(func(*int) { panic("boom") })
			if s := receive(t, told, "LOCK-1: use of every method in the handler"); s != "<nil>" {
				t.Errorf("LOCK-1: in the handler: %s", s)
			}
		}
	})
}
