package conformance

import (
	"runtime"
	"sync/atomic"
	"time"
)

// fairRules are about calls that wait while others come.
func fairRules() []checkedRule {
	return []checkedRule{
		{
			Rule: Rule{
				ID: "FAIR-2", Level: Must, Feature: FeatureCore, Profile: ConcurrencyProfile, Method: Deterministic,
				Text:    "A Do or DoContext that is woken when it has waited for more than a millisecond, and finds the object taken, is not overtaken from then on. The object goes from one that waits to the next, in the order in which they came, until one gets it that has waited for less.",
				Why:     "A caller could wait forever beside others that call again and again.",
				Mutants: []string{"waiter-starves", "newest-waiter-first"},
			},
			cases: []testCase{
				{name: "do", run: notOvertaken(func(_ *trial, o Object, job func(*State)) { o.Do(job) })},
				{name: "context", needs: []Feature{FeatureCancel}, run: notOvertaken(func(t *trial, o Object, job func(*State)) {
					_ = o.(Canceler).DoContext(t.ctx, job)
				})},
			},
		},
	}
}

// A caller waits for waitsLong while the object is held, and then beside some that call
// again and again. It fails if mostOvertakes of their calls come first.
const (
	waitsLong     = 10 * time.Millisecond
	mostOvertakes = 1000
)

// notOvertaken counts calls that began when another one had waited for long, and whose
// jobs ran before that one's. A correct implementation on a busy machine could be
// slow to let the waiter look. So there is one processor, on which who yields runs again
// when the others that can run have run, and the case itself yields and counts.
func notOvertaken(call func(*trial, Object, func(*State))) func(*trial) {
	return func(t *trial) {
		runtime.GOMAXPROCS(1)
		for _, others := range []int{1, 4, 1, 4, 1, 4} {
			t.overtake(call, others)
			if t.failed() {
				return
			}
		}
	}
}

// overtake has some others call Do again and again while one call waits.
func (t *trial) overtake(call func(*trial, Object, func(*State)), others int) {
	o, g, started := t.object(), t.gate(), make(chan struct{})
	var passed, stop atomic.Bool
	var overtakes atomic.Int64
	defer stop.Store(true)
	again := func() {
		for !passed.Load() && !stop.Load() {
			o.Do(func(*State) {
				if !passed.Load() {
					overtakes.Add(1)
				}
				Pause{Yields: 3}.pass()
			})
		}
	}
	dones := []<-chan struct{}{t.goes(func() {
		o.Do(func(*State) { close(started); g.wait() })
		again()
	})}
	t.await(started, "the job of a Do on an idle object starts")
	called := make(chan struct{})
	dones = append(dones, t.goes(func() {
		close(called)
		call(t, o, func(*State) { passed.Store(true) })
	}))
	t.await(called, "a goroutine starts")
	Pause{Yields: 100}.pass() // it waits now
	time.Sleep(waitsLong)
	for range others - 1 {
		dones = append(dones, t.goes(again))
	}
	Pause{Yields: 20}.pass() // they wait too
	g.open()
	limit := time.Now().Add(t.scaled(5 * time.Second))
	for turns := 0; !passed.Load(); turns++ {
		if n := overtakes.Load(); n >= mostOvertakes && turns >= mostOvertakes {
			t.fail("a call that has waited for long is not overtaken again and again",
				"after it had waited for %v, %d calls of %d other goroutines began, and their jobs ran first; meanwhile the only processor was left to whoever could run %d times", waitsLong, n, others, turns)
			break
		}
		if time.Now().After(limit) {
			t.inconclusive("the machine is too slow: within %v the case had %d turns, and %d calls were served, of the %d that it takes", t.scaled(5*time.Second), turns, overtakes.Load(), mostOvertakes)
		}
		runtime.Gosched()
	}
	stop.Store(true)
	for _, done := range dones {
		t.await(done, "a Do beside others returns when they end")
	}
}
