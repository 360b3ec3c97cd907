package timed_test

import (
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/go-desync/go-desync/adapters/internal/bubbles"
	"github.com/go-desync/go-desync/adapters/timed"
	"github.com/go-desync/go-desync/desync"
)

func TestEvery(t *testing.T) {
	for _, c := range []struct {
		name string
		job  func(*times)
		held time.Duration
		want []time.Duration
	}{
		{"quick jobs", note, 0, seconds(2, 4, 6, 8, 10)},
		{"slow jobs", func(ts *times) { slow(ts); time.Sleep(2 * time.Second) }, 0, seconds(2, 6, 10)},
		{"jobs of a period", func(ts *times) { slow(ts); time.Sleep(time.Second) }, 0, seconds(2, 6, 10)},
		{"a busy object", note, 7 * time.Second, seconds(7, 8, 10)},
		{"a panic", func(ts *times) { note(ts); panic("oops") }, 0, seconds(2, 4, 6, 8, 10)},
		{"Goexit", func(ts *times) { note(ts); runtime.Goexit() }, 0, seconds(2, 4, 6, 8, 10)},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubbles.Run(t, func(t *testing.T) {
				d := newTimes()
				if c.held > 0 {
					time.AfterFunc(c.held, d.Suspend())
				}
				ticker := timed.Every(d, 2*time.Second, c.job)
				for range 11 {
					assert.LessOrEqual(t, d.Pending(), 2, "jobs pile up") // with the Suspend
					time.Sleep(time.Second)
				}
				ticker.Stop()
				time.Sleep(time.Minute)
				assert.Equal(t, c.want, noted(d))
			})
		})
	}
}

func TestStopAndStartOfATicker(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		d := newTimes()
		ticker := timed.Every(d, 2*time.Second, slow)
		time.Sleep(2500 * time.Millisecond)
		assert.False(t, ticker.Stop(), "a job runs")
		assert.False(t, ticker.Stop(), "it was stopped")
		time.Sleep(10 * time.Second)
		assert.True(t, ticker.Start()) // at 12.5 s
		assert.False(t, ticker.Start(), "it goes on")
		time.Sleep(3500 * time.Millisecond)
		assert.True(t, ticker.Stop())
		resume := d.Suspend()
		assert.True(t, ticker.Start()) // at 16 s
		time.Sleep(5 * time.Second)
		assert.True(t, ticker.Stop(), "the job is in the queue")
		assert.True(t, ticker.Start()) // at 21 s
		resume()
		time.Sleep(2500 * time.Millisecond)
		assert.False(t, ticker.Start())
		assert.False(t, ticker.Stop())
		assert.True(t, ticker.Start(), "while the last job runs") // at 23.5 s
		time.Sleep(2500 * time.Millisecond)
		assert.False(t, ticker.Stop())
		time.Sleep(time.Minute)
		assert.Equal(t, seconds(2, 14.5, 23, 25.5), noted(d))
	})
}

// A job may stop its own Ticker, and start it again.
func TestATickerThatIsStoppedByItsJob(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		d := newTimes()
		var ticker *timed.Ticker
		d.Do(func(*times) {
			ticker = timed.Every(d, time.Second, func(ts *times) {
				note(ts)
				if len(ts.all) == 2 {
					assert.False(t, ticker.Stop())
					time.Sleep(500 * time.Millisecond)
					assert.True(t, ticker.Start())
				}
				if len(ts.all) == 4 {
					ticker.Stop()
				}
			})
		})
		time.Sleep(time.Minute)
		assert.Equal(t, seconds(1, 2, 3.5, 4.5), noted(d))
	})
}

// KEY-7: an Every runs only if its key has a value, makes none, and is no use of it.
func TestKEY7_EveryDoesNotKeepItsKey(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		made := 0
		m := desync.NewMap(func(string) times { made++; return times{start: time.Now()} })
		m.EvictIdle(4 * time.Second)
		ran := 0
		ticker := timed.Every(m.At("a"), time.Second, func(*times) { ran++ })
		time.Sleep(10*time.Second + time.Millisecond)
		synctest.Wait()
		assert.Equal(t, []int{0, 0, 0}, []int{ran, made, m.Len()}, "runs, values made, keys, while there is no value")
		m.At("a").Do(func(*times) {})
		time.Sleep(20 * time.Second)
		synctest.Wait()
		assert.Equal(t, []int{1, 0}, []int{made, m.Len()}, "values made, keys, after a while of nothing but ticks")
		assert.Greater(t, ran, 3, "runs while there was a value")
		was := ran
		m.At("a").Do(func(*times) {})
		time.Sleep(2 * time.Second)
		synctest.Wait()
		assert.Greater(t, ran, was, "it goes on when there is a value again")
		// It is taken out of the queue of a key like that of an object.
		resume := m.At("a").Suspend()
		time.Sleep(2 * time.Second)
		synctest.Wait()
		was = ran
		assert.True(t, ticker.Stop())
		resume()
		time.Sleep(time.Minute)
		synctest.Wait()
		assert.Equal(t, was, ran, "runs after a Stop that returned true")
		assert.Zero(t, m.Len())
	})
}

func TestSchedule(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		start := time.Now()
		at := seconds(1, 3, 3.5, 4, 10)
		next := func(now time.Time) time.Time {
			for _, s := range at {
				if start.Add(s).After(now) {
					return start.Add(s)
				}
			}
			return time.Time{}
		}
		d := newTimes()
		ticker := timed.Schedule(d, next, slow)
		time.Sleep(time.Minute)
		assert.Equal(t, seconds(1, 3, 10), noted(d), "the times at which none runs; one is over just when another is due")
		assert.False(t, ticker.Stop(), "it has ended")
		assert.False(t, ticker.Start(), "there are no more times")

		at = seconds(100)
		assert.True(t, ticker.Start())
		time.Sleep(time.Hour)
		assert.Equal(t, seconds(1, 3, 10, 100), noted(d))

		none := timed.Schedule(d, func(now time.Time) time.Time { return now }, note)
		assert.False(t, none.Stop(), "there was no time")
	})
}

// If next panics, there are no more times, and all the rest goes on.
func TestPAN3_NextThatPanics(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		var told []any
		d := desync.New(0, desync.WithPanicHandler(func(p *desync.PanicError) { told = append(told, p.Value) }))
		calls := 0
		ticker := timed.Schedule(d, func(now time.Time) time.Time {
			if calls++; calls == 2 {
				panic("no next")
			}
			return now.Add(time.Second)
		}, func(n *int) { *n++ })
		time.Sleep(time.Minute)
		synctest.Wait()
		assert.Equal(t, []any{"no next"}, told)
		assert.Equal(t, 1, d.Sync(func(n *int) int { return *n }))
		assert.False(t, ticker.Stop())
		assert.True(t, ticker.Start())
		time.Sleep(1500 * time.Millisecond)
		synctest.Wait()
		assert.True(t, ticker.Stop())
		assert.Equal(t, 2, d.Sync(func(n *int) int { return *n }))
	})
}
