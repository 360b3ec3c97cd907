package desync_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

// looks are the ways to look at a key.
func looks(k desync.Key[string, int]) map[string]func() {
	return map[string]func(){
		"Pending":  func() { k.Pending() },
		"String":   func() { _ = k.String() },
		"Format":   func() { _ = fmt.Sprintf("%v %+v %#v %d", k, k, k, k) },
		"LogValue": func() { k.LogValue() },
		"At":       func() {},
	}
}

func TestKEY5_LookingMakesNothing(t *testing.T) {
	m := desync.NewMap(func(string) int { t.Error("KEY-5: a value was made"); return 0 })
	for name, look := range looks(m.At("a")) {
		look()
		wantLen(t, m, 0, "KEY-5: after "+name)
	}
	if n := m.At("a").Pending(); n != 0 {
		t.Errorf("KEY-5: %d jobs of a key that nobody uses are pending; want none", n)
	}
}

func TestKEY5_LookingIsNoUse(t *testing.T) {
	for name := range looks(desync.Key[string, int]{}) {
		synctest.Test(t, func(t *testing.T) {
			m := zeros[string]()
			m.EvictIdle(4 * time.Second)
			m.At("a").Do(func(*int) {})
			for range 6 {
				time.Sleep(time.Second)
				looks(m.At("a"))[name]()
			}
			wantLen(t, m, 0, "KEY-5: after a while with nothing but "+name)
		})
	}
}

func TestKEY5_PendingDoesNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := zeros[string](desync.WithName("keys"))
		gate := make(chan struct{})
		m.At("a").Async(func(*int) { <-gate })
		m.At("a").Async(func(*int) {})
		synctest.Wait()
		if n := m.At("a").Pending(); n != 2 {
			t.Errorf("%d jobs are pending; want 2", n)
		}
		if got, want := fmt.Sprint(m.At("a")), `"keys", key "a": busy, 2 pending`; got != want {
			t.Errorf("a busy key prints as %s; want %s", got, want)
		}
		close(gate)
		synctest.Wait()
		if n := m.At("a").Pending(); n != 0 {
			t.Errorf("%d jobs are pending; want none", n)
		}
	})
}

// A Try makes the object, since it is idle, and a refusal has no effect.
func TestKeyTRY1_TRY2(t *testing.T) {
	m := desync.NewMap(func(key string) int { return len(key) })
	if v, ok := m.At("abc").TrySync(func(v *int) int { return *v }); v != 3 || !ok {
		t.Errorf("TRY-2: TrySync of a key that is absent returns %d, %v; want 3, true", v, ok)
	}
	resume := m.At("ab").Suspend()
	if m.At("ab").TryDo(func(*int) {}) {
		t.Error("TRY-1: a TryDo of a key that is held has run its job")
	}
	resume()
	wantLen(t, m, 1, "TRY-1: after a refused TryDo")
	m.At("ab").Do(func(*int) {})
	if !m.At("ab").TryDo(func(v *int) { *v++ }) {
		t.Error("TRY-2: a TryDo right after a Do was refused")
	}
}

// What waits without a goroutine keeps the key all the same, and no longer than that.
func TestKEY1_SuspendAndAfterKeepTheKey(t *testing.T) {
	for name, hold := range map[string]func(k desync.Key[string, int]) (end func()){
		"Suspend": func(k desync.Key[string, int]) func() {
			resume := k.Suspend()
			return func() { resume(); resume() } // the second does nothing
		},
		"Suspend behind a Suspend": func(k desync.Key[string, int]) func() {
			first := k.Suspend()
			second := k.Suspend()
			return func() { second(); first() }
		},
		"After": func(k desync.Key[string, int]) func() {
			var p futures.Promise[int]
			k.After(p.Future(), func(v *int, n int, _ error) int { return *v })
			return func() { p.Resolve(1) }
		},
	} {
		for _, live := range []bool{true, false} {
			synctest.Test(t, func(t *testing.T) {
				m := zeros[string]()
				evictIdle(m, time.Second, func(key string, n *int) {
					if *n != 7 && live {
						t.Errorf("%s: KEY-1: evicted with %d; want 7", name, *n)
					}
				})
				if live {
					m.At("a").Do(func(n *int) { *n = 7 })
				}
				end := hold(m.At("a"))
				time.Sleep(time.Minute)
				wantLen(t, m, 1, name+": KEY-1: while it is held")
				end()
				time.Sleep(time.Minute)
				wantLen(t, m, 0, name+": KEY-3: after it has ended")
				if n := m.At("a").Sync(func(n *int) int { return *n }); n != 0 {
					t.Errorf("%s: the new value is %d; want 0", name, n)
				}
			})
		}
	}
}

func TestKeysCompare(t *testing.T) {
	m, other := zeros[string](), zeros[string]()
	a, again := m.At("a"), m.At("a")
	if a != again || a == m.At("b") || a == other.At("a") {
		t.Error("two Keys must be equal if and only if map and key are")
	}
}

func TestPrintingAKey(t *testing.T) {
	m := zeros[string](desync.WithName("keys"))
	var none desync.Key[string, int]
	if got, want := fmt.Sprintf("%v %d", m.At("a"), none), `"keys", key "a": idle desync.Map[string,int], key "": idle`; got != want {
		t.Errorf("got %s; want %s", got, want)
	}
	var out bytes.Buffer
	slog.New(slog.NewTextHandler(&out, nil)).Info("state", "k", m.At("a"))
	if got, want := out.String(), `k.object="\"keys\", key \"a\"" k.state=idle k.pending=0`; !strings.Contains(got, want) {
		t.Errorf("a key is logged as %s; want %s", got, want)
	}
}
