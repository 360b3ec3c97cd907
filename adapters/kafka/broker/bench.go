package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/go-desync/go-desync/adapters/kafka/broker/internal/rival"
)

// The sides of a comparison.
const (
	ours     = "ours"
	plainGo  = "plain"
	parallel = "parallel consumer"
)

// A bench measures on one broker, each side in a process of its own, in turns.
type bench struct {
	*world
	jars   string // of the parallel consumer
	rounds int
	small  int // divides the numbers of records, to try it
}

// A figure is what a process has measured.
type figure struct {
	seconds float64
	mib     float64
}

// command returns a process for a side. It ends after n records. With a log, it writes what it
// does there, and the records of slow keys take 50 ms.
func (b *bench) command(ctx context.Context, side, topic, group, log string, work time.Duration, n int) (*exec.Cmd, error) {
	slow := 50 * time.Millisecond
	if log == "" {
		slow = 0
	}
	if side == parallel {
		return rival.Command(ctx, b.jars, b.Addr(), topic, group, fmt.Sprint(work.Milliseconds()), fmt.Sprint(slow.Milliseconds()), fmt.Sprint(n), log), nil
	}
	program, err := os.Executable()
	return exec.CommandContext(ctx, program, "measure", "--kind", side, "--broker", b.Addr(), "--topic", topic, "--group", group,
		"--log", log, "--work", work.String(), "--slow", slow.String(), "--n", fmt.Sprint(n)), err
}

// run runs a process to its end.
func (b *bench) run(ctx context.Context, side, topic, log string, work time.Duration, n int) (f figure, err error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	b.serial++
	cmd, err := b.command(ctx, side, topic, fmt.Sprint(topic, "-", b.serial), log, work, n)
	if err != nil {
		return f, err
	}
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return f, fmt.Errorf("%s: %w", side, err)
	}
	_, text, _ := strings.Cut(string(out), "measured ")
	_, err = fmt.Sscan(text, &f.seconds, &f.mib)
	return f, err
}

