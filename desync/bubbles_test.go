package desync_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-desync/go-desync/desync"
)

// throughBubbles uses a value that lives as long as the process in synctest bubbles and
// outside, one after the other. In a bubble, use may leave work behind that is not done
// yet, as tests do. Outside it must not, since then the value would be used inside and
// outside at the same time.
func throughBubbles[V any](t *testing.T, value func() V, use func(t *testing.T, v V, inside bool)) {
	t.Helper()
	const in, out = true, false
	for _, order := range [][]bool{
		{in, in, out, in},
		{in, out, out},
		{out, in, in, out},
	} {
		v := value()
		for _, inside := range order {
			if inside {
				synctest.Test(t, func(t *testing.T) { use(t, v, true) })
			} else {
				use(t, v, false)
			}
		}
	}
}

func TestSYN3_AMapThatEvictsGoesThroughBubbles(t *testing.T) {
	const after = 20 * time.Millisecond
	type counts struct {
		m    *desync.Map[int, int]
		next int
	}
	throughBubbles(t, func() *counts {
		c := &counts{m: desync.NewMap(func(int) int { return 0 })}
		c.m.EvictIdle(after)
		return c
	}, func(t *testing.T, c *counts, inside bool) {
		// The key that the use before has left goes too, not only the new one.
		c.next++
		evicted := make(chan int, 10)
		evictIdle(c.m, after, func(key int, _ *int) {
			select {
			case evicted <- key:
			default: // nobody waits for it any more
			}
		})
		c.m.At(c.next).Do(func(*int) {})
		for {
			if key := receive(t, evicted, "an eviction"); key == c.next {
				break
			}
		}
		// A key goes a moment after the call, and the old one may go after the new one.
		// Nothing here may use the map meanwhile: what is in use is not evicted.
		for c.m.Len() > 0 {
			time.Sleep(after / 10)
		}
		if inside {
			c.m.At(c.next).Do(func(*int) {}) // and leaves a timer behind
		}
	})
}

// The same without a call of EvictIdle: that a key is used, or visited, will do.
func TestSYN3_AMapThatIsUsedInABubbleEvictsThere(t *testing.T) {
	for name, use := range map[string]func(m *desync.Map[int, int]){
		"a new key":  func(m *desync.Map[int, int]) { m.At(2).Do(func(*int) {}) },
		"an old key": func(m *desync.Map[int, int]) { m.At(1).Do(func(*int) {}) },
		"a Range":    func(m *desync.Map[int, int]) { m.Range(func(int, *int) bool { return true }) },
	} {
		t.Run(name, func(t *testing.T) {
			m := desync.NewMap(func(int) int { return 0 })
			m.EvictIdle(time.Hour)
			m.At(1).Do(func(*int) {})
			for range 2 {
				synctest.Test(t, func(t *testing.T) {
					use(m)
					time.Sleep(2 * time.Hour)
					if n := m.Len(); n > 0 {
						t.Errorf("SYN-3: %d keys after two hours; want none", n)
					}
					m.At(1).Do(func(*int) {})
				})
			}
		})
	}
}

// A job that is left behind in a bubble settles its future outside.
func TestSYN3_AFutureLeftInABubbleSettlesOutside(t *testing.T) {
	var d desync.Desync[int]
	resume := d.Suspend()
	f := d.Future(func(n *int) int { return 1 })
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := f.Await(ctx); err == nil {
			t.Error("a future of a suspended object has settled")
		}
	})
	resume()
	if v, err := f.Await(t.Context()); v != 1 || err != nil {
		t.Errorf("SYN-3: got %d, %v; want 1", v, err)
	}
}
