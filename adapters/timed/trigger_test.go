package timed_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/go-desync/go-desync/adapters/internal/bubbles"
	"github.com/go-desync/go-desync/adapters/internal/misuse"
	"github.com/go-desync/go-desync/adapters/internal/showtest"
	"github.com/go-desync/go-desync/adapters/timed"
	"github.com/go-desync/go-desync/desync"
)

func debounce(d *desync.Desync[times], job func(*times)) *timed.Trigger {
	return timed.Debounce(d, 2*time.Second, 5*time.Second, job)
}

func throttle(d *desync.Desync[times], job func(*times)) *timed.Trigger {
	return timed.Throttle(d, 2*time.Second, job)
}

func TestTriggers(t *testing.T) {
	for _, c := range []struct {
		name    string
		trigger func(*desync.Desync[times], func(*times)) *timed.Trigger
		job     func(*times)
		calls   []time.Duration
		held    float64
		want    []time.Duration
	}{
		{"one call, debounced", debounce, note, seconds(1), 0, seconds(3)},
		{"calls, debounced", debounce, note, seconds(1, 2, 3), 0, seconds(5)},
		{"calls without an end, debounced", debounce, note, seconds(1, 2, 3, 4, 5, 6, 7, 8), 0, seconds(6, 10)},
		{"the longest wait is over before it is quiet", debounce, note, seconds(1, 2.5, 4, 5.5), 0, seconds(6)},
		{"two bursts, debounced", debounce, note, seconds(1, 10), 0, seconds(3, 12)},
		{"a call while the job is queued, debounced", debounce, note, seconds(1, 4), 6, seconds(6)},
		{"a call while the job runs, debounced", debounce, slow, seconds(1, 3.5), 0, seconds(3, 5.5)},
		{"one call, throttled", throttle, note, seconds(1), 0, seconds(1)},
		{"calls, throttled", throttle, note, seconds(1, 1.5, 2), 0, seconds(1, 3)},
		{"calls without an end, throttled", throttle, note, seconds(1, 2, 3.5, 4, 5.5, 6), 0, seconds(1, 3, 5, 7)},
		{"two calls, throttled", throttle, note, seconds(1, 10), 0, seconds(1, 10)},
		{"a call when the period is over", throttle, note, seconds(1, 3), 0, seconds(1, 3)},
		{"a call while the job is queued, throttled", throttle, note, seconds(1, 4), 6, seconds(6)},
		{"a call while the job runs, throttled", throttle, slow, seconds(1, 1.5), 0, seconds(1, 3)},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubbles.Run(t, func(t *testing.T) {
				d := newTimes()
				if c.held > 0 {
					time.AfterFunc(seconds(c.held)[0], d.Suspend())
				}
				trigger := c.trigger(d, c.job)
				start := time.Now()
				for _, at := range c.calls {
					time.Sleep(time.Until(start.Add(at)))
					synctest.Wait()
					trigger.Call()
				}
				time.Sleep(time.Minute)
				assert.Equal(t, c.want, noted(d))
				assert.False(t, trigger.Stop(), "nothing is to come")
			})
		})
	}
}

func TestStopOfATrigger(t *testing.T) {
	for name, make := range map[string]func(*desync.Desync[times], func(*times)) *timed.Trigger{"Debounce": debounce, "Throttle": throttle} {
		t.Run(name, func(t *testing.T) {
			bubbles.Run(t, func(t *testing.T) {
				d := newTimes()
				trigger := make(d, note)
				assert.False(t, trigger.Stop(), "there was no call")
				resume := d.Suspend()
				trigger.Call()
				time.Sleep(3 * time.Second)
				assert.True(t, trigger.Stop(), "the job is in the queue")
				resume()
				assert.Empty(t, noted(d))
				trigger.Call()
				time.Sleep(time.Second)
				trigger.Call()
				assert.True(t, trigger.Stop(), "it is set")
				ran := len(noted(d))
				time.Sleep(time.Minute)
				assert.Len(t, noted(d), ran)
				trigger.Call()
				time.Sleep(time.Minute)
				assert.Len(t, noted(d), ran+1, "later calls count as ever")
			})
		})
	}
}

// A job that calls its own Trigger runs again, in its own time.
func TestATriggerThatItsJobCalls(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		for want, make := range map[float64]func(*desync.Desync[times], func(*times)) *timed.Trigger{2: debounce, 0: throttle} {
			d := newTimes()
			var trigger *timed.Trigger
			trigger = make(d, func(ts *times) {
				note(ts)
				if len(ts.all) < 3 {
					trigger.Call()
				}
			})
			d.Do(func(*times) { trigger.Call() })
			time.Sleep(time.Minute)
			assert.Equal(t, seconds(want, want+2, want+4), noted(d))
		}
	})
}

// A Trigger is stopped at the moment at which its time has come, and its next call hands over a
// job. The firing that was stopped too late does not take it away.
func TestACallAfterAStopThatWasTooLate(t *testing.T) {
	for range 100 {
		bubbles.Run(t, func(t *testing.T) {
			d := desync.New(0)
			trigger := timed.Throttle(d, time.Second, func(n *int) { *n++ })
			trigger.Call()
			synctest.Wait()
			trigger.Call()
			time.Sleep(time.Second)
			resume := d.Suspend()
			want := 2
			if trigger.Stop() {
				want = 1
			}
			trigger.Call()
			synctest.Wait()
			resume()
			time.Sleep(time.Minute)
			assert.GreaterOrEqual(t, d.Sync(func(n *int) int { return *n }), want+1)
			assert.False(t, trigger.Stop())
		})
	}
}

