package flight_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-desync/go-desync/adapters/flight"
	"github.com/go-desync/go-desync/desync"
)

// lineBefore returns file and line of the line before its call.
func lineBefore() string {
	_, file, line, _ := runtime.Caller(1)
	return fmt.Sprintf("%s:%d", file, line-1)
}

func observed(r *flight.Recorder, name string) *desync.Desync[int] {
	return desync.New(0, desync.WithName(name), desync.WithObserver(r))
}

// TestThreeAM asks what one asks at three in the morning, and answers it from a snapshot
// alone: with the object, the job, and file and line.
func TestThreeAM(t *testing.T) {
	for _, q := range []struct {
		name string
		test func(t *testing.T, r *flight.Recorder)
	}{
		{"stuck", whatIsStuck},
		{"waited", whyDidItWait},
		{"depth", whatIsDeep},
		{"hot", whichKeyIsHot},
		{"latency", whatWasSlow},
		{"panicked", whatPanicked},
		{"ring", whatGoesInARing},
	} {
		t.Run(q.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { q.test(t, flight.New()) })
		})
	}
}

func whatIsStuck(t *testing.T, r *flight.Recorder) {
	gate := make(chan struct{})
	defer close(gate)
	idle, orders := observed(r, "idle"), observed(r, "orders")
	idle.Do(func(*int) {})
	orders.Async(func(*int) { <-gate })
	code := lineBefore()
	synctest.Wait()
	for range 3 {
		orders.Async(func(*int) {})
	}
	time.Sleep(time.Minute)

	busy := r.Snapshot().Busy()
	if len(busy) != 1 {
		t.Fatalf("%d objects are busy; want 1", len(busy))
	}
	o := busy[0]
	if o.Name != "orders" || !strings.HasPrefix(o.Object, "orders#") || o.Depth != 4 || o.Wait != time.Minute {
		t.Errorf("the busy object: %+v", o)
	}
	if h := o.Holder; h == nil || h.Code != code || h.Call != desync.CallAsync || h.Started.IsZero() {
		t.Errorf("its holder: %+v; want the job of %s", h, code)
	}
	if o.Oldest == nil || o.Oldest.ID != o.Holder.ID+1 {
		t.Errorf("the oldest that waits: %+v; want the job after %d", o.Oldest, o.Holder.ID)
	}
}

func whyDidItWait(t *testing.T, r *flight.Recorder) {
	orders := observed(r, "orders")
	begun := make(chan struct{})
	var code string
	go func() {
		code = nextLine()
		orders.Do(func(*int) { close(begun); time.Sleep(4 * time.Millisecond) })
	}()
	<-begun
	resume := orders.Suspend()
	suspended := lineBefore()
	orders.Async(func(*int) { time.Sleep(time.Millisecond) })
	go func() {
		time.Sleep(6 * time.Millisecond)
		resume()
	}()
	synctest.Wait()
	done := orders.Future(func(*int) int { return 1 })
	done.Await(t.Context())
	synctest.Wait()

	s := r.Snapshot()
	last := s.Jobs[len(s.Jobs)-1]
	w := s.Why(last.ID)
	if w.Wait != 7*time.Millisecond || len(w.Ahead) != 2 || len(w.Held) != 1 || w.Processor != 0 || w.Forgotten != 0 {
		t.Fatalf("why: %+v", w)
	}
	if p := w.Ahead[0]; p.Time != 4*time.Millisecond || p.Job.Code != code {
		t.Errorf("the most of it: %+v; want 4ms of %s", p, code)
	}
	if p := w.Held[0]; p.Time != 2*time.Millisecond || p.Job.Code != suspended || p.Job.Call != desync.CallSuspend {
		t.Errorf("held by %+v; want 2ms of %s", p, suspended)
	}
	want := fmt.Sprintf("job %d of %s waited 7.00 ms: 5.00 behind 2 jobs (most: %d, %s, 4.00), 2.00 held by 1 job that did not run (%d, %s)",
		last.ID, last.Object, w.Ahead[0].Job.ID, base(code), w.Held[0].Job.ID, base(suspended))
	if got := w.String(); got != want {
		t.Errorf("in a line:\n%s\nwant\n%s", got, want)
	}
}

func base(code string) string { return code[strings.LastIndex(code, "/")+1:] }

