package desync_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

// PAN-6: if any code of the user's panics or calls Goexit, in any call, the panic goes to
// the caller or the handler. The object, its key and all waiting calls go on, and the
// call has completed or has not been made.
func TestPAN6_WhateverCodeOfTheUsersDoesNotReturn(t *testing.T) {
	const (
		idle  = "idle"
		held  = "held"                     // for a minute
		ended = "held until ctx has ended" // and half a minute longer
	)
	for _, code := range userCode {
		fired := false
		for _, how := range []string{"panic", "Goexit"} {
			for _, k := range sabotagedKinds() {
				for _, scene := range []string{idle, held, ended} {
					if scene != idle && !k.held {
						continue
					}
					// The nth call of the code, for all that there are.
					for n, more := 1, true; more; n++ {
						more = false
						name := fmt.Sprintf("%s in call %d of %s, %s, %s", how, n, code, k.name, scene)
						synctest.Test(t, func(t *testing.T) {
							more = sabotage(t, name, &saboteur{code: code, n: n, fail: failings[how]}, k, scene != idle, scene == ended)
						})
						if t.Failed() {
							t.FailNow() // most likely the others fail the same way
						}
						fired = fired || more
					}
				}
			}
		}
		if !fired {
			t.Errorf("%s was never called: the test has shown nothing", code)
		}
	}
}

// sabotage makes the call and reports whether the saboteur has struck.
func sabotage(t *testing.T, name string, s *saboteur, k sabotagedKind, held, ended bool) bool {
	var handled, ran atomic.Int32
	opts := []desync.Option{desync.WithObserver(s), desync.WithPanicHandler(func(*desync.PanicError) { handled.Add(1) })}
	inner, cancel := context.WithCancel(t.Context())
	defer cancel()
	c := sabotagedContext{inner, s}
	st := &stage{
		saboteur: s,
		ctx:      c,
		d:        desync.New(0, opts...),
		e:        desync.New(0, opts...),
		m:        desync.NewMap(func(string) int { s.call("the constructor of NewMap"); return 0 }, opts...),
		job:      func() { ran.Add(1) },
	}
	if s.code == "ctx.AfterFunc" || s.code == "the stop of ctx.AfterFunc" {
		st.ctx = tyingContext{c}
	}
	switch k.name {
	case "Map.Range", "Map.EvictIdle", "Map.Delete", "Key.DeleteIf":
		st.m.At("a").Do(func(*int) {}) // there is a value
	}
	if held {
		time.AfterFunc(time.Minute, st.d.Suspend())
		minute := func(*int) { time.Sleep(time.Minute) }
		st.m.At("a").Async(minute)
		st.m.At("a").Async(func(*int) {}) // so that nothing is on the side of who helps
		synctest.Wait()
	}
	time.Sleep(time.Second)
	s.arm()
	if ended {
		time.AfterFunc(30*time.Second, cancel)
	}

	var f *futures.Future[int]
	var caught any
	returned, over := false, false
	go func() {
		defer func() { caught, over = recover(), true }()
		f = k.call(st)
		returned = true
	}()
	time.Sleep(10 * time.Minute)
	synctest.Wait()
	code, struck, unfinished := s.disarm()
	told, runs := int(handled.Load()), int(ran.Load())
	fail := func(format string, args ...any) {
		t.Helper()
		t.Errorf("PAN-6: "+name+": "+format, args...)
	}
	if !over {
		fail("the caller waits forever")
		return struck
	}

	// Who is told of it?
	onCaller := 0
	if caught != nil {
		onCaller = 1
	}
	switch {
	case !struck:
		if !returned || told > 0 {
			fail("returned: %v, told to the handler: %d; want nothing told", returned, told)
		}
	case f != nil && code == "the constructor of NewMap": // PAN-2
	case caught != nil && !returned && onCaller+told == 1, caught == nil && told <= 1:
		if wantPanic := strings.HasPrefix(name, "panic"); wantPanic != (onCaller+told == 1) {
			fail("the caller was told %v, the handler %d times", caught, told)
		}
		if k.direct && code != "the stop of ctx.AfterFunc" && told > 0 {
			fail("the handler was told; want the caller, whose own call it is")
		}
	default:
		fail("the caller was told %v, the handler %d times; want one of them, once", caught, told)
	}

	// Whole or not at all.
	constructor := struck && code == "the constructor of NewMap" // then no job can run
	function := struck && code == "the function of Range"        // that of OnRemove is called again

	want := k.jobs
	switch {
	case constructor || function:
		want = 0
	case !returned && code != "Observer.Finished" && code != "the function of OnRemove":
		want = 0
	case ended && strings.HasSuffix(k.name, "Context"):
		want = 0
	case struck && f != nil && ofContext(code) && !succeeded(f):
		want = 0
	}
	if runs != want {
		fail("the job ran %d times; want %d (the call returned: %v)", runs, want, returned)
	}
	if unfinished != 0 {
		fail("the observer was told of %d more jobs that were queued than of such that have finished", unfinished)
	}
	if f != nil {
		r, ok := f.Try()
		switch _, panicked := errors.AsType[*desync.PanicError](r.Err); {
		case !ok:
			fail("the future is pending forever")
		case runs == 1 && (r.Err != nil || r.Value != 1):
			fail("the job ran, and its future has %v, %v; want what the job returned", r.Value, r.Err)
		case runs == 0 && constructor && !panicked && !errors.Is(r.Err, futures.ErrGoexit):
			fail("the future fails with %v; want the failure of the constructor", r.Err)
		case runs == 0 && !constructor && !errors.Is(r.Err, desync.ErrNotRun):
			fail("the job has not run, and its future fails with %v; want ErrNotRun", r.Err)
		}
	}

	// All goes on.
	for i, d := range []*desync.Desync[int]{st.d, st.e} {
		if n := d.Pending(); n != 0 || !d.TryDo(func(*int) {}) {
			fail("object %d is held forever, with %d jobs pending", i, n)
		}
	}
	done := false
	go func() {
		st.m.At("a").Do(func(*int) {})
		st.m.Delete("a")
		done = true
	}()
	synctest.Wait()
	if n := st.m.Len(); !done || n != 0 {
		fail("the key goes on: %v; after Delete the map has %d keys, want none", done, n)
	}
	return struck
}

func ofContext(name string) bool { return strings.Contains(name, "ctx.") }

func succeeded(f *futures.Future[int]) bool {
	r, ok := f.Try()
	return ok && r.Err == nil
}

// PAN-6: a handler that calls Goexit ends its own goroutine alone. That a panic in it
// ends the process is documented.
func TestPAN6_AHandlerMayCallGoexit(t *testing.T) {
	told := make(chan bool, 1)
	d := desync.New(0, desync.WithPanicHandler(func(*desync.PanicError) {
		told <- true
		runtime.Goexit()
	}))
	d.Async(func(*int) { panic("a boom") })
	receive(t, told, "the handler")
	finishes(t, "a Do after the panic", func() { d.Do(func(*int) {}) })
}
