package debug_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/go-desync/go-desync/adapters/debug"
	"github.com/go-desync/go-desync/adapters/flight"
	"github.com/go-desync/go-desync/desync"
)

// What is stuck, on what, and who waits for it.
func TestStateSaysWhatIsStuck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := flight.New()
		h := debug.Handler(r)
		d := desync.New(0, desync.WithName("orders"), desync.WithObserver(r))
		gate := make(chan bool)
		d.Async(func(*int) { <-gate })
		for range 3 {
			d.Async(func(*int) {})
		}
		held := desync.New(0, desync.WithName("mail"), desync.WithObserver(r))
		resume := held.Suspend()
		synctest.Wait()
		time.Sleep(5 * time.Second)

		s := stateOf(t, h)
		if s.Objects != 2 || s.Running != 1 || s.Held != 1 || s.Queued != 3 || s.Recorded != 5 {
			t.Errorf("the state is %+v", s)
		}
		b := s.Busy[0]
		if !strings.HasPrefix(b.Object, "orders") || b.Depth != 4 || b.Holder == nil || b.Holder.State != "running" || b.Holder.Call != "async" ||
			!strings.Contains(b.Holder.Code, "debug/state_test.go:") || b.Oldest == nil || b.Oldest.State != "queued" || b.Oldest.Waited != 5*time.Second {
			t.Errorf("the first busy object is %+v, held by %+v, the oldest waits: %+v", b, b.Holder, b.Oldest)
		}
		if m := s.Busy[1]; !strings.HasPrefix(m.Object, "mail") || m.Holder == nil || m.Holder.State != "held" || m.Holder.Call != "suspend" || m.Oldest != nil {
			t.Errorf("the second busy object is %+v, held by %+v", m, m.Holder)
		}

		w := get(h, fmt.Sprintf("/why?job=%d", b.Oldest.ID))
		if w.Code != 200 || !strings.Contains(w.Body.String(), `"wait":5000000000`) || !strings.Contains(w.Body.String(), "state_test.go:") {
			t.Errorf("why: %d %s", w.Code, w.Body)
		}

		close(gate)
		resume()
		synctest.Wait()
		time.Sleep(time.Second) // beyond what is answered from the last look
		if s := stateOf(t, h); s.Objects != 0 || len(s.Busy) != 0 || s.Running+s.Held+s.Queued != 0 {
			t.Errorf("when all has ended, the state is %+v", s)
		} else if n := s.Names[0]; n.Name != "orders" || n.Returned != 4 || len(n.Slow) != 4 {
			t.Errorf("of the name %+v, want 4 slow jobs of orders", n)
		}
	})
}

// Chains are shown from the last that waits, once, and a ring as one.
func TestStateShowsChainsAndRings(t *testing.T) {
	r := flight.New()
	tell := func(id, object, within uint64, started bool) {
		j := desync.JobInfo{Object: "o", ObjectID: object, ID: id, Within: within, Call: desync.CallDo, Queued: time.Now().Add(-time.Hour + time.Duration(id)*time.Second)}
		r.Queued(j)
		if started {
			j.Started = j.Queued
			r.Started(j)
		}
	}
	// 1 runs on object 1 and waits, by 2, for object 2, where 3 runs and waits, by 4, for
	// object 3, where 5 runs. 6 waits for 1.
	tell(1, 1, 0, true)
	tell(2, 2, 1, false)
	tell(3, 2, 0, true)
	tell(4, 3, 3, false)
	tell(5, 3, 0, true)
	tell(6, 1, 0, false)
	// 11 and 13 wait for each other.
	tell(11, 11, 0, true)
	tell(12, 12, 11, false)
	tell(13, 12, 0, true)
	tell(14, 11, 13, false)
	// 22 only waits for 21 to end, which the table of objects says.
	tell(21, 21, 0, true)
	tell(22, 21, 0, false)
	s := stateOf(t, debug.Handler(r))
	var got []string
	for _, c := range s.Chains {
		text := fmt.Sprint(c.Ring)
		for _, j := range c.Jobs {
			text += fmt.Sprint(" ", j.ID)
		}
		got = append(got, text)
	}
	want := []string{"true 14 11 12 13 14", "false 6 1 2 3 4 5"}
	if strings.Join(got, "; ") != strings.Join(want, "; ") {
		t.Errorf("chains %q, want %q", got, want)
	}
}

