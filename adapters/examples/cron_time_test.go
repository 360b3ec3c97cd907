package examples_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"
	_ "time/tzdata" // the tests of schedules need the same zones everywhere

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-desync/go-desync/desync"
)

// The tests of the cron run in bubbles, whose clock begins with Saturday 2000-01-01.

// A diary is what the jobs of a test note, each with its time.
type diary struct {
	lines desync.Desync[[]string]
}

func (d *diary) note(what string) {
	line := time.Now().UTC().Format("15:04:05 ") + what
	d.lines.Do(func(l *[]string) { *l = append(*l, line) })
}

// read returns the lines since it was last called.
func (d *diary) read() []string {
	synctest.Wait()
	return d.lines.Sync(func(l *[]string) []string {
		lines := *l
		*l = nil
		slices.Sort(lines) // those of the same second have no order
		return lines
	})
}

func newTestCron(t *testing.T) *cron {
	return newCron(time.UTC, func(e *desync.PanicError) { t.Error(e) })
}

func addSpec(t *testing.T, c *cron, spec string, o overlap, job func()) int {
	t.Helper()
	id, err := c.AddSpec(spec, o, job)
	require.NoError(t, err)
	return id
}

func TestCronRunsEntriesWhenTheyAreDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, d := newTestCron(t), new(diary)
		addSpec(t, c, "1-5/2 * * * *", runBeside, func() { d.note("odd") })
		every := addSpec(t, c, "@every 90s", runBeside, func() { d.note("every") })
		never := addSpec(t, c, "0 0 31 2 *", runBeside, func() { d.note("never") })
		time.Sleep(10 * time.Minute)
		assert.Empty(t, d.read(), "before Start")

		time.Sleep(50 * time.Minute)
		c.Start()
		c.Start() // has no effect
		time.Sleep(3 * time.Minute)
		assert.Equal(t, []string{"01:01:00 odd", "01:01:30 every", "01:03:00 every", "01:03:00 odd"}, d.read())

		order := func() (ids []int) {
			for _, e := range c.Entries() {
				ids = append(ids, e.ID)
			}
			return ids
		}
		early := c.Add(func(t time.Time) time.Time { return t.Add(time.Second) }, runBeside, func() {
			d.note("early")
			c.Remove(2) // every; an entry may change the others, and itself
			c.Remove(4) // early
		})
		assert.Equal(t, []int{early, every, 1, never}, order())
		time.Sleep(4 * time.Minute)
		assert.Equal(t, []string{"01:03:01 early", "01:05:00 odd"}, d.read())
		assert.Equal(t, []int{1, never}, order())
		c.Stop()
	})
}

func TestCronOverlap(t *testing.T) {
	for _, test := range []struct {
		overlap overlap
		want    []string
	}{
		{runBeside, []string{"00:01:00 begin 1", "00:02:00 begin 2", "00:03:00 begin 3", "00:03:30 end", "00:04:30 end", "00:05:30 end"}},
		{runLater, []string{"00:01:00 begin 1", "00:03:30 begin 2", "00:03:30 end", "00:06:00 begin 3", "00:06:00 end", "00:08:30 end"}},
		{runNot, []string{"00:01:00 begin 1", "00:03:30 end"}},
	} {
		t.Run(fmt.Sprint(test.overlap), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, d := newTestCron(t), new(diary)
				begun := desync.New(0)
				addSpec(t, c, "* * * * *", test.overlap, func() {
					d.note(fmt.Sprint("begin ", begun.Sync(func(n *int) int { *n++; return *n })))
					time.Sleep(150 * time.Second)
					d.note("end")
				})
				c.Start()
				time.Sleep(3*time.Minute + time.Second)
				c.Stop()
				require.NoError(t, c.Wait(t.Context()))
				assert.Equal(t, test.want, d.read())
				assert.Zero(t, c.runs.Len(), "lines that are kept")
			})
		})
	}
}

func TestCronStopKeepsWhatHasNotBegun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, d := newTestCron(t), new(diary)
		slow := addSpec(t, c, "* * * * *", runNot, func() {
			c.Stop() // does not wait for this run
			time.Sleep(time.Hour)
			d.note("done")
		})
		c.Start()
		time.Sleep(5 * time.Minute)

		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		err := c.Wait(ctx)
		left, ok := errors.AsType[*desync.WaitError[cronRun]](err)
		require.True(t, ok, "%v", err)
		assert.Equal(t, []cronRun{{Entry: slow}}, left.Keys)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		require.NoError(t, c.Wait(t.Context()))
		time.Sleep(24 * time.Hour)
		assert.Equal(t, []string{"01:01:00 done"}, d.read())

		c.Start()
		time.Sleep(2 * time.Hour)
		assert.Equal(t, []string{"02:02:00 done"}, d.read())
	})
}

