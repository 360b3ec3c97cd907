package demo

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/go-desync/go-desync/adapters/natsmap/scale/internal/child"
)

// A chart notes who has which partition, and draws it.
type chart struct {
	begun  time.Time
	colors bool

	mu     sync.Mutex
	last   []child.Report // of each worker
	mute   []bool         // the worker was killed or stands still
	frames []frame
	events []event
}

type frame struct {
	at     time.Duration
	owners [partitions]byte
}

type event struct {
	at   time.Duration
	text string
}

const nobody = '.'

func newChart(workers int, colors bool) *chart {
	return &chart{begun: time.Now(), colors: colors, last: make([]child.Report, workers), mute: make([]bool, workers)}
}

func letter(worker int) byte { return byte('A' + worker) }

// see takes a report.
func (c *chart) see(worker int, r child.Report) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last[worker] = r
	c.note()
}

// note adds a frame: the owner of a partition is who has it with the highest epoch, if it moves.
func (c *chart) note() {
	f := frame{at: time.Since(c.begun)}
	var epochs [partitions]uint64
	for p := range f.owners {
		f.owners[p] = nobody
	}
	for w, r := range c.last {
		for p, epoch := range r.Partitions {
			if p < partitions && epoch > epochs[p] {
				epochs[p] = epoch
				if f.owners[p] = letter(w); c.mute[w] {
					f.owners[p] = nobody
				}
			}
		}
	}
	c.frames = append(c.frames, f)
}

// happened notes an event, and whether a worker moves from now on.
func (c *chart) happened(worker int, mute bool, text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.mute[worker] = mute
	c.events = append(c.events, event{time.Since(c.begun), text})
	c.note()
}

const columns = 72

// draw draws a row for each partition, and a letter for each moment.
func (c *chart) draw(w io.Writer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.frames) == 0 {
		return
	}
	whole := c.frames[len(c.frames)-1].at
	column := func(at time.Duration) int { return min(int(columns*at/max(whole, 1)), columns-1) }
	fmt.Fprintf(w, "\nWho had which partition, from left to right over %.1f s; a dot: nobody who moves\n\n", whole.Seconds())
	for _, e := range c.events {
		fmt.Fprintf(w, "      %s| %s\n", strings.Repeat(" ", column(e.at)), e.text)
	}
	for p := range partitions {
		row := []byte(strings.Repeat(" ", columns))
		last := 0
		for i, f := range c.frames {
			end := columns
			if i+1 < len(c.frames) {
				end = column(c.frames[i+1].at)
			}
			for ; last < end; last++ {
				row[last] = f.owners[p]
			}
		}
		fmt.Fprintf(w, "  %2d  %s\n", p, c.paint(row))
	}
	fmt.Fprintln(w)
}

// paint colors the letters on a terminal.
func (c *chart) paint(row []byte) string {
	if !c.colors {
		return string(row)
	}
	var b strings.Builder
	for _, owner := range row {
		if owner == nobody || owner == ' ' {
			fmt.Fprintf(&b, "\x1b[0m%c", owner)
		} else {
			fmt.Fprintf(&b, "\x1b[30;4%dm%c", 2+owner-'A', owner)
		}
	}
	return b.String() + "\x1b[0m"
}