// With 10,000 busy objects the page is told of some. One that is stuck is among them,
// although its queue is short.
func TestStateWithManyObjects(t *testing.T) {
	r := flight.New()
	const objects = 10_000
	stuck := uint64(objects / 2)
	for id := uint64(1); id <= objects; id++ {
		since := time.Second
		if id == stuck {
			since = time.Hour
		}
		running(r, id, fmt.Sprintf("name %d", id%300), since)
		if id%3 == 0 && id != stuck {
			queued(r, objects+id, id, fmt.Sprintf("name %d", id%300), time.Millisecond)
		}
	}
	h := debug.Handler(r)
	s := stateOf(t, h)
	if s.Objects != objects || len(s.Busy) != 100 || len(s.Names) > 100 || s.NameCount < 200 {
		t.Errorf("%d objects, %d of them shown; %d of %d names", s.Objects, len(s.Busy), len(s.Names), s.NameCount)
	}
	found := false
	for _, b := range s.Busy {
		found = found || b.ObjectID == stuck
	}
	if !found || s.Busy[0].Depth != 2 {
		t.Errorf("the first busy object is %+v; the stuck one is shown: %v", s.Busy[0], found)
	}
	if size := get(h, "/state.json").Body.Len(); size > 200_000 {
		t.Errorf("%d bytes", size)
	}
}

func BenchmarkState10000(b *testing.B) {
	r := flight.New()
	for id := uint64(1); id <= 10_000; id++ {
		running(r, id, fmt.Sprintf("name %d", id%300), time.Second)
	}
	for b.Loop() {
		h := debug.Handler(r) // which has no look to answer from
		if w := get(h, "/state.json"); w.Code != 200 {
			b.Fatal(w.Code)
		}
	}
}

func TestStateSaysWhatWasDropped(t *testing.T) {
	r := flight.New(flight.Jobs(16))
	for id := uint64(1); id <= 5000; id++ {
		running(r, id, "flood", time.Second)
	}
	s := stateOf(t, debug.Handler(r))
	if s.Dropped == 0 || s.Dropped+uint64(s.Objects) != 5000 {
		t.Errorf("%d jobs dropped, %d objects busy; want 5000 together", s.Dropped, s.Objects)
	}
}