// A row is one of the table.
type row struct {
	work, beside, ours, other, ratio, goal string
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

// rates measures the records a second of all sides, and the memory.
func (b *bench) rates(ctx context.Context) (rows []row, err error) {
	for _, w := range []struct {
		name             string
		n, ofParallel    int
		work             time.Duration
		toPlain, toRival string
		memory           bool
	}{
		{"1 ms of work", 100_000, 100_000, time.Millisecond, "≥ 20", "≥ 5", true},
		{"no work", 2_000_000, 200_000, 0, "≥ 0.15", "≥ 10", false},
	} {
		n := w.n / b.small
		topic, err := b.topic(ctx, "rates", partitions, nil)
		if err != nil {
			return nil, err
		}
		if _, err := b.produce(ctx, b.client, topic, stream{n: n, keys: 1000}); err != nil {
			return nil, err
		}
		rate, memory := make(map[string][]float64), make(map[string][]float64)
		for range b.rounds {
			for _, side := range []string{plainGo, ours, parallel} {
				n := n
				if side == parallel {
					n = w.ofParallel / b.small
				}
				f, err := b.run(ctx, side, topic, "", w.work, n)
				if err != nil {
					return nil, err
				}
				rate[side] = append(rate[side], float64(n)/f.seconds)
				memory[side] = append(memory[side], f.mib)
			}
		}
		a := median(rate[ours])
		for _, other := range []struct{ side, name, goal string }{{plainGo, "one at a time for each partition", w.toPlain}, {parallel, parallel, w.toRival}} {
			o := median(rate[other.side])
			rows = append(rows, row{"records a second, " + w.name, other.name, fmt.Sprintf("%.0f", a), fmt.Sprintf("%.0f", o), fmt.Sprintf("%.2f", a/o), other.goal})
		}
		if w.memory {
			a, o := median(memory[ours]), median(memory[parallel])
			rows = append(rows, row{"MiB of memory then", parallel, fmt.Sprintf("%.0f", a), fmt.Sprintf("%.0f", o), fmt.Sprintf("%.2f", a/o), "≤ 0.25"})
		}
	}
	return rows, nil
}

// slowKeys are 40,000 records, of which each tenth of a partition is of a slow key.
func (b *bench) slowKeys(rate int) stream {
	return stream{n: 40_000 / b.small, keys: 992, slow: 10, rate: rate}
}

// backlog measures how long it takes to finish records that are all there.
func (b *bench) backlog(ctx context.Context) (rows []row, err error) {
	took := make(map[string]float64)
	for _, side := range []string{ours, parallel} {
		s := b.slowKeys(0)
		topic, err := b.topic(ctx, "backlog", partitions, nil)
		if err != nil {
			return nil, err
		}
		if _, err := b.produce(ctx, b.client, topic, s); err != nil {
			return nil, err
		}
		f, err := b.run(ctx, side, topic, filepath.Join(filepath.Dir(b.Log()), topic), 0, s.n)
		if err != nil {
			return nil, err
		}
		took[side] = f.seconds
	}
	return []row{{"seconds for a backlog with a slow key in each partition", parallel, fmt.Sprintf("%.1f", took[ours]), fmt.Sprintf("%.1f", took[parallel]), fmt.Sprintf("%.2f", took[ours]/took[parallel]), "≤ 0.5"}}, nil
}

// replays kills a consumer, has another one go on, and returns how many records were done by both.
func (b *bench) replays(ctx context.Context, side string, rate int) (again int, err error) {
	s := b.slowKeys(rate)
	topic, err := b.topic(ctx, "replays", partitions, nil)
	if err != nil {
		return 0, err
	}
	produced := make(chan error, 1)
	produce := func() {
		_, err := b.produce(ctx, b.client, topic, s)
		produced <- err
	}
	if rate == 0 {
		produce()
	} else {
		go produce()
	}
	var children [2]*child
	for i := range children {
		c := &child{log: filepath.Join(filepath.Dir(b.Log()), fmt.Sprint(topic, ".", i))}
		if c.cmd, err = b.command(ctx, side, topic, topic, c.log, 0, s.n); err != nil {
			return 0, err
		}
		c.cmd.Stderr = os.Stderr
		if err := c.cmd.Start(); err != nil {
			return 0, err
		}
		children[i] = c
		began := time.Now()
		err := until(ctx, "the records are not done", 5*time.Minute, func() bool {
			switch done := b.doneBy(children[:i+1]); {
			case i == 1:
				return done >= s.n
			case rate > 0:
				return done >= s.n/2
			}
			return time.Since(began) > 12*time.Second/time.Duration(b.small)
		})
		_ = c.cmd.Process.Kill()
		_ = c.cmd.Wait()
		if err != nil {
			return 0, err
		}
	}
	l := newLedger()
	for _, c := range children {
		if _, err := l.child(c); err != nil {
			return 0, err
		}
	}
	_, again = l.count()
	return again, errors.Join(<-produced)
}

func (b *bench) doneBy(children []*child) int {
	l := newLedger()
	for _, c := range children {
		_, _ = l.child(c)
	}
	done, _ := l.count()
	return done
}

// kills measures how many records run again after a kill.
func (b *bench) kills(ctx context.Context) (rows []row, err error) {
	const rate, inFlight = 2000, 256
	runs := 2*b.rounds - 1
	for _, k := range []struct {
		name string
		rate int
	}{{"a backlog with slow keys, killed after 12 s", 0}, {"2,000 a second with slow keys, killed half way", rate}} {
		again := make(map[string][]float64)
		for range runs {
			for _, side := range []string{ours, parallel} {
				n, err := b.replays(ctx, side, k.rate)
				if err != nil {
					return nil, err
				}
				again[side] = append(again[side], float64(n))
			}
		}
		name := fmt.Sprintf("records done again, of %d runs: %s", runs, k.name)
		a, o := median(again[ours]), median(again[parallel])
		if k.rate == 0 {
			rows = append(rows, row{name, parallel, fmt.Sprintf("%.0f", a), fmt.Sprintf("%.0f", o), fmt.Sprintf("%.2f", a/max(1, o)), "≤ 1"})
			continue
		}
		most, limit := slices.Max(again[ours]), float64(rate+inFlight)
		rows = append(rows, row{name + ", the most", fmt.Sprintf("rate × interval + in flight; the parallel consumer did %.0f", o), fmt.Sprintf("%.0f", most), fmt.Sprintf("%.0f", limit), fmt.Sprintf("%.2f", most/limit), "≤ 1"})
	}
	return rows, nil
}
