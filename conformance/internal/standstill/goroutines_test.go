package standstill

import (
	"fmt"
	"strings"
	"testing"
)

func TestGoroutinesAreShownTogether(t *testing.T) {
	const self = "goroutine 1 [running]:\nlook()\n\n"
	var b strings.Builder
	b.WriteString(self)
	for i := range 5 {
		fmt.Fprintf(&b, "goroutine %d [chan receive, %d minutes]:\nmain.f(0x%d)\n\tf.go:7 +0x%d\ncreated by main.g in goroutine %d\n\tf.go:3\n\n", 10+i, i, i, i, i)
	}
	b.WriteString("goroutine 20 gp=0x1 [select] {key: \"value, two\"}:\nmain.other(...)\n")
	all := Census{"14": true}.since(b.String())
	if len(all) != 5 {
		t.Fatalf("%d goroutines were not there before, want 5: %+v", len(all), all)
	}
	want := "goroutine 10 [chan receive], and 3 more like it:\nmain.f(0x0)\n\tf.go:7 +0x0\ncreated by main.g in goroutine 0\n\tf.go:3\n\ngoroutine 20 [select]:\nmain.other(...)"
	if got := Show(all); got != want {
		t.Errorf("shown as\n%s\nwant\n%s", got, want)
	}
}

func TestGoroutinesAreCut(t *testing.T) {
	var all []Goroutine
	for i := range mostStacks + 3 {
		all = append(all, Goroutine{ID: "1", State: "select", Stack: fmt.Sprintf("main.f%d()", i)})
	}
	got := Show(all)
	if !strings.Contains(got, fmt.Sprintf("main.f%d()", mostStacks-1)) || !strings.HasSuffix(got, "and others, with 3 different stacks") {
		t.Errorf("of %d different stacks, this is shown:\n%s", len(all), got)
	}
}