var hostile = []string{"", `</script><img src=x onerror=alert(1)>`, `"' \`, "\u2028\u2029", "\x00\x1b[2J", "\xff\xc3", "\u202eevil", strings.Repeat("long", 1<<18)}

func TestStateHostileNames(t *testing.T) {
	r := flight.New()
	for i, name := range hostile {
		running(r, uint64(i+1), name, time.Second)
		queued(r, uint64(i+101), uint64(i+1), name, time.Second)
		queued(r, uint64(i+201), uint64(i+301), name, time.Second)
	}
	w := get(debug.Handler(r, debug.Table(hostile[1], hostile[:3], func() [][]string { return [][]string{hostile} })), "/state.json")
	text := w.Body.String()
	if i := strings.IndexAny(text, "<>&\u2028\u2029\x00\x1b"); i >= 0 || !utf8.ValidString(text) {
		t.Errorf("state.json holds %q", text[max(0, i-20):max(0, i)+10])
	}
	if len(text) > 50_000 {
		t.Errorf("%d bytes: long names are not cut", len(text))
	}
	s := stateOf(t, debug.Handler(r))
	if len(s.Busy) != 2*len(hostile) {
		t.Errorf("%d busy objects, want %d", len(s.Busy), 2*len(hostile))
	}
}

// A secret, as a key of a map is.
const planted = "4929-1234-ann@example.com"

func TestNoOutputHoldsAKey(t *testing.T) {
	r := flight.New()
	accounts := desync.NewMap(func(string) int { return 0 }, desync.WithName("accounts"), desync.WithObserver(r))
	accounts.At(planted).Do(func(*int) {})
	resume := accounts.At(planted).Suspend()
	defer resume()
	accounts.At("another").Do(func(*int) {})
	h := debug.Handler(r)
	for _, path := range append(paths, fmt.Sprintf("/why?job=%d", stateOf(t, h).Busy[0].Holder.ID)) {
		if w := get(h, path); w.Code == 200 && strings.Contains(w.Body.String(), planted) {
			t.Errorf("%s shows the key", path)
		}
	}

	shown := flight.New(flight.ShowKeys(func(_ string, key any) string { return fmt.Sprint(key) }))
	cards := desync.NewMap(func(string) int { return 0 }, desync.WithName("cards"), desync.WithObserver(shown))
	cards.At(planted).Do(func(*int) {})
	if w := get(debug.Handler(shown), "/timeline.html"); !strings.Contains(w.Body.String(), planted) {
		t.Error("the key is not shown although ShowKeys is given: this test could not fail")
	}
}

func TestTable(t *testing.T) {
	many := make([][]string, 1000)
	for i := range many {
		many[i] = []string{fmt.Sprint(i)}
	}
	s := stateOf(t, debug.Handler(flight.New(),
		debug.Table("partitions", []string{"partition", "owner", "lag"}, func() [][]string {
			return [][]string{{"0", "node-a", "12"}, {"1"}, {}, nil, {"2", "b", "c", "too much"}}
		}),
		debug.Table("empty", []string{"a"}, func() [][]string { return nil }),
		debug.Table("many", []string{"a"}, func() [][]string { return many }),
		debug.Table("broken", []string{"a"}, func() [][]string { panic(fmt.Errorf("no database")) }),
		debug.Table("badly broken", []string{"a"}, func() [][]string { panic(mute{}) }),
	))
	if len(s.Tables) != 5 {
		t.Fatalf("tables %+v", s.Tables)
	}
	if got := fmt.Sprintf("%q", s.Tables[0].Rows); got != `[["0" "node-a" "12"] ["1" "" ""] ["" "" ""] ["" "" ""] ["2" "b" "c"]]` {
		t.Errorf("rows %s", got)
	}
	if e := s.Tables[1]; e.Name != "empty" || len(e.Rows) != 0 || e.Err != "" {
		t.Errorf("the empty table is %+v", e)
	}
	if m := s.Tables[2]; len(m.Rows) != 200 || m.More != 800 || m.Rows[199][0] != "199" {
		t.Errorf("the long table has %d rows and %d more", len(m.Rows), m.More)
	}
	if b := s.Tables[3]; !strings.HasSuffix(b.Err, "panicked: no database") || b.Rows != nil {
		t.Errorf("the broken table is %+v", b)
	}
	if b := s.Tables[4]; !strings.HasSuffix(b.Err, "a debug_test.mute") {
		t.Errorf("the table that panics with what cannot be printed is %+v", b)
	}
}

// mute panics when it is printed.
type mute struct{}

func (mute) Error() string { panic(mute{}) }

// The columns are those at the call of Table.
func TestTableKeepsItsColumns(t *testing.T) {
	columns := []string{"a", "b"}
	h := debug.Handler(flight.New(), debug.Table("t", columns, func() [][]string { return nil }))
	columns[0] = "changed"
	if s := stateOf(t, h); s.Tables[0].Columns[0] != "a" {
		t.Errorf("columns %q", s.Tables[0].Columns)
	}
}