func whatIsDeep(t *testing.T, r *flight.Recorder) {
	gate := make(chan struct{})
	defer close(gate)
	for depth := range 5 {
		d := observed(r, fmt.Sprintf("object %d", depth))
		for range depth {
			d.Async(func(*int) { <-gate })
		}
	}
	synctest.Wait()
	s := r.Snapshot()
	busy := s.Busy()
	if len(busy) != 4 {
		t.Fatalf("%d objects are busy; want 4", len(busy))
	}
	for i, o := range busy {
		if want := 4 - i; o.Depth != want || o.Name != fmt.Sprintf("object %d", want) {
			t.Errorf("number %d is %s with depth %d; want depth %d", i, o.Name, o.Depth, want)
		}
	}
	for _, n := range s.Names {
		if n.Name == "object 4" && (n.Running != 1 || n.Queued != 3 || n.Held != 0) {
			t.Errorf("in flight by name: %+v", n)
		}
	}
}

func whichKeyIsHot(t *testing.T, _ *flight.Recorder) {
	r := flight.New(flight.ShowKeys(func(_ string, key any) string { return fmt.Sprint(key) }))
	m := desync.NewMap(func(string) int { return 0 }, desync.WithName("orders"), desync.WithObserver(r))
	for i := range 100 {
		key := "ann"
		if i%10 == 0 {
			key = fmt.Sprint("user", i)
		}
		m.At(key).Do(func(*int) { time.Sleep(time.Millisecond) })
	}
	hot := r.Snapshot().Hot("orders")
	if len(hot) != 11 {
		t.Fatalf("%d keys; want 11: %v", len(hot), hot)
	}
	if h := hot[0]; h.Object != "orders[ann]" || h.Jobs != 90 || h.Share != 0.9 || h.Run != 90*time.Millisecond {
		t.Errorf("the hottest: %+v; want orders[ann] with 90 jobs of 100", h)
	}
	for _, h := range hot[1:] {
		if h.Jobs != 1 {
			t.Errorf("%+v; want 1 job", h)
		}
	}
}

func whatWasSlow(t *testing.T, r *flight.Recorder) {
	orders, others := observed(r, "orders"), observed(r, "others")
	orders.Do(func(*int) { time.Sleep(2 * time.Second) })
	code := lineBefore()
	for i := range 20 {
		orders.Async(func(*int) { time.Sleep(time.Duration(i) * time.Millisecond / 10) })
		synctest.Wait()
		time.Sleep(time.Millisecond * 2)
	}
	for range 1 << 15 { // washes the ring
		others.Do(func(*int) {})
	}
	s := r.Snapshot()
	slow := s.Slow("orders")
	if len(slow) != 1+8 {
		t.Fatalf("%d slow jobs; want one of seconds and the last 8 of milliseconds", len(slow))
	}
	if j := slow[0]; j.Code != code || j.Finished.Sub(j.Started) != 2*time.Second || j.Call != desync.CallDo {
		t.Errorf("the slowest: %+v; want that of %s", j, code)
	}
	if j := slow[8]; j.Finished.Sub(j.Started) != 1200*time.Microsecond {
		t.Errorf("the last: %+v; want 1.2ms, which is the eighth from the end", j)
	}
	if others := s.Slow("others"); len(others) != 0 {
		t.Errorf("%d slow jobs of others; want none", len(others))
	}
	for _, n := range s.Names {
		if n.Name == "orders" && (n.Returned != 21 || n.Run.Count() != 21 || n.Wait.Count() != 21 || n.Run.Quantile(1) < 2*time.Second) {
			t.Errorf("counted: %+v", n)
		}
	}
}

