package flight

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-desync/go-desync/desync"
)

// A process that was stopped for half a minute has one report, not one of each object.
func TestWatchdogAfterAStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := New()
		gate := make(chan struct{})
		defer close(gate)
		for range 1000 {
			desync.New(0, desync.WithObserver(r)).Async(func(*int) { <-gate })
		}
		g := &watchdog{r: r, w: Watch{}, episodes: map[uint64]*episode{}}
		g.w.check()
		time.Sleep(5 * time.Second)
		if all := g.look(time.Now()); len(all) != 0 {
			t.Fatalf("before: %v", all)
		}
		time.Sleep(31 * time.Second)
		all := g.look(time.Now(), stop{time.Now(), 31 * time.Second})
		if len(all) != 1 || all[0].What != Stopped || all[0].For != 30*time.Second {
			t.Fatalf("after the stop: %v; want one report, of the stop", all)
		}
		time.Sleep(4 * time.Second)
		if all := g.look(time.Now()); len(all) != 0 {
			t.Fatalf("after 9s without the stop: %v", all)
		}
		time.Sleep(time.Second)
		if all := g.look(time.Now()); len(all) != maxReports || all[9].More != 990 || all[0].For != 10*time.Second {
			t.Errorf("after 10s without the stop: %v; want ten reports of 1000", all)
		}
		if all := g.look(time.Now(), stop{time.Now(), 2500 * time.Millisecond}); len(all) != 0 {
			t.Errorf("after a short stop, which does not count either: %v", all)
		}
	})
}

// A pulse notices a stop whoever comes first after it, and only once.
func TestPulse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, end := startPulse(time.Second)
		defer end()
		time.Sleep(time.Minute + time.Millisecond)
		synctest.Wait()
		if all := p.take(time.Now()); len(all) != 0 {
			t.Errorf("without a stop: %v", all)
		}
		later := time.Now().Add(30 * time.Second) // as after a stop
		if all := p.take(later); len(all) != 1 || all[0] != (stop{later, 30 * time.Second}) {
			t.Errorf("the watchdog comes first: %v", all)
		}
		time.Sleep(40 * time.Second)
		later = time.Now().Add(time.Hour)
		p.beat(later)
		time.Sleep(time.Minute)
		if all := p.take(time.Now()); len(all) != 1 || all[0].end != later || all[0].length < 59*time.Minute {
			t.Errorf("the goroutine comes first: %v", all)
		}
	})
}

// What can be written is, and nothing else is left.
func TestDumpOfAFullDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	full := errors.New("no space left")
	err := writeFile(path, func(w io.Writer) error {
		io.WriteString(w, "half of it")
		return full
	})
	if !errors.Is(err, full) {
		t.Errorf("the error is %v", err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("half a file is left: %v", err)
	}
}

func TestDumpRemovesWhatProcessesThatDiedHaveLeft(t *testing.T) {
	dir := t.TempDir()
	now := time.Now()
	for name, age := range map[string]time.Duration{".desync-old": 2 * time.Hour, ".desync-new": time.Minute, "desync-20010203T040506.789-1-x": 2 * time.Hour} {
		path := filepath.Join(dir, name)
		if err := os.Mkdir(path, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, now.Add(-age), now.Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 12 {
		path := filepath.Join(dir, fmt.Sprintf("desync-20010203T0405%02d.000-1", i))
		if err := os.Mkdir(path, 0o700); err != nil {
			t.Fatal(err)
		}
		if i == 1 { // somebody has put a note there
			if err := os.WriteFile(filepath.Join(path, "note"), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := removeOld(dir, now); err != nil {
		t.Fatal(err)
	}
	var left []string
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		left = append(left, e.Name())
	}
	text := strings.Join(left, " ")
	if strings.Contains(text, ".desync-old") || !strings.Contains(text, ".desync-new") || !strings.Contains(text, "-x") ||
		strings.Contains(text, "040500") || !strings.Contains(text, "040501") || !strings.Contains(text, "040502") {
		t.Errorf("left are %s", text)
	}
}

// Two dumps of one moment have two names.
func TestDumpsOfOneMoment(t *testing.T) {
	dir := t.TempDir()
	var paths []string
	for range 3 {
		var d dumper
		path, err := d.dump(dir, New(Jobs(1)).Snapshot(), []byte("stacks"), nil, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	taken := (&Snapshot{Taken: time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC)})
	for i := range 3 {
		var d dumper
		path, err := d.dump(dir, taken, []byte("stacks"), nil, time.Now())
		if err != nil || !dumpName.MatchString(filepath.Base(path)) {
			t.Fatalf("%d: %s, %v", i, path, err)
		}
		paths = append(paths, path)
	}
	seen := map[string]bool{}
	for _, p := range paths {
		if seen[p] {
			t.Errorf("%s twice", p)
		}
		seen[p] = true
	}
}

func TestCut(t *testing.T) {
	for _, s := range []string{"", "abc", strings.Repeat("x", 256), strings.Repeat("x", 257), strings.Repeat("ä", 200), "x" + strings.Repeat("ä", 200), strings.Repeat("\x80", 300)} {
		got := cut(s)
		if len(got) > 256 || !strings.HasPrefix(s, got) || len(s) > 256 && len(got) < 250 {
			t.Errorf("%d bytes become %d", len(s), len(got))
		}
		if strings.ToValidUTF8(s, "") == s && strings.ToValidUTF8(got, "") != got {
			t.Errorf("%.10q is cut within a character", s)
		}
	}
}

func TestHistogram(t *testing.T) {
	var h Histogram
	for _, d := range []time.Duration{-1, 0, 1, 2, 3, 4, 1<<34 - 1, 1 << 34, 1 << 60} {
		h.add(d)
	}
	for i, want := range map[int]uint64{0: 2, 1: 1, 2: 2, 3: 1, 34: 1, 35: 2} {
		if h.Counts[i] != want {
			t.Errorf("below 2^%d ns are %d; want %d", i, h.Counts[i], want)
		}
	}
	if h.Count() != 9 {
		t.Errorf("%d durations; want 9", h.Count())
	}
	for q, want := range map[float64]time.Duration{0: 1, 0.3: 2, 0.5: 4, 1: 1 << 34} {
		if got := h.Quantile(q); got != want {
			t.Errorf("quantile %v is %d; want %d", q, got, want)
		}
	}
	if got := (Histogram{}).Quantile(0.5); got != 0 {
		t.Errorf("the quantile of nothing is %v", got)
	}
}

// A look at a full recorder takes less than a millisecond.
func BenchmarkLook(b *testing.B) {
	r := New()
	d := desync.New(0, desync.WithObserver(r))
	resume := d.Suspend()
	for range defaultJobs {
		d.Async(func(*int) {})
	}
	g := &watchdog{r: r, episodes: map[uint64]*episode{}}
	g.w.check()
	for b.Loop() {
		g.look(time.Now())
	}
	resume()
	d.Do(func(*int) {})
}
