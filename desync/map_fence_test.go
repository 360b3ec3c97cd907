package desync

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
)

// A Wait that finds a ring has taken its places before. None is left, on keys of others
// either, whose jobs may run for hours.
func TestNST3_MapWaitTakesItsPlacesBack(t *testing.T) {
	if !watching {
		t.Skip("other builds look for rings along a context alone, before a Wait takes places")
	}
	synctest.Test(t, func(t *testing.T) {
		m := NewMap(func(string) int { return 0 })
		gate := make(chan struct{})
		m.At("other").Async(func(*int) { <-gate })
		synctest.Wait()
		m.At("own").Do(func(*int) {
			_, ok := errors.AsType[*DeadlockError](m.Wait(context.Background()))
			if !ok {
				t.Error("NST-3: Wait in a job of the map has not returned a DeadlockError")
			}
			for _, key := range []string{"own", "other"} {
				if n := m.find(key).data.pins.Load(); n != hasValue+1 {
					t.Errorf("NST-3: the key %s has %#x pins after the Wait; want its value's and its job's", key, n)
				}
			}
		})
		close(gate)
	})
}