func whatPanicked(t *testing.T, r *flight.Recorder) {
	orders := observed(r, "orders")
	orders.Future(func(*int) int { panic("no such order") })
	background := lineBefore()
	synctest.Wait()
	called := ""
	func() {
		defer func() { recover() }()
		orders.Do(func(*int) {
			called = nextLine()
			panic("no such order")
		})
	}()
	ctx, cancel := context.WithCancelCause(t.Context())
	gate := make(chan struct{})
	orders.Async(func(*int) { <-gate })
	synctest.Wait()
	f := orders.FutureContext(ctx, func(context.Context, *int) (int, error) { return 0, nil })
	canceled := lineBefore()
	cancel(errors.New("went home"))
	f.Await(context.Background())
	close(gate)
	synctest.Wait()

	s := r.Snapshot()
	n := s.Names[0]
	if n.Name != "orders" {
		n = s.Names[1]
	}
	if n.Name != "orders" || n.Unwound != 2 || n.NotRun != 1 || len(n.Failed) != 2 || len(n.Canceled) != 1 {
		t.Fatalf("by name: %+v", n)
	}
	if j := n.Failed[1]; j.Outcome != desync.OutcomeUnwound || j.Call != desync.CallFuture || j.Code != background || !strings.Contains(j.Err, "no such order") {
		t.Errorf("in the background: %+v; want that of %s", j, background)
	}
	if j := n.Failed[0]; j.Call != desync.CallDo || j.Code != called {
		t.Errorf("in a call: %+v; want %s, where it panicked", j, called)
	}
	if j := n.Canceled[0]; j.Outcome != desync.OutcomeNotRun || j.Code != canceled || j.Err == "" {
		t.Errorf("not run: %+v; want that of %s", j, canceled)
	}
}

// nextLine returns file and line of the line after its call.
func nextLine() string {
	_, file, line, _ := runtime.Caller(1)
	return fmt.Sprintf("%s:%d", file, line+1)
}

func whatGoesInARing(t *testing.T, r *flight.Recorder) {
	stock, orders := observed(r, "stock"), observed(r, "orders")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan error, 2)
	var meet [2]chan struct{}
	for i := range meet {
		meet[i] = make(chan struct{})
	}
	hold := func(a, b *desync.Desync[int], mine, other chan struct{}) {
		done <- a.DoContext(ctx, func(ctx context.Context, _ *int) error {
			close(mine)
			<-other
			return b.DoContext(ctx, func(context.Context, *int) error { return nil })
		})
	}
	go hold(stock, orders, meet[0], meet[1])
	go hold(orders, stock, meet[1], meet[0])
	synctest.Wait()

	s := r.Snapshot()
	for _, start := range s.Jobs {
		chain := s.Chain(start.ID)
		if len(chain) != 5 || chain[4].ID != start.ID {
			t.Fatalf("the chain of job %d: %v; want its four jobs, and itself again", start.ID, chain)
		}
		for i, j := range chain[1:] {
			before := chain[i]
			if j.ObjectID != before.ObjectID && j.Within != before.ID {
				t.Errorf("after job %d of %s comes job %d of %s", before.ID, before.Object, j.ID, j.Object)
			}
		}
	}
	cancel()
	<-done
	<-done
}

// A job in the background that panics on the goroutine of a Do, which waits for it, has its own
// line and not that of the Do.
func TestPanicOnTheGoroutineOfAnother(t *testing.T) {
	r := flight.New()
	d := desync.New(0, desync.WithObserver(r), desync.WithPanicHandler(func(*desync.PanicError) {}))
	var future, panicked string
	const rounds = 1000 // in most of which the Do comes before another goroutine
	for range rounds {
		d.Future(func(*int) int { panic("no") })
		future = lineBefore()
		d.Async(func(*int) {
			panicked = nextLine()
			panic("no")
		})
		d.Do(func(*int) {})
	}
	unwound := 0
	for _, j := range r.Snapshot().Jobs {
		if j.Outcome != desync.OutcomeUnwound {
			continue
		}
		unwound++
		if want := map[desync.Call]string{desync.CallFuture: future, desync.CallAsync: panicked}[j.Call]; j.Code != want {
			t.Fatalf("%+v; want %s", j, want)
		}
	}
	if unwound != 2*rounds {
		t.Errorf("%d jobs have panicked; want %d", unwound, 2*rounds)
	}
}

// An observer of the user's that passes on what it is told is not taken for the caller.
func TestCodeBehindAnotherObserver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := flight.New()
		d := desync.New(0, desync.WithObserver(passingOn{r}))
		d.Do(func(*int) { time.Sleep(time.Millisecond) })
		code := lineBefore()
		if j := r.Snapshot().Jobs[0]; j.Code != code {
			t.Errorf("the call: %+v; want %s", j, code)
		}
	})
}

type passingOn struct{ *flight.Recorder }

func (o passingOn) Finished(j desync.JobInfo) { o.Recorder.Finished(j) }
