package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// watch shows a line for each worker until ctx ends: in place on a terminal, now and then
// elsewhere.
func (d *demo) watch(ctx context.Context) {
	terminal := isTerminal(d.out)
	every := 2 * time.Second
	if terminal {
		every = 200 * time.Millisecond
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	before, at := make([]report, len(d.workers)), time.Now()
	up := ""
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			fmt.Fprint(d.out, up)
			return
		}
		passed := time.Since(at).Seconds()
		at = time.Now()
		fmt.Fprint(d.out, up)
		for i, p := range d.workers {
			r := p.report()
			fmt.Fprintf(d.out, "  worker %c  %-7s  %2d partitions  %6.0f records/s  %7d counted  %6d counted before\n",
				'A'+i, p.state(), r.Partitions, float64(r.Applied+r.Before-before[i].Applied-before[i].Before)/passed, r.Applied, r.Before)
			before[i] = r
		}
		if terminal {
			up = strings.Repeat("\x1b[A\x1b[2K", len(d.workers))
		}
	}
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