// An observer fails while a Call hands over the job: the caller learns it, and the Trigger is
// as before.
func TestPAN6_AnObserverThatFailsInACall(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		o := &failing{fails: true}
		d := desync.New(0, desync.WithObserver(o))
		trigger := timed.Throttle(d, time.Second, func(n *int) { *n++ })
		assert.PanicsWithValue(t, "the observer", trigger.Call)
		o.fails = false
		assert.False(t, trigger.Stop(), "there is no job")
		trigger.Call()
		time.Sleep(time.Minute)
		assert.Equal(t, 1, d.Sync(func(n *int) int { return *n }))
	})
}

type failing struct {
	desync.NopObserver
	fails bool
}

func (f *failing) Queued(desync.JobInfo) {
	if f.fails {
		panic("the observer")
	}
}

// SYN-3: Triggers that live as long as the process. The clock of a bubble is another one.
func TestSYN3_InBubblesAndOutside(t *testing.T) {
	d := desync.New(0)
	job := func(n *int) { *n++ }
	count := func() int { return d.Sync(func(n *int) int { return *n }) }
	quiet, often := timed.Debounce(d, time.Millisecond, time.Millisecond, job), timed.Throttle(d, time.Millisecond, job)
	timer, ticker := timed.After(d, 0, job), timed.Every(d, time.Hour, job)
	assert.True(t, ticker.Stop())
	for count() == 0 {
		time.Sleep(time.Millisecond)
	}
	bubbles.Try(t, func(t *testing.T) {
		for _, use := range []func(){
			func() { assert.False(t, timer.Reset(time.Millisecond)) }, quiet.Call, often.Call, often.Call,
		} {
			before := count()
			use()
			for count() == before { // if the time were that of another clock, it would not come
				time.Sleep(time.Millisecond)
			}
			assert.Equal(t, before+1, count())
		}
		assert.True(t, ticker.Start())
		assert.True(t, ticker.Stop())
		d.Do(func(*int) {})
	})
}

func TestMisuse(t *testing.T) {
	job, next := func(*int) {}, func(now time.Time) time.Time { return now.Add(time.Hour) }
	d, none := desync.New(0), (*desync.Desync[int])(nil)
	m := desync.NewMap(func(float64) int { return 0 })
	zero := 0.0
	nan := m.At(zero / zero)
	misuse.Check(t, "timed", map[string]func(){
		"After, no object":      func() { timed.After[int](nil, 1, job) },
		"After, a nil object":   func() { timed.After(none, 1, job) },
		"After, no job":         func() { timed.After(d, 1, nil) },
		"After, NaN":            func() { timed.After(nan, 1, job) },
		"Every, no object":      func() { timed.Every(none, 1, job) },
		"Every, no job":         func() { timed.Every(d, 1, nil) },
		"Every, no period":      func() { timed.Every(d, 0, job) },
		"Every, a period below": func() { timed.Every(d, -1, job) },
		"Every, NaN":            func() { timed.Every(nan, 1, job) },
		"Schedule, no object":   func() { timed.Schedule(none, next, job) },
		"Schedule, no next":     func() { timed.Schedule(d, nil, job) },
		"Schedule, no job":      func() { timed.Schedule(d, next, nil) },
		"Debounce, no object":   func() { timed.Debounce(none, 1, 1, job) },
		"Debounce, no job":      func() { timed.Debounce(d, 1, 1, nil) },
		"Debounce, no quiet":    func() { timed.Debounce(d, 0, 1, job) },
		"Debounce, too short":   func() { timed.Debounce(d, 2, 1, job) },
		"Debounce, NaN":         func() { timed.Debounce(nan, 1, 1, job) },
		"Throttle, no object":   func() { timed.Throttle(none, 1, job) },
		"Throttle, no job":      func() { timed.Throttle(d, 1, nil) },
		"Throttle, no period":   func() { timed.Throttle(d, 0, job) },
		"Throttle, NaN":         func() { timed.Throttle(nan, 1, job) },
	})
	assert.PanicsWithValue(t, "next", func() { timed.Schedule(d, func(time.Time) time.Time { panic("next") }, job) })
	assert.Zero(t, m.Len(), "keys")
}

func TestPrint(t *testing.T) {
	showtest.Nil(t, (*timed.Timer)(nil))
	showtest.Nil(t, (*timed.Ticker)(nil))
	showtest.Nil(t, (*timed.Trigger)(nil))
	bubbles.Run(t, func(t *testing.T) {
		d := newTimes()
		resume := d.Suspend()
		timer, ticker, trigger := timed.After(d, 2*time.Second, note), timed.Every(d, 2*time.Second, note), debounce(d, note)
		showtest.Check(t, trigger, "idle")
		trigger.Call()
		check := func(state string) {
			showtest.Check(t, timer, state)
			showtest.Check(t, ticker, state)
			showtest.Check(t, trigger, state)
		}
		check("set")
		time.Sleep(2 * time.Second)
		synctest.Wait()
		check("queued")
		timer.Stop()
		ticker.Stop()
		trigger.Stop()
		check("idle")
		resume()
		stop := showtest.While(timer)
		for range 100 {
			timer.Reset(0)
		}
		stop()
		noted(d)
	})
}
