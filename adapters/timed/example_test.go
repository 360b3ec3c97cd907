package timed_test

import (
	"fmt"
	"runtime"
	"strings"
	"time"

	"github.com/go-desync/go-desync/adapters/timed"
	"github.com/go-desync/go-desync/desync"
)

// A session that expires unless it is used.
func Example() {
	type session struct{ user string }
	s := desync.New(session{"ann"})
	done := make(chan struct{})
	expire := timed.After(s, time.Hour, func(s *session) {
		fmt.Println(s.user, "is logged out")
		close(done)
	})
	for range 3 {
		expire.Reset(time.Hour) // it was used
	}
	expire.Reset(time.Millisecond) // nobody will use it for long
	<-done
	// Output: ann is logged out
}

func ExampleAfter() {
	d := desync.New(0)
	done := make(chan struct{})
	timed.After(d, time.Millisecond, func(n *int) { *n = 42; close(done) })
	<-done
	fmt.Println(d.Sync(func(n *int) int { return *n }))
	// Output: 42
}

func ExampleTimer_Stop() {
	d := desync.New(0)
	resume := d.Suspend() // the object is busy
	t := timed.After(d, 0, func(n *int) { *n = 42 })
	for d.Pending() < 2 { // until the job is in the queue
		runtime.Gosched()
	}
	fmt.Println(t.Stop(), t.Stop())
	resume()
	fmt.Println(d.Sync(func(n *int) int { return *n }))
	// Output:
	// true false
	// 0
}

func ExampleTimer_Reset() {
	d := desync.New(0)
	t := timed.After(d, time.Hour, func(n *int) { *n = 42 })
	fmt.Println(t.Reset(2*time.Hour), t.Stop(), t.Reset(time.Hour), t.Stop())
	// Output: true true false true
}

func ExampleEvery() {
	d := desync.New(0)
	done := make(chan struct{})
	var t *timed.Ticker
	d.Do(func(*int) { // so that t is set before the first job runs
		t = timed.Every(d, time.Millisecond, func(n *int) {
			if *n++; *n == 3 {
				t.Stop()
				close(done)
			}
		})
	})
	<-done
	fmt.Println(d.Sync(func(n *int) int { return *n }))
	// Output: 3
}

func ExampleTicker_Stop() {
	t := timed.Every(desync.New(0), time.Hour, func(n *int) { *n++ })
	fmt.Println(t.Stop(), t.Stop())
	// Output: true false
}

func ExampleTicker_Start() {
	t := timed.Every(desync.New(0), time.Hour, func(n *int) { *n++ })
	fmt.Println(t.Start(), t.Stop(), t.Start(), t.Stop())
	// Output: false true true true
}

// Each night at four, unless the last backup still runs.
func ExampleSchedule() {
	four := func(now time.Time) time.Time {
		t := time.Date(now.Year(), now.Month(), now.Day(), 4, 0, 0, 0, now.Location())
		if !t.After(now) {
			t = t.AddDate(0, 0, 1)
		}
		return t
	}
	fmt.Println(four(time.Date(2026, 7, 1, 3, 59, 0, 0, time.UTC)))
	fmt.Println(four(time.Date(2026, 7, 31, 4, 0, 0, 0, time.UTC)))
	backup := timed.Schedule(desync.New(0), four, func(n *int) { *n++ })
	fmt.Println(backup.Stop())
	// Output:
	// 2026-07-01 04:00:00 +0000 UTC
	// 2026-08-01 04:00:00 +0000 UTC
	// true
}

func ExampleDebounce() {
	document := desync.New("")
	saved := make(chan string)
	save := timed.Debounce(document, 10*time.Millisecond, time.Minute, func(text *string) { saved <- *text })
	for _, word := range []string{"to", "be", "or", "not"} {
		document.Async(func(text *string) { *text += word + " " })
		save.Call()
	}
	fmt.Println(<-saved)
	// Output: to be or not
}

func ExampleThrottle() {
	page := desync.New(0)
	drawn := make(chan int, 10)
	draw := timed.Throttle(page, 10*time.Millisecond, func(n *int) { drawn <- *n })
	draw.Call() // at once
	fmt.Println(<-drawn)
	for range 100 {
		page.Do(func(n *int) { *n++ })
		draw.Call()
	}
	for last := 0; last < 100; {
		last = <-drawn
	}
	fmt.Println("the last call is drawn, and few of the others:", len(drawn) == 0)
	// Output:
	// 0
	// the last call is drawn, and few of the others: true
}

// What was put off is done at once when the program ends.
func ExampleTrigger_Stop() {
	document := desync.New("text")
	save := timed.Debounce(document, time.Second, time.Minute, func(text *string) { fmt.Println("saved:", *text) })
	save.Call()
	if save.Stop() {
		document.Do(func(text *string) { fmt.Println("saved at the end:", *text) })
	}
	// Output: saved at the end: text
}

func ExampleTrigger_Call() {
	counter := desync.New(0)
	done := make(chan struct{})
	t := timed.Throttle(counter, time.Hour, func(n *int) { *n++; close(done) })
	t.Call()
	<-done
	t.Call() // in an hour
	fmt.Println(counter.Sync(func(n *int) int { return *n }), t.Stop())
	// Output: 1 true
}

func ExampleTimer_String() {
	t := timed.After(desync.New(0), time.Hour, func(*int) {})
	_, state, _ := strings.Cut(t.String(), ": ")
	fmt.Println(state)
	t.Stop()
	// Output: set
}
