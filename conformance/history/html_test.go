package history

import (
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"
)

func html(t *testing.T, h *History) string {
	t.Helper()
	var b strings.Builder
	if err := WriteHTML(&b, h); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// contains reports what of wanted is not on the page.
func contains(t *testing.T, page string, wanted ...string) {
	t.Helper()
	for _, w := range wanted {
		if !strings.Contains(page, w) {
			t.Errorf("the page does not contain %q", w)
		}
	}
}

func TestHTMLOfViolation(t *testing.T) {
	h := sample()
	h.Operations = append(h.Operations[:3], kind(ran(12, 21, 0, 0, 0).told(Pending), "<script>"))
	page := html(t, h)
	contains(t, page,
		"<title>ORD-2 violated: #7 returned before #9 was called, but #9 ran first</title>",
		"example v1.2.3 &lt;&amp;&gt;", "Seed 18446744073709551615.", "GOMAXPROCS 2.", "cut from one of 100 operations",
		"#7: call by client 1 on object 0; called 1, returned 2; ran 7 to 8; ran",
		"#9: call by client 2 on object 0 and 4 and 5; called 3, returned 6; ran 4 to 5; ran",
		"#12: &lt;script&gt; by client 1 on object 0; called 21, returned never; never ran; pending",
		"Only 3 of 4 operations are shown: those that break the rule, and their neighbours on the same object",
		"call pending open", "|--call#7--ret|",
	)
	if n := strings.Count(page, `class="bar`); n != 5 {
		t.Errorf("the page has %d bars, want 3 calls and 2 runs", n)
	}
	for class, want := range map[string]int{`class="bar call ran guilty"`: 2, `class="bar run guilty"`: 2, `<tr class="guilty">`: 2} {
		if n := strings.Count(page, class); n != want {
			t.Errorf("the page has %s %d times, want %d", class, n, want)
		}
	}
}

func TestHTMLOfCorrectHistory(t *testing.T) {
	h := queued(100, 3)
	h.Operations[0].Also = []int{4}
	page := html(t, h)
	contains(t, page, "<title>No violation found.</title>", "Only 24 of 100 operations are shown, the first ones.", "run on 0", "run on 4")
	page = html(t, &History{Operations: []Operation{ran(1, 1, 2, 3, 4).onto(0, 1), ran(2, 5, 6, 7, 8).onto(1)}})
	if n := strings.Count(page, `class="bar run"`); n != 3 {
		t.Errorf("the page has %d bars of runs, want 1 on object 0 and 2 on object 1", n)
	}
	contains(t, html(t, &History{}), "All 0 operations of the history are shown.")
}

func TestHTMLOfLargeHistory(t *testing.T) {
	page := html(t, broken(t))
	contains(t, page, "Only 26 of 1000 operations are shown")
	if len(page) > 30_000 {
		t.Errorf("the page has %d bytes, want at most 30,000", len(page))
	}
}

func TestHTMLErrors(t *testing.T) {
	if err := WriteHTML(io.Discard, &History{Operations: make([]Operation, 1)}); !errors.As(err, new(*MalformedError)) {
		t.Errorf("WriteHTML returned %v, want a MalformedError", err)
	}
	failed := errors.New("the disk is on fire")
	if err := WriteHTML(failingWriter{failed}, sample()); !errors.Is(err, failed) {
		t.Errorf("WriteHTML returned %v, want the error of the writer", err)
	}
}

// TestHTMLLoadsNothing shows that the page opens without a network.
func TestHTMLLoadsNothing(t *testing.T) {
	for _, page := range []string{html(t, broken(t)), pageText} {
		if at := regexp.MustCompile(`(?i)https?:|//|\bsrc=|\bhref=|@import|url\(|fetch\(`).FindString(page); at != "" {
			t.Errorf("the page contains %q", at)
		}
	}
}
