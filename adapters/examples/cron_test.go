package examples_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/go-desync/go-desync/adapters/timed"
	"github.com/go-desync/go-desync/desync"
)

// An overlap says what happens if an entry is due while an earlier run of it goes on.
type overlap int

const (
	runBeside overlap = iota // both run at the same time
	runLater                 // the new run waits for the earlier ones
	runNot                   // the new run is skipped
)

// A cron runs entries at their times, as the package github.com/robfig/cron does. While
// nothing runs it has no goroutine, only timers.
type cron struct {
	where *time.Location // in which the schedules are meant
	table desync.Desync[cronTable]
	runs  *desync.Map[cronRun, struct{}] // each key is a line of runs that do not overlap
}

type cronTable struct {
	started bool
	last    int // the newest entry
	entries map[int]*cronEntry
}

// A cronEntry is used only in jobs of the table. Entries returns copies.
type cronEntry struct {
	ID         int
	Prev, Next time.Time // the zero time if there is none
	Runs       int       // that have begun or wait
	Skipped    int

	schedule schedule
	overlap  overlap
	job      func()
	active   int // runs that have not ended
	timer    *timed.Timer
}

// A cronRun is what Wait says is left.
type cronRun struct{ Entry, Run int }

// newCron returns a cron that is not started. It goes on after a job that panics, and
// calls report.
func newCron(where *time.Location, report func(*desync.PanicError)) *cron {
	newLine := func(cronRun) struct{} { return struct{}{} }
	return &cron{where: where, runs: desync.NewMap(newLine, desync.WithName("cron"), desync.WithPanicHandler(report))}
}

// Add makes an entry and returns its number. It may be called at any time, also in a job.
func (c *cron) Add(s schedule, o overlap, job func()) int {
	if s == nil || job == nil {
		panic("cron: Add with a nil schedule or job")
	}
	return c.table.Sync(func(t *cronTable) int {
		e := &cronEntry{ID: t.last + 1, schedule: s, overlap: o, job: job}
		if t.started {
			c.plan(e, time.Now())
		}
		if t.entries == nil {
			t.entries = make(map[int]*cronEntry)
		}
		t.last, t.entries[e.ID] = e.ID, e
		return e.ID
	})
}

// AddSpec is Add with a schedule as text; see parseSchedule.
func (c *cron) AddSpec(spec string, o overlap, job func()) (id int, err error) {
	s, err := parseSchedule(spec)
	if err != nil {
		return 0, err
	}
	return c.Add(s, o, job), nil
}

// Remove takes an entry away. Runs that have begun, or wait, go on.
func (c *cron) Remove(id int) {
	c.table.Do(func(t *cronTable) {
		if e := t.entries[id]; e != nil {
			e.cancel()
			delete(t.entries, id)
		}
	})
}

// Entries returns the entries in the order in which they are due; those that never are
// come last.
func (c *cron) Entries() []cronEntry {
	entries := c.table.Sync(func(t *cronTable) (entries []cronEntry) {
		for _, e := range t.entries {
			entries = append(entries, *e)
		}
		return entries
	})
	slices.SortFunc(entries, func(a, b cronEntry) int {
		if a.Next.IsZero() != b.Next.IsZero() {
			a, b = b, a
		}
		return cmp.Or(a.Next.Compare(b.Next), a.ID-b.ID)
	})
	return entries
}

// Start begins to run entries when they are due.
func (c *cron) Start() {
	c.table.Do(func(t *cronTable) {
		for _, e := range t.entries {
			if !t.started {
				c.plan(e, time.Now())
			}
		}
		t.started = true
	})
}

// Stop keeps entries from becoming due until the next Start. It does not wait for the
// runs that have begun or wait, and so may be called in a job.
func (c *cron) Stop() {
	c.table.Do(func(t *cronTable) {
		t.started = false
		for _, e := range t.entries {
			e.cancel()
		}
	})
}

// Wait waits for the runs that have begun or wait. If ctx ends first, the error is a
// *desync.WaitError that says which are left.
func (c *cron) Wait(ctx context.Context) error { return c.runs.Wait(ctx) }

// plan sets the timer of an entry. Like tick, it is a part of jobs of the table.
func (c *cron) plan(e *cronEntry, now time.Time) {
	e.Next = e.schedule(now.In(c.where))
	if !e.Next.IsZero() {
		id := e.ID
		e.timer = timed.After(&c.table, time.Until(e.Next), func(t *cronTable) { c.tick(t.entries[id]) })
	}
}

func (e *cronEntry) cancel() {
	e.Next = time.Time{}
	if e.timer != nil {
		e.timer.Stop() // also if it has fired and its job of the table has not begun
	}
}

// tick is called when an entry is due.
func (c *cron) tick(e *cronEntry) {
	e.Prev = e.Next
	if e.overlap == runNot && e.active > 0 {
		e.Skipped++
	} else {
		c.run(e)
	}
	now := time.Now()
	if now.Before(e.Prev) { // somebody has set the clock back
		now = e.Prev
	}
	c.plan(e, now)
}

// run hands over a run to the line of the entry, or to one of its own.
func (c *cron) run(e *cronEntry) {
	e.Runs++
	e.active++
	line := cronRun{Entry: e.ID}
	if e.overlap == runBeside {
		line.Run = e.Runs
	}
	job := e.job
	c.runs.At(line).Async(func(*struct{}) {
		defer c.table.Async(func(t *cronTable) { // after a panic too
			if e := t.entries[line.Entry]; e != nil {
				e.active--
			}
		})
		job()
	})
	c.runs.Delete(line) // behind the run: idle entries keep no line
}

// Cron: an entry is due three times while its first run goes on, and two are skipped.
func Example_cron() {
	c := newCron(time.UTC, func(e *desync.PanicError) { fmt.Println(e) })
	release := make(chan struct{})
	asked := 0
	backup := c.Add(func(t time.Time) time.Time { // a job of the table
		if asked++; asked > 3 {
			close(release)
			return time.Time{}
		}
		return t.Add(time.Millisecond)
	}, runNot, func() {
		<-release
		fmt.Println("backup done")
	})
	_, err := c.AddSpec("30 25 * * *", runBeside, func() {})
	fmt.Println(err)

	c.Start()
	<-release
	c.Stop()
	fmt.Println(c.Wait(context.Background()))
	for _, e := range c.Entries() {
		if e.ID == backup {
			fmt.Println("runs:", e.Runs, "skipped:", e.Skipped)
		}
	}
	// Output:
	// cron: "30 25 * * *": "25" in field 2: want *, a number or a range of 0 to 23, and after it /step or nothing
	// backup done
	// <nil>
	// runs: 1 skipped: 2
}
