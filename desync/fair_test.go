//go:build desynchooks && !race

package desync

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// stopAt has the next goroutine that comes to p stand there until goOn is called.
func stopAt(p point) (goOn func()) {
	gate := make(chan struct{})
	stopped := false
	atPoint = func(q point) {
		if q == p && !stopped {
			stopped = true
			<-gate
		}
	}
	return func() { close(gate) }
}

// noting returns a maker of jobs that note their names, and end when end is closed, unless
// that is nil.
func noting(order *[]string) func(name string, end <-chan struct{}) func(*int) {
	return func(name string, end <-chan struct{}) func(*int) {
		return func(*int) {
			*order = append(*order, name)
			if end != nil {
				<-end
			}
		}
	}
}

// A waiter is woken, but another call comes first and holds the object for the time hold.
// Then a third call comes. It goes before the waiter, unless the waiter has waited for
// too long.
func overtaken(t *testing.T, hold time.Duration) (order []string) {
	t.Helper()
	defer func() { atPoint = func(point) {} }()
	synctest.Test(t, func(t *testing.T) {
		var d Desync[int]
		job := noting(&order)
		first, second := make(chan struct{}), make(chan struct{})
		go d.Do(job("first", first))
		synctest.Wait()
		go d.Do(job("waiter", nil))
		synctest.Wait()
		goOn := stopAt(retakeSwap)
		close(first) // the waiter is woken, and stands before its look
		synctest.Wait()
		go d.Do(job("second", second))
		synctest.Wait()
		time.Sleep(hold)
		goOn() // it finds the object held
		synctest.Wait()
		// The second leaves while the waiter, if it is only woken, stands there again; the
		// third comes then.
		goOn = stopAt(retakeSwap)
		close(second)
		synctest.Wait()
		go d.Do(job("third", nil))
		synctest.Wait()
		goOn()
		synctest.Wait()
		if s := d.core.state.Load(); s != idle {
			t.Errorf("the state is %d after everything; want idle", s)
		}
	})
	return order
}

func TestFAIR2_AWaiterIsNotOvertakenForLong(t *testing.T) {
	if got, want := overtaken(t, 2*patience), []string{"first", "second", "waiter", "third"}; !slices.Equal(got, want) {
		t.Errorf("FAIR-2: with a waiter that has waited for long the order is %q; want %q", got, want)
	}
	// And not at once, or the object would be handed over each time.
	if got, want := overtaken(t, patience/2), []string{"first", "second", "third", "waiter"}; !slices.Equal(got, want) {
		t.Errorf("FAIR-2: with a waiter that has not waited for long the order is %q; want %q", got, want)
	}
}

// Two wait behind a job that takes the time hold. The one that is woken gets the turn at
// once. Then a third call comes while the other is next.
func behind(t *testing.T, hold time.Duration) (order []string) {
	t.Helper()
	defer func() { atPoint = func(point) {} }()
	synctest.Test(t, func(t *testing.T) {
		var d Desync[int]
		job := noting(&order)
		first, second := make(chan struct{}), make(chan struct{})
		go d.Do(job("first", first))
		synctest.Wait()
		go d.Do(job("second", second))
		synctest.Wait()
		go d.Do(job("waiter", nil))
		synctest.Wait()
		time.Sleep(hold)
		close(first)
		synctest.Wait()
		goOn := stopAt(retakeSwap)
		close(second) // the waiter has the turn now, or is woken and stands before its look
		synctest.Wait()
		go d.Do(job("third", nil))
		synctest.Wait()
		goOn()
		synctest.Wait()
		if s := d.core.state.Load(); s != idle {
			t.Errorf("the state is %d after everything; want idle", s)
		}
	})
	return order
}

// Who gets the turn after a long wait was not the only one to wait for long.
func TestFAIR2_OneThatWasLateIsFollowedByThoseBehindIt(t *testing.T) {
	if got, want := behind(t, 3*patience), []string{"first", "second", "waiter", "third"}; !slices.Equal(got, want) {
		t.Errorf("FAIR-2: behind one that has waited for long the order is %q; want %q", got, want)
	}
	if got, want := behind(t, patience), []string{"first", "second", "third", "waiter"}; !slices.Equal(got, want) {
		t.Errorf("FAIR-2: behind one that has not waited for long the order is %q; want %q", got, want)
	}
}

// The starving ends with a waiter that has not waited for long.
func TestFAIR2_TheObjectBecomesFreeAgain(t *testing.T) {
	defer func() { atPoint = func(point) {} }()
	synctest.Test(t, func(t *testing.T) {
		var d Desync[int]
		first, second := make(chan struct{}), make(chan struct{})
		go d.Do(func(*int) { <-first })
		synctest.Wait()
		go d.Do(func(*int) {})
		synctest.Wait()
		goOn := stopAt(retakeSwap)
		close(first)
		synctest.Wait()
		go d.Do(func(*int) { <-second })
		synctest.Wait()
		time.Sleep(2 * patience)
		goOn()
		synctest.Wait()
		if s := d.core.state.Load(); s&starving == 0 {
			t.Errorf("FAIR-2: the state is %d with a waiter that has waited for long; want %d in it", s, starving)
		}
		young := make(chan struct{})
		go d.Do(func(*int) { <-young })
		go d.Do(func(*int) {})
		synctest.Wait()
		close(second) // the old one gets it, and then the young one
		synctest.Wait()
		if s := d.core.state.Load(); s&starving != 0 {
			t.Errorf("FAIR-2: the state is %d with a holder that has not waited for long; want %d not in it", s, starving)
		}
		close(young)
	})
}