// However Stop and Start meet with the moment at which an entry is due, it runs at most
// once at that moment, and not at all after Stop.
func TestCronStopAtTheMomentOfFiring(t *testing.T) {
	for round := range 500 {
		synctest.Test(t, func(t *testing.T) {
			c := newTestCron(t)
			ran := desync.New(0)
			minute := func(t time.Time) time.Time { return t.Add(time.Minute).Truncate(time.Minute) }
			c.Add(minute, runNot, func() { ran.Async(func(n *int) { *n++ }) })
			c.Start()
			time.Sleep(time.Minute)
			c.Stop()
			accepted := c.Entries()[0].Runs
			if round%2 == 1 { // again within the minute: the entry is due in the next
				c.Start()
				c.Stop()
			}
			time.Sleep(time.Hour)
			require.LessOrEqual(t, accepted, 1)
			require.Equal(t, accepted, c.Entries()[0].Runs)
			require.Equal(t, accepted, ran.Sync(func(n *int) int { return *n }))
		})
	}
}

func TestCronGoesOnAfterAPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := new(diary)
		c := newCron(time.UTC, func(e *desync.PanicError) { d.note(fmt.Sprint("report ", e.Value)) })
		addSpec(t, c, "@every 1m", runNot, func() { panic("no disk") })
		c.Start()
		time.Sleep(2*time.Minute + time.Second)
		c.Stop()
		assert.Equal(t, []string{"00:01:00 report no disk", "00:02:00 report no disk"}, d.read())
		assert.PanicsWithValue(t, "cron: Add with a nil schedule or job", func() { c.Add(nil, runNot, func() {}) })
	})
}

func TestCronSchedules(t *testing.T) {
	for _, test := range []struct{ spec, zone, from, want string }{
		{"0 9-17/4 * * 1-5", "UTC", "2024-02-02 13:00", "02-02 17:00, 02-05 09:00, 02-05 13:00"},
		{"5/25 8 * * *", "UTC", "2024-02-02 08:06", "02-02 08:30, 02-02 08:55, 02-03 08:05"},
		{"0 0 29 2 *", "UTC", "2023-03-01 00:00", "02-29 00:00, 02-29 00:00, 02-29 00:00"},
		{"0 0 13 * 5", "UTC", "2024-09-10 00:00", "09-13 00:00, 09-20 00:00, 09-27 00:00"}, // either day
		{"0 0 1-7 * */6", "UTC", "2024-09-10 00:00", "10-05 00:00, 10-06 00:00, 11-02 00:00"},
		{"30 2 * * *", "Europe/Berlin", "2024-03-30 00:00", "03-30 02:30, 04-01 02:30, 04-02 02:30"}, // the night without 02:30
		{"30 2 * * *", "Europe/Berlin", "2024-10-27 00:00", "10-27 02:30, 10-27 02:30, 10-28 02:30"}, // the one that has it twice
		{"0 0 * * *", "America/Sao_Paulo", "2018-11-03 00:00", "11-05 00:00, 11-06 00:00, 11-07 00:00"},
		{"15 * * * *", "Asia/Kolkata", "2024-01-01 00:20", "01-01 01:15, 01-01 02:15, 01-01 03:15"},
	} {
		zone, err := time.LoadLocation(test.zone)
		require.NoError(t, err)
		at, err := time.ParseInLocation("2006-01-02 15:04", test.from, zone)
		require.NoError(t, err)
		s, err := parseSchedule(test.spec)
		require.NoError(t, err)
		got := ""
		for i := range 3 {
			at = s(at)
			got += []string{"", ", ", ", "}[i] + at.Format("01-02 15:04")
		}
		assert.Equal(t, test.want, got, "%s in %s", test.spec, test.zone)
	}
	for _, spec := range []string{
		"", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 7", "-1 * * * *", "5-1 * * * *",
		"1- * * * *", "*/0 * * * *", "*/x * * * *", "1,,2 * * * *", "a * * * *", "1-2-3 * * * *", "@every", "@every 1", "@every 999ms", "@every -1h",
	} {
		_, err := parseSchedule(spec)
		assert.ErrorContains(t, err, fmt.Sprintf("cron: %q", spec))
	}
}
