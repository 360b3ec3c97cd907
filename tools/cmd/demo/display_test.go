package main

import (
	"bytes"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-desync/go-desync/tools/internal/index"
)

func TestPlainProgressIsALineNowAndThen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var w bytes.Buffer
		p := newProgress(&w, "in parallel", 2000, 2*time.Second)
		for done := 500; done <= 2000; done += 500 { // after 1, 2, 3 and 4 seconds
			time.Sleep(time.Second)
			p.show(done, index.Leader{Name: "err", Count: 2 * done})
		}
		p.end()
		want := "in parallel: 1,000 of 2,000 files, on top so far: err 2,000\n" +
			"in parallel: 2,000 of 2,000 files, on top so far: err 4,000\n"
		if got := w.String(); got != want {
			t.Errorf("progress:\n%swant:\n%s", got, want)
		}
	})
}

func TestSpeedIsHonest(t *testing.T) {
	tests := []struct {
		parallel, inOrder time.Duration
		want              []string
	}{
		{time.Second, 1800 * time.Millisecond, []string{"In parallel 1.00 s, one after the other 1.80 s", ": 1.8 times as fast.\n"}},
		{time.Second, 970 * time.Millisecond, []string{": 1.0 times as fast.\n"}},
		{2 * time.Second, time.Second, []string{": 0.5 times as fast, so slower"}},
	}
	for _, test := range tests {
		var w bytes.Buffer
		newReport(&w, options{}).speed(test.parallel, test.inOrder)
		wantText(t, "speed", w.String(), test.want...)
	}
}

func TestUnlistedDirectoriesAreNamed(t *testing.T) {
	var w bytes.Buffer
	r := newReport(&w, options{Top: 1})
	r.index(index.Result{}, []index.Skip{{Path: "a", Kind: index.Unreadable, Reason: "open a: permission denied"}}, 0)
	wantText(t, "report", w.String(), "Directories passed over, not readable: 1 (", "open a: permission denied")
}
