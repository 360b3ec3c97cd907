package conformance

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-desync/go-desync/conformance/internal/standstill"
)

// A trial is one run of a case. Its methods may be called from any goroutine;
// those that end the case, only from the case's own.
type trial struct {
	*subject
	rule string          // what the case checks
	id   string          // of the case
	ctx  context.Context // ends with the trial
	over context.CancelFunc

	earlier standstill.Census // the goroutines that were there when it began

	mu        sync.Mutex
	failure   *Failure
	unsure    string // why the case is inconclusive
	note      string // for a pass
	histories int
	crossings int64
	numbers   []Tried
	unclaimed string // what the object does not have
	cells     []CellCount
	stuck     bool      // something has been left behind that hangs
	expected  string    // what the case waits for now
	step      time.Time // when it began to wait for that
	objects   []Object
	made      map[Object]bool // by New, if they can be told apart; those forgotten too
	gates     []*gate
	found     map[Feature]bool // what META-1 found; see subject.there
	stalled   chan struct{}    // if set, closed when nothing moves any more, instead of failing
	crashes   bool             // the process of the peer is to end
	mute      bool             // the peer did not answer a ping
}

func newTrial(ctx context.Context, s *subject, rule, id string) *trial {
	t := &trial{subject: s, rule: rule, id: id, earlier: standstill.TakeCensus()}
	t.ctx, t.over = context.WithCancel(ctx)
	return t
}

// fail records that the rule is violated. The first failure counts.
func (t *trial) fail(expected, format string, args ...any) { t.failAt("", expected, format, args...) }

// failAt is fail, and shows the stacks of goroutines.
func (t *trial) failAt(stacks, expected, format string, args ...any) {
	t.failWith(&Failure{
		Rule:    t.rule,
		Message: fmt.Sprintf("%s: expected: %s\n  happened: %s", t.rule, expected, fmt.Sprintf(format, args...)),
		Dump:    stacks,
	})
}

// failWith records a failure if it is the first.
func (t *trial) failWith(f *Failure) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.failure == nil {
		t.failure = f
	}
}

// fatal is fail, and ends the case.
func (t *trial) fatal(expected, format string, args ...any) {
	t.fail(expected, format, args...)
	runtime.Goexit()
}

// inconclusive ends the case without a verdict.
func (t *trial) inconclusive(format string, args ...any) {
	t.slow(format, args...)
	runtime.Goexit()
}

// slow says why the case has no verdict if it does not fail.
func (t *trial) slow(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.unsure == "" {
		t.unsure = fmt.Sprintf(format, args...)
	}
}

func (t *trial) failed() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.failure != nil
}

// expect says what must come next. If nothing comes, it is the failure's message.
func (t *trial) expect(format string, args ...any) {
	t.mu.Lock()
	t.expected, t.step = fmt.Sprintf(format, args...), time.Now()
	t.mu.Unlock()
}

// lastStep returns when the case last began to wait for something else.
func (t *trial) lastStep() time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.step
}

// do is Do, with what is expected of it.
func (t *trial) do(o Object, job func(*State), format string, args ...any) {
	t.expect(format, args...)
	o.Do(job)
}

// fence is an empty Do: when it returns, whatever was handed over before it by
// calls that have returned is done.
func (t *trial) fence(o Object) {
	t.do(o, func(*State) {}, "a Do on the object returns")
}

// await waits for what must happen.
func (t *trial) await(c <-chan struct{}, format string, args ...any) {
	t.expect(format, args...)
	select {
	case <-c:
	case <-t.ctx.Done():
		runtime.Goexit()
	}
}

// comes waits for what another rule demands: it reports whether it came, and
// false if nothing moves any more.
func (t *trial) comes(c <-chan struct{}) bool {
	stalled := make(chan struct{})
	t.mu.Lock()
	t.stalled = stalled
	t.mu.Unlock()
	defer func() {
		t.mu.Lock()
		t.stalled = nil
		t.mu.Unlock()
	}()
	select {
	case <-c:
		return true
	case <-stalled:
		return false
	case <-t.ctx.Done():
		runtime.Goexit()
		return false
	}
}

// patience gives c the time to happen. It decides nothing, since on a busy machine c
// may not have happened although it could: it is there for implementations on which c
// cannot happen before the case goes on. Where more depends on c, use comes.
func (t *trial) patience(c <-chan struct{}) {
	t.pause(c, min(t.scaled(20*time.Millisecond), 100*time.Millisecond))
}

// briefly is a patience for what is done many times.
func (t *trial) briefly(c <-chan struct{}) { t.pause(c, time.Millisecond) }

func (t *trial) pause(c <-chan struct{}, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-c:
	case <-timer.C:
	case <-t.ctx.Done():
	}
}

// goes runs f on a goroutine of its own and returns a channel that is closed
// when it has ended. A panic or runtime.Goexit in f fails the case.
func (t *trial) goes(f func()) (done <-chan struct{}) {
	return t.exits(func() { t.within(f) })
}

// within runs f in a job, or where the object's methods are called. A panic or
// runtime.Goexit in f fails the case.
func (t *trial) within(f func()) {
	returned := false
	defer func() {
		if !returned {
			t.exited()
		}
	}()
	defer t.catch()
	f()
	returned = true
}

// exits is goes for what may call runtime.Goexit.
func (t *trial) exits(f func()) (done <-chan struct{}) {
	c := make(chan struct{})
	go func() {
		defer close(c)
		defer t.catch()
		f()
	}()
	return c
}

// exited fails the case if nothing else tells why a goroutine of it has ended.
func (t *trial) exited() {
	t.mu.Lock()
	known := t.failure != nil || t.unsure != "" || t.ctx.Err() != nil
	expected := cmp.Or(t.expected, "the object's methods return")
	t.mu.Unlock()
	if !known {
		t.fail(expected, "a method of the object ended its goroutine by runtime.Goexit")
	}
}

// catch is deferred where the object's methods are called.
func (t *trial) catch() {
	if v := recover(); v != nil {
		t.failAt(string(debug.Stack()), "the object's methods do not panic", "panic: %v", v)
	}
}

// standing returns the goroutines that tell why the case does not go on: its own, then
// those that have been left since the run began.
func (t *trial) standing() []standstill.Goroutine {
	all := t.before.Since()
	slices.SortStableFunc(all, func(a, b standstill.Goroutine) int { return t.age(a) - t.age(b) })
	return all
}

func (t *trial) age(g standstill.Goroutine) int {
	switch {
	case strings.Contains(g.Stack, "conformance.(*runner).runCase."):
		return 0
	case !t.earlier.Has(g):
		return 1
	}
	return 2
}

// forget leaves the objects made so far as they are.
func (t *trial) forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.objects = nil
}

// end lets go of whatever still waits in the trial.
func (t *trial) end() {
	t.over()
	t.openGates()
}

func (t *trial) openGates() {
	t.mu.Lock()
	gates := t.gates
	t.gates = nil
	t.mu.Unlock()
	for _, g := range gates {
		g.open()
	}
}

// closeObjects closes the objects if they are to be closed.
func (t *trial) closeObjects() {
	if !t.has(FeatureClose) {
		return
	}
	t.mu.Lock()
	objects := t.objects
	t.mu.Unlock()
	for _, o := range objects {
		t.expect("Close returns")
		o.(Closer).Close()
	}
}

// lost returns a channel that is closed when the process of the peer is of no more use. It
// is nil for a subject in this process.
func (t *trial) lost() <-chan struct{} {
	if t.remote == nil || t.remote.conn == nil {
		return nil
	}
	return t.remote.conn.gone
}
