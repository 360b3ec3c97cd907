package demo

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/go-desync/go-desync/adapters/natsmap/scale/internal/child"
)

// A screen shows a line for each worker: in place on a terminal, now and then elsewhere.
type screen struct {
	w        io.Writer
	terminal bool
	shown    int // lines that stand there, on a terminal
	before   []child.Report
	at       time.Time
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func (s *screen) every() time.Duration {
	if s.terminal {
		return 200 * time.Millisecond
	}
	return 2 * time.Second
}

// show shows how far all is.
func (s *screen) show(now []child.Report, states []string, handed, total int) {
	passed := time.Since(s.at).Seconds()
	s.clear()
	for i, r := range now {
		rate := float64(r.Commands-s.before[i].Commands) / passed
		fmt.Fprintf(s.w, "  worker %c  %s  %2d partitions  %6.0f commands/s  %7d saved\n", letter(i), states[i], len(r.Partitions), rate, r.Commands)
	}
	fmt.Fprintf(s.w, "  %d of %d words are handed over\n", handed, total)
	if s.terminal {
		s.shown = len(now) + 1
	}
	s.before, s.at = now, time.Now()
}

// clear takes the lines away, so that others can be printed.
func (s *screen) clear() {
	if s.shown > 0 {
		fmt.Fprint(s.w, strings.Repeat("\x1b[A\x1b[2K", s.shown))
		s.shown = 0
	}
}
