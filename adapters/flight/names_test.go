package flight_test

import (
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/go-desync/go-desync/adapters/flight"
)

// hostileNames are names that must do no harm.
var hostileNames = []string{
	"", "</script><img onerror=alert(1)>", `"quoted"`, "\u2028", "\x00", "\xff invalid", "\u202eright to left", "other",
	strings.Repeat("x", 1<<20), strings.Repeat("ä", 1<<10),
}

func TestHostileNames(t *testing.T) {
	r := flight.New()
	for _, name := range hostileNames {
		for range 2 { // one name on several objects
			observed(r, name).Do(func(*int) {})
		}
	}
	s := r.Snapshot()
	if len(s.Names) != len(hostileNames) {
		t.Errorf("%d names; want %d", len(s.Names), len(hostileNames))
	}
	for _, n := range s.Names {
		if n.Returned != 2 || len(n.Name) > 300 || !utf8.ValidString(n.Name) {
			t.Errorf("%.100q: %d have returned; want 2", n.Name, n.Returned)
		}
	}
	for _, j := range s.Jobs {
		if len(j.Object) > 300 || !utf8.ValidString(j.Object) || !utf8.ValidString(j.Name) {
			t.Errorf("the object %.100q", j.Object)
		}
	}
	for _, text := range []string{r.String(), marshal(t, s)} {
		if !json.Valid([]byte(text)) {
			t.Errorf("this is not JSON: %.1000s", text)
		}
	}
}

func marshal(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestNamesBeyond200ShareOne(t *testing.T) {
	r := flight.New()
	for i := range 1000 {
		observed(r, fmt.Sprintf("object %d", i)).Do(func(*int) {})
	}
	s := r.Snapshot()
	if len(s.Names) != 201 {
		t.Fatalf("%d names; want 201", len(s.Names))
	}
	for _, n := range s.Names {
		want := uint64(1)
		if n.Name == "other" {
			want = 800
		}
		if n.Returned != want {
			t.Errorf("%q: %d jobs; want %d", n.Name, n.Returned, want)
		}
	}
	if j := s.Jobs[999]; j.Name != "object 999" {
		t.Errorf("the last job is of %q; want its own name all the same", j.Name)
	}
}

// A long name is not kept, of the first names and of those after.
func TestLongNamesAreNotKept(t *testing.T) {
	r := flight.New()
	begin := heap()
	for i := range 250 {
		observed(r, strings.Repeat(string(rune('a'+i)), 1<<18)).Do(func(*int) {})
	}
	if n := heap() - begin; n > 1<<20 {
		t.Errorf("250 objects with long names later it has %d bytes more", n)
	}
	runtime.KeepAlive(r)
}

// If there are more kinds of examples than there is room, the rest are among those of the other
// names.
func TestExamplesOfManyNames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := flight.New()
		for i := range 200 {
			d := observed(r, fmt.Sprintf("object %d", i))
			for _, run := range []time.Duration{time.Millisecond, 10 * time.Millisecond, time.Second} {
				d.Do(func(*int) { time.Sleep(run) })
			}
		}
		all := map[uint64]bool{}
		others := 0
		for _, n := range r.Snapshot().Names {
			for _, j := range n.Slow {
				if n.Name == "other" {
					others++
				} else if j.Name != n.Name {
					t.Errorf("%s has a job of %s", n.Name, j.Name)
				}
				all[j.ID] = true
			}
		}
		if others != 3*8 || len(all) < 300 {
			t.Errorf("%d examples, of which %d are of the other names; want the last 8 of 3 kinds", len(all), others)
		}
	})
}
