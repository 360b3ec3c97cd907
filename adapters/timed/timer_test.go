package timed_test

import (
	"runtime"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-desync/go-desync/adapters/internal/bubbles"
	"github.com/go-desync/go-desync/adapters/timed"
	"github.com/go-desync/go-desync/desync"
)

func TestAfter(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		for _, delay := range []time.Duration{-1, 0, 1, time.Second, time.Hour} {
			d := newTimes()
			timer := timed.After(d, delay, note)
			if delay > 0 {
				time.Sleep(delay - 1)
				assert.Empty(t, noted(d))
				time.Sleep(time.Nanosecond)
			}
			assert.Equal(t, []time.Duration{max(delay, 0)}, noted(d))
			assert.False(t, timer.Stop(), "the job has run")
			time.Sleep(time.Hour)
			assert.Len(t, noted(d), 1)
		}
	})
}

// Stop and Reset in each state of a Timer.
func TestStopAndReset(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(d *desync.Desync[times], timer *timed.Timer) bool // after 2 s; the timer is set for 3 s, or as said
		set  float64
		held bool // the object is, from 0 s to 5 s
		was  bool
		want []time.Duration
	}{
		{"stop when set", stop, 3, false, true, nil},
		{"stop when due", stop, 2, true, true, nil},
		{"stop when queued", stop, 1, true, true, nil},
		{"stop after it has run", stop, 1, false, false, seconds(1)},
		{"stop twice", func(d *desync.Desync[times], t *timed.Timer) bool { stop(d, t); return stop(d, t) }, 3, false, false, nil},
		{"reset when set", reset, 3, false, true, seconds(12)},
		{"reset when queued", reset, 1, true, true, seconds(12)},
		{"reset after it has run", reset, 1, false, false, seconds(1, 12)},
		{"reset after stop", func(d *desync.Desync[times], t *timed.Timer) bool { stop(d, t); return reset(d, t) }, 3, false, false, seconds(12)},
		{"reset after stop when queued", func(d *desync.Desync[times], t *timed.Timer) bool { stop(d, t); return reset(d, t) }, 1, true, false, seconds(12)},
		{"reset twice", func(d *desync.Desync[times], t *timed.Timer) bool { t.Reset(time.Second); return reset(d, t) }, 1, true, true, seconds(12)},
		{"reset to the past", func(d *desync.Desync[times], t *timed.Timer) bool { return t.Reset(-1) }, 3, false, true, seconds(2)},
		{"reset to the past, held", func(d *desync.Desync[times], t *timed.Timer) bool { return t.Reset(0) }, 1, true, true, seconds(5)},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubbles.Run(t, func(t *testing.T) {
				d := newTimes()
				if c.held {
					time.AfterFunc(5*time.Second, d.Suspend())
				}
				timer := timed.After(d, seconds(c.set)[0], note)
				time.Sleep(2 * time.Second)
				if c.set != 2 {
					synctest.Wait()
				}
				assert.Equal(t, c.was, c.do(d, timer))
				time.Sleep(time.Minute)
				assert.Equal(t, c.want, noted(d))
			})
		})
	}
}

func stop(_ *desync.Desync[times], t *timed.Timer) bool  { return t.Stop() }
func reset(_ *desync.Desync[times], t *timed.Timer) bool { return t.Reset(10 * time.Second) }

// A job may use its own Timer.
func TestAJobThatSetsItsTimerAgain(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		d := newTimes()
		var timer *timed.Timer
		d.Do(func(*times) {
			timer = timed.After(d, time.Second, func(ts *times) {
				assert.False(t, timer.Stop(), "the job has begun")
				note(ts)
				if len(ts.all) < 3 {
					assert.False(t, timer.Reset(time.Second))
				}
			})
		})
		time.Sleep(time.Minute)
		assert.Equal(t, seconds(1, 2, 3), noted(d))
	})
}

// The job is behind what was handed over before its time, and before what comes later.
func TestORD3_TheJobTakesItsPlaceWhenItsTimeHasCome(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		d := desync.New([]string(nil))
		resume := d.Suspend()
		say := func(s string) func(*[]string) { return func(all *[]string) { *all = append(*all, s) } }
		timed.After(d, time.Second, say("timed"))
		d.Async(say("before"))
		time.Sleep(time.Second)
		synctest.Wait()
		d.Async(say("behind"))
		resume()
		assert.Equal(t, []string{"before", "timed", "behind"}, d.Sync(func(all *[]string) []string { return *all }))
	})
}

