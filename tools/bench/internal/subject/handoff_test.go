package subject

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestTheLockIsHandedToWhoWaitedLongest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := HandOff{}.New().(*lockObject[*handOff]).l
		l.Lock()
		var order []int // guarded by l
		var all sync.WaitGroup
		for i := range 4 {
			all.Go(func() {
				l.Lock()
				defer l.Unlock()
				order = append(order, i)
				time.Sleep(time.Second) // others would come in now
				if got := order[len(order)-1]; got != i {
					t.Errorf("%d has the lock while %d has it", got, i)
				}
			})
			synctest.Wait()
		}
		l.Unlock()
		all.Wait()
		if want := []int{0, 1, 2, 3}; !slices.Equal(order, want) {
			t.Errorf("the lock went to %v, want %v", order, want)
		}
		l.Lock() // it is free again
		l.Unlock()
	})
}
