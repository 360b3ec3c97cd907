package flight_test

import (
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"testing"
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