// A Timer does not keep its key; its job finds a new value.
func TestAfterOnAKey(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		made := 0
		m := desync.NewMap(func(string) int { made++; return 0 })
		m.EvictIdle(time.Second)
		m.At("a").Do(func(*int) {})
		ran := 0
		timed.After(m.At("a"), time.Hour, func(*int) { ran++ })
		time.Sleep(time.Minute)
		synctest.Wait()
		assert.Zero(t, m.Len(), "KEY-3: keys while the timer is set")
		time.Sleep(time.Hour)
		synctest.Wait()
		assert.Equal(t, []int{1, 2, 0}, []int{ran, made, m.Len()}, "EXE-2: runs, values made, keys left")
	})
}

// The value of a key cannot be made: that is told as with Async, and the Timer is idle.
func TestPAN3_AfterOnAKeyWithoutAValue(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		var told []any
		m := desync.NewMap(func(string) int { panic("no value") }, desync.WithPanicHandler(func(p *desync.PanicError) {
			told = append(told, p.Value.(*desync.PanicError).Value) // which has the stack of the panic
		}))
		timer := timed.After(m.At("a"), time.Second, func(*int) { t.Error("a job has run without a value") })
		time.Sleep(time.Minute)
		synctest.Wait()
		assert.Equal(t, []any{"no value"}, told)
		assert.False(t, timer.Stop())
		assert.False(t, timer.Reset(time.Second))
		time.Sleep(time.Minute)
		synctest.Wait()
		assert.Len(t, told, 2)
	})
}

// A job that is taken out of the queue of a stuck object is let go, and its place too.
func TestCAN4_StoppedJobsAreLetGo(t *testing.T) {
	d := desync.New(0)
	resume := d.Suspend()
	defer resume()
	var kept []weak.Pointer[[1000]byte]
	for range 1000 {
		data := new([1000]byte)
		kept = append(kept, weak.Make(data))
		timer := timed.After(d, 0, func(*int) { data[0]++ })
		for d.Pending() < 2 {
			runtime.Gosched()
		}
		require.True(t, timer.Stop())
	}
	require.Less(t, d.Pending(), 40, "places of jobs that were stopped")
	collected(t, kept)
}

// LEAK-1: no goroutine while nothing is due, and nothing is left after Stop.
func TestLEAK1_NothingIsLeft(t *testing.T) {
	before := runtime.NumGoroutine()
	var kept []weak.Pointer[desync.Desync[[1000]byte]]
	var stops []func() bool
	ran := make(chan struct{}, 1000)
	for range cap(ran) {
		d := desync.New([1000]byte{})
		kept = append(kept, weak.Make(d))
		job := func(data *[1000]byte) { data[0]++ }
		quiet, often := timed.Debounce(d, time.Hour, time.Hour, job), timed.Throttle(d, time.Hour, job)
		quiet.Call()
		often.Call() // runs now
		d.Do(func(*[1000]byte) {})
		often.Call()
		stops = append(stops, timed.After(d, time.Hour, job).Stop, timed.Every(d, time.Hour, job).Stop, quiet.Stop, often.Stop)
		timed.After(d, 0, func(*[1000]byte) { ran <- struct{}{} })
	}
	for range cap(ran) {
		<-ran
	}
	require.Eventually(t, func() bool { return runtime.NumGoroutine() <= before+2 }, // Eventually has two
		10*time.Second, time.Millisecond, "goroutines while nothing is due")
	for _, stop := range stops {
		require.True(t, stop())
	}
	clear(stops)
	collected(t, kept)
}

func collected[T any](t *testing.T, kept []weak.Pointer[T]) {
	t.Helper()
	require.Eventually(t, func() bool {
		runtime.GC()
		left := 0
		for _, p := range kept {
			if p.Value() != nil {
				left++
			}
		}
		return left <= len(kept)/100 // the runtime may keep a few timers that were stopped, until it needs their places
	}, 10*time.Second, time.Millisecond, "data is kept")
}
