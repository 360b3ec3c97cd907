package desync_test

import (
	"runtime"
	"strings"
	"testing"
	"time"
	"weak"

	"github.com/go-desync/go-desync/desync"
)

// A kind is one way of handing over a job.
type kind[T any] struct {
	name  string
	waits bool // for the end of the job
	call  func(d *desync.Desync[T], job func(*T))
}

// kinds lists every way of handing over a job that the object has to accept; a
// Try counts if the Do that stands in for a refused one does.
func kinds[T any]() []kind[T] {
	return []kind[T]{
		{"Async", false, func(d *desync.Desync[T], job func(*T)) { d.Async(job) }},
		{"Future", false, func(d *desync.Desync[T], job func(*T)) {
			d.Future(func(v *T) bool { job(v); return true })
		}},
		{"Do", true, func(d *desync.Desync[T], job func(*T)) { d.Do(job) }},
		{"Sync", true, func(d *desync.Desync[T], job func(*T)) {
			d.Sync(func(v *T) bool { job(v); return true })
		}},
		{"TryDo or Do", true, func(d *desync.Desync[T], job func(*T)) {
			if !d.TryDo(job) {
				d.Do(job)
			}
		}},
		{"TrySync or Do", true, func(d *desync.Desync[T], job func(*T)) {
			if _, ok := d.TrySync(func(v *T) bool { job(v); return true }); !ok {
				d.Do(job)
			}
		}},
	}
}

// background lists the kinds whose jobs run without their caller.
func background[T any]() []kind[T] { return kinds[T]()[:2] }

// direct lists the calls whose job runs on the caller's goroutine, without any
// other standing in.
func direct[T any]() []kind[T] {
	return append(kinds[T]()[2:4],
		kind[T]{"TryDo", true, func(d *desync.Desync[T], job func(*T)) {
			if !d.TryDo(job) {
				panic("TRY-2: TryDo on an idle object was refused")
			}
		}},
		kind[T]{"TrySync", true, func(d *desync.Desync[T], job func(*T)) {
			if _, ok := d.TrySync(func(v *T) bool { job(v); return true }); !ok {
				panic("TRY-2: TrySync on an idle object was refused")
			}
		}})
}

// patience is how long a test waits for what must come before it calls it lost.
// No test expects anything to take long; it only bounds a failure.
const patience = 60 * time.Second

// receive returns what comes from c, or fails.
func receive[V any](t *testing.T, c <-chan V, what string) V {
	t.Helper()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case v := <-c:
		return v
	case <-timer.C:
		t.Fatalf("%s: nothing for %v", what, patience)
		panic("unreachable")
	}
}

// finishes runs fn on a goroutine of its own and fails if it does not return.
func finishes(t *testing.T, what string, fn func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		fn()
	}()
	receive(t, done, what)
}

// eventually fails if cond does not become true. It is for what no channel tells:
// the end of a goroutine, the work of the collector.
func eventually(t *testing.T, cond func() bool, what string) {
	t.Helper()
	for deadline := time.Now().Add(patience); !cond(); runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within %v", what, patience)
		}
	}
}

// wantCollected fails if what one of the pointers shows is still alive.
func wantCollected[T any](t *testing.T, what string, ps ...weak.Pointer[T]) {
	t.Helper()
	alive := 0
	for range 100 { // a goroutine that just ends may keep it for a moment
		runtime.GC()
		alive = 0
		for _, p := range ps {
			if p.Value() != nil {
				alive++
			}
		}
		if alive == 0 {
			return
		}
		runtime.Gosched()
	}
	t.Errorf("%s: %d of %d are still alive; want all collected", what, alive, len(ps))
}

// scaled is n, or less where every step is slow, and with -short. Races show by
// running the tests many times, with -race -count=200, rather than one run for long.
func scaled(n int) int {
	if watched || testing.Short() {
		return max(n/100, 1)
	}
	return n
}

// setProcs sets GOMAXPROCS for one test, which must not be parallel to others.
func setProcs(t *testing.T, n int) {
	t.Helper()
	before := runtime.GOMAXPROCS(n)
	t.Cleanup(func() { runtime.GOMAXPROCS(before) })
}

// goid returns the name of the calling goroutine in stack traces.
func goid() string {
	var buf [64]byte
	head := string(buf[:runtime.Stack(buf[:], false)])
	return strings.Join(strings.Fields(head)[:2], " ")
}

// caught runs fn and returns what it panicked with, or nil.
func caught(fn func()) (v any) {
	defer func() { v = recover() }()
	fn()
	return nil
}

// helped calls set until the job that set hands over, which has to call ran, runs
// on the goroutine that waits in the Do that set makes behind it. The scheduler
// decides who runs a job, and almost always for the caller if there is but one
// processor.
func helped(t *testing.T, set func(ran func())) {
	t.Helper()
	setProcs(t, 1)
	const attempts = 1000
	for range attempts {
		waiting, job := "", ""
		done := make(chan struct{})
		go func() {
			defer close(done)
			waiting = goid()
			set(func() { job = goid() })
		}()
		receive(t, done, "the helping caller")
		if job == waiting {
			return
		}
	}
	t.Fatalf("in %d attempts no Do ran the job queued before its own; the test has shown nothing", attempts)
}
