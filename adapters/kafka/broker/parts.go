package main

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A part of the bench is measured in rounds. In a round the sides take turns on one broker, so
// rounds on different brokers add up.
type part struct {
	name   string
	rounds int // that the table wants
	once   func(ctx context.Context, b *bench) (round, error)
	rows   func(f figures) []row
}

// A round has what each side has reached.
type round map[string]float64

func (r round) String() string {
	var sides []string
	for _, side := range slices.Sorted(maps.Keys(r)) {
		sides = append(sides, fmt.Sprintf("%s %.1f", side, r[side]))
	}
	return strings.Join(sides, ", ")
}

// figures are the rounds of a part.
type figures []round

// of returns what a side has reached, in order.
func (f figures) of(what string) (values []float64) {
	for _, r := range f {
		values = append(values, r[what])
	}
	slices.Sort(values)
	return values
}

func (f figures) median(what string) float64 { return f.of(what)[len(f)/2] }
func (f figures) most(what string) float64   { return f.of(what)[len(f)-1] }

// loss says how many records the parallel consumer has lost, if any. Ours may lose none.
func (f figures) loss() string {
	sum, rounds := 0.0, 0
	for _, n := range f.of(lostBy + parallel) {
		if sum += n; n > 0 {
			rounds++
		}
	}
	if rounds == 0 {
		return ""
	}
	return fmt.Sprintf(", which lost records in %d of the rounds, %.0f in all", rounds, sum)
}

// A row is one of the table. Its goal is for the ratio of ours to the other.
type row struct {
	what, beside string
	ours, other  float64
	digits       int     // after the point, of both
	goal         float64 // 0 if there is none
	most         bool    // the goal is the most that the ratio may be, and not the least
}

const (
	memory = "memory of "
	onePer = "one at a time for each partition"
)

var parts = []part{
	{"1 ms of work", 3, func(ctx context.Context, b *bench) (round, error) {
		return b.rates(ctx, "work", time.Millisecond, 100_000, 100_000)
	}, func(f figures) []row {
		return append(rates("records a second, 1 ms of work", f, 20, 5),
			row{"MiB of memory then", parallel, f.median(memory + ours), f.median(memory + parallel), 0, 0.25, true})
	}},
	// The parallel consumer would take minutes for as many records as the others.
	{"no work", 3, func(ctx context.Context, b *bench) (round, error) {
		return b.rates(ctx, "none", 0, 2_000_000, 200_000)
	}, func(f figures) []row { return rates("records a second, no work", f, 0.15, 10) }},
	{"slow keys", 1, backlog, func(f figures) []row {
		return []row{{"seconds for a backlog with a slow key in each partition", parallel, f.median(ours), f.median(parallel), 1, 0.5, true}}
	}},
	{"kill, backlog", 5, func(ctx context.Context, b *bench) (round, error) { return b.kills(ctx, 0) }, func(f figures) []row {
		return []row{{"records done again: a backlog with slow keys, killed after 12 s", parallel + f.loss(), f.median(ours), f.median(parallel), 0, 1, true}}
	}},
	{"kill, paced", 5, func(ctx context.Context, b *bench) (round, error) { return b.kills(ctx, paced) }, func(f figures) []row {
		const what = "records done again: 2,000 a second with slow keys, killed half way, "
		return []row{
			{what + "the most", "rate × commit interval + records in flight", f.most(ours), paced + inFlight, 0, 1, true},
			{what + "median", parallel + f.loss(), f.median(ours), f.median(parallel), 0, 0, true},
		}
	}},
}

// The rate of the part with a paced producer, and how many records all sides have in flight.
const paced, inFlight = 2000, 256

func rates(what string, f figures, toPlain, toParallel float64) []row {
	return []row{
		{what, onePer, f.median(ours), f.median(plainGo), 0, toPlain, false},
		{what, parallel, f.median(ours), f.median(parallel), 0, toParallel, false},
	}
}

// rates measures the records a second of all sides, and their memory.
func (b *bench) rates(ctx context.Context, name string, work time.Duration, n, ofParallel int) (round, error) {
	topic := b.topics[name]
	if topic == "" {
		var err error
		if topic, err = b.topic(ctx, name, partitions, nil); err != nil {
			return nil, err
		}
		if _, err := b.produce(ctx, b.client, topic, stream{n: n / b.small, keys: 1000}); err != nil {
			return nil, err
		}
		b.topics[name] = topic
	}
	r := make(round)
	for _, side := range []string{plainGo, ours, parallel} {
		of := n / b.small
		if side == parallel {
			of = ofParallel / b.small
		}
		f, err := b.run(ctx, side, topic, "", work, of)
		if err != nil {
			return nil, err
		}
		r[side], r[memory+side] = float64(of)/f.seconds, f.mib
	}
	return r, nil
}

// slowKeys are 40,000 records, of which each tenth of a partition is of a slow key.
func (b *bench) slowKeys(rate int) stream {
	return stream{n: 40_000 / b.small, keys: 992, slow: 10, rate: rate}
}

// backlog measures how long it takes to finish records that are all there.
func backlog(ctx context.Context, b *bench) (round, error) {
	r := make(round)
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
		r[side] = f.seconds
	}
	return r, nil
}
