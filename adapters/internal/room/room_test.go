package room_test

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/go-desync/go-desync/adapters/internal/room"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type locked struct {
	sync.Mutex
	room.Room
}

func newRoom(size int64) *locked {
	r := new(locked)
	r.L, r.Size = &r.Mutex, size
	return r
}

// with calls f with the lock held.
func (r *locked) with(f func(r *room.Room)) {
	r.Lock()
	defer r.Unlock()
	f(&r.Room)
}

// take is Take with the lock held.
func (r *locked) take(size int64, limit time.Duration) (got bool) {
	r.with(func(r *room.Room) { got = r.Take(size, limit, nil) })
	return got
}

// line starts a goroutine that takes room, and returns when it waits. Its name is
// appended to got when it has room.
func line(r *locked, got *[]string, name string, size int64) {
	go func() {
		if r.take(size, 0) {
			*got = append(*got, name)
		}
	}()
	synctest.Wait()
}

func give(r *locked, size int64) {
	r.with(func(r *room.Room) { r.Give(size) })
	synctest.Wait()
}

func TestRoomIsGivenInTheOrderOfArrival(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(10)
		var got []string
		require.True(t, r.take(6, 0))
		line(r, &got, "heavy", 10)
		line(r, &got, "light", 1)
		assert.Empty(t, got, "light fits, and must not overtake heavy")
		r.with(func(r *room.Room) { assert.False(t, r.Try(1), "Try must not overtake heavy") })
		give(r, 6)
		assert.Equal(t, []string{"heavy"}, got)
		give(r, 10)
		assert.Equal(t, []string{"heavy", "light"}, got)
		line(r, &got, "too heavy", 100)
		assert.Len(t, got, 2, "what is larger than the room waits until it is alone")
		give(r, 1)
		assert.Equal(t, "too heavy", got[2])
		give(r, 100)
		r.with(func(r *room.Room) { assert.Zero(t, r.Taken()) })
	})
}

func TestWhoGivesUpLetsOthersIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(10)
		var got []string
		require.True(t, r.take(6, 0))
		began := time.Now()
		go func() { assert.False(t, r.take(8, time.Second), "there is no room for 8") }()
		synctest.Wait()
		line(r, &got, "light", 1)
		time.Sleep(time.Second)
		synctest.Wait()
		assert.Equal(t, []string{"light"}, got)
		assert.Equal(t, time.Second, time.Since(began))
	})
}

func TestAddGoesPastTheBound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(2)
		var got []string
		r.with(func(r *room.Room) { r.Add(3) })
		line(r, &got, "1", 1)
		give(r, 1)
		assert.Empty(t, got)
		give(r, 1)
		assert.Len(t, got, 1)
	})
}

func TestRefuseEndsTheWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(1)
		require.True(t, r.take(1, 0))
		for _, limit := range []time.Duration{0, time.Hour} {
			go func() { assert.False(t, r.take(1, limit)) }()
		}
		synctest.Wait()
		began := time.Now()
		r.with(func(r *room.Room) { r.Refuse() })
		synctest.Wait()
		assert.Zero(t, time.Since(began))
		assert.False(t, r.take(1, 0), "after Refuse")
	})
}

func TestSYN3UsedInBubblesAndOutside(t *testing.T) {
	r := newRoom(1)
	use := func() {
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				assert.True(t, r.take(1, time.Minute))
				r.with(func(r *room.Room) { r.Give(1) })
			})
		}
		all.Wait()
	}
	for range 2 {
		synctest.Test(t, func(*testing.T) { use() })
	}
	use()
}

// Room that is given outside of a bubble while somebody waits inside: the one who
// waits must not be woken, and finds the room when its time is up. It is not in the
// way of others.
func TestSYN3RoomGivenOutside(t *testing.T) {
	r := newRoom(1)
	require.True(t, r.take(1, 0))
	waits, given := make(chan struct{}), make(chan struct{})
	go func() {
		<-waits
		r.with(func(r *room.Room) { r.Give(1) })
		assert.True(t, r.take(1, 0), "somebody outside, behind the one in the bubble")
		r.with(func(r *room.Room) { r.Give(1) })
		close(given)
	}()
	synctest.Test(t, func(t *testing.T) {
		got := make(chan bool)
		go func() { got <- r.take(1, time.Second) }()
		synctest.Wait()
		close(waits)
		<-given // not durably blocking: the clock stands still
		began := time.Now()
		assert.True(t, <-got)
		assert.Equal(t, time.Second, time.Since(began))
	})
	// And none is given: the wait ends by the clock of the bubble.
	synctest.Test(t, func(t *testing.T) {
		assert.False(t, r.take(1, time.Second))
	})
}

// Room that is given in a bubble to those who wait in another, and outside.
func TestSYN3WakeFromABubble(t *testing.T) {
	w := room.NewWaiter()
	synctest.Test(t, func(t *testing.T) {
		in := room.NewWaiter()
		other := make(chan bool)
		go func() { other <- in.Wake() }()
		assert.True(t, <-other, "from the same bubble")
		assert.True(t, in.Wait(time.Second))
		assert.True(t, w.Wake(), "of one who waits outside")
	})
	assert.True(t, w.Wait(0))
	var foreign *room.Waiter
	synctest.Test(t, func(*testing.T) { foreign = room.NewWaiter() })
	assert.False(t, foreign.Wake(), "from outside")
	synctest.Test(t, func(t *testing.T) { assert.False(t, foreign.Wake(), "from another bubble") })
}
