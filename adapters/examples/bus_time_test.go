package examples_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-desync/go-desync/desync"
)

// The tests of the bus run in bubbles: synctest.Wait waits for all that happens in the
// background, and a sleep takes no time.

type parcel struct{ from, n int }

// Publishers at the same time: every handler gets what one of them has published in its
// order, and all handlers of a topic get the same order.
func TestBusOrderPerTopic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBus[parcel](func(e *desync.PanicError) { t.Error(e) })
		const publishers, each = 4, 50
		got := make([]desync.Desync[[]parcel], 3)
		for i := range got {
			b.Subscribe("parcels", func(p parcel) {
				time.Sleep(time.Duration(i) * time.Millisecond)
				got[i].Do(func(all *[]parcel) { *all = append(*all, p) })
			})
		}
		var all sync.WaitGroup
		for from := range publishers {
			all.Go(func() {
				for n := range each {
					b.Publish("parcels", parcel{from, n})
				}
			})
		}
		all.Wait()
		require.NoError(t, b.Wait(t.Context()))
		first := got[0].Sync(func(all *[]parcel) []parcel { return slices.Clone(*all) })
		assert.Len(t, first, publishers*each)
		var last [publishers]int
		for _, p := range first {
			assert.Equal(t, last[p.from], p.n)
			last[p.from]++
		}
		for i := range got {
			got[i].Do(func(all *[]parcel) { assert.Equal(t, first, *all) })
		}
	})
}

// A handler that does not return delays neither its topic nor other handlers.
func TestBusSlowHandlerDelaysNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, d := newBus[int](func(e *desync.PanicError) { t.Error(e) }), new(diary)
		release := make(chan struct{})
		b.Subscribe("a", func(n int) { <-release; d.note(fmt.Sprint("slow ", n)) })
		b.Subscribe("a", func(n int) { d.note(fmt.Sprint("fast ", n)) })
		b.Subscribe("b", func(n int) { d.note(fmt.Sprint("other ", n)) })
		b.Publish("a", 1)
		b.Publish("a", 2)
		b.Publish("b", 3)
		assert.Equal(t, []string{"00:00:00 fast 1", "00:00:00 fast 2", "00:00:00 other 3"}, d.read())

		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		assert.ErrorIs(t, b.Wait(ctx), context.DeadlineExceeded)
		close(release)
		require.NoError(t, b.Wait(t.Context()))
		assert.Equal(t, []string{"00:01:00 slow 1", "00:01:00 slow 2"}, d.read())
	})
}

func TestBusOnceIsCalledOnce(t *testing.T) {
	for range 100 {
		synctest.Test(t, func(t *testing.T) {
			b := newBus[int](func(e *desync.PanicError) { t.Error(e) })
			var calls desync.Desync[int]
			for range 3 {
				b.SubscribeOnce("a", func(int) { calls.Async(func(n *int) { *n++ }) })
			}
			var all sync.WaitGroup
			for n := range 4 {
				all.Go(func() { b.Publish("a", n) })
			}
			all.Wait()
			require.NoError(t, b.Wait(t.Context()))
			require.Equal(t, 3, calls.Sync(func(n *int) int { return *n }))
			synctest.Wait() // a topic has told that its turn is over before it is gone
			require.Zero(t, b.topics.Len(), "topics without subscriptions")
		})
	}
}

// A handler subscribes, to its own topic too, and is subscribed from the next event on.
// It may cancel itself and others; what was published before does not come any more.
func TestBusHandlersSubscribeAndCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, d := newBus[int](func(e *desync.PanicError) { t.Error(e) }), new(diary)
		inner := make(chan *subscription[int], 1)
		published := make(chan struct{}) // 2, so that 3 comes after it
		var outer *subscription[int]
		outer = b.Subscribe("a", func(n int) {
			d.note(fmt.Sprint("outer ", n))
			switch n {
			case 1:
				<-published
				inner <- b.Subscribe("a", func(n int) { d.note(fmt.Sprint("inner ", n)) })
				b.Publish("a", 3)
			case 3:
				(<-inner).Cancel()
				outer.Cancel()
				outer.Cancel() // has no effect
			}
		})
		b.Publish("a", 1)
		b.Publish("a", 2)
		close(published)
		require.NoError(t, b.Wait(t.Context()))
		b.Publish("a", 4)
		require.NoError(t, b.Wait(t.Context()))
		lines := d.read()
		assert.Subset(t, lines, []string{"00:00:00 outer 1", "00:00:00 outer 2", "00:00:00 outer 3"})
		assert.NotContains(t, lines, "00:00:00 inner 1")
		assert.NotContains(t, lines, "00:00:00 inner 2")
		assert.NotContains(t, lines, "00:00:00 inner 4")
		assert.NotContains(t, lines, "00:00:00 outer 4")
		synctest.Wait()
		assert.Zero(t, b.topics.Len())
	})
}

// After Cancel no call of the handler begins, although events wait for it.
func TestBusCancelTakesBackWhatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, d := newBus[int](func(e *desync.PanicError) { t.Error(e) }), new(diary)
		release := make(chan struct{})
		slow := b.Subscribe("a", func(n int) { <-release; d.note(fmt.Sprint(n)) })
		b.Publish("a", 1)
		b.Publish("a", 2)
		synctest.Wait()
		slow.Cancel()
		close(release)
		require.NoError(t, b.Wait(t.Context()))
		assert.Equal(t, []string{"00:00:00 1"}, d.read())
	})
}

// Wait waits for what handlers publish, through a chain of topics.
func TestBusWaitsForWhatHandlersPublish(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, d := newBus[int](func(e *desync.PanicError) { t.Error(e) }), new(diary)
		for i := range 20 {
			b.Subscribe(fmt.Sprint("step ", i), func(n int) {
				time.Sleep(time.Second)
				b.Publish(fmt.Sprint("step ", i+1), n)
			})
		}
		b.Subscribe("step 20", func(int) { d.note("end") })
		b.Publish("step 0", 1)
		require.NoError(t, b.Wait(t.Context()))
		assert.Equal(t, []string{"00:00:20 end"}, d.read())
	})
}

func TestBusGoesOnAfterAPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := new(diary)
		b := newBus[int](func(*desync.PanicError) { d.note("report") })
		b.Subscribe("a", func(n int) {
			if n == 1 {
				panic("one")
			}
			d.note(fmt.Sprint("same ", n))
		})
		b.SubscribeOnce("a", func(int) { panic("once") })
		b.Publish("a", 1)
		b.Publish("a", 2)
		require.NoError(t, b.Wait(t.Context()))
		assert.Equal(t, []string{"00:00:00 report", "00:00:00 report", "00:00:00 same 2"}, d.read())
		assert.PanicsWithValue(t, "bus: subscribe with a nil handler", func() { b.Subscribe("a", nil) })
	})
}
