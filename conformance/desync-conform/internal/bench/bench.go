// Package bench measures peers side by side: each makes the calls in a loop of its own, and
// says how long they took.
package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-desync/go-desync/conformance/internal/pipe"
)

// A Word is what is measured.
type Word struct {
	Kind    string // of call
	Threads int
	Means   string
}

// Words are all that is measured, in the order of the columns.
var Words = []Word{
	{pipe.Do, 1, "a call that waits for its job, on an object that is idle"},
	{pipe.Async, 1, "a call that does not wait; until the last job has run"},
	{pipe.Future, 1, "a job whose result is waited for, a round trip"},
	{pipe.Do, 8, "the same by 8 threads on one object"},
	{pipe.Async, 8, "the same by 8 threads on one object"},
}

// Column is the head of its column.
func (w Word) Column() string { return fmt.Sprintf("%s/%d", w.Kind, w.Threads) }

// A Side is a peer to measure.
type Side struct {
	Name    string
	Command []string
}

// A Row is what came of a side.
type Row struct {
	Side
	Version, Runtime string
	NotRun           string      // why it was not measured, or ""
	Nanos            [][]float64 // by word, by round: nanoseconds for each call; none if it lacks the word
}

// Times say how long to measure.
type Times struct {
	Run    time.Duration // a run takes about this long
	Rounds int
	Answer time.Duration // a run that takes longer counts as stuck
}

// Compare measures all sides, word by word and in turn, so that what else the machine does
// meets all of them. Step is told of each word.
func Compare(ctx context.Context, sides []Side, t Times, step func(Word)) ([]Row, error) {
	rows := make([]Row, len(sides))
	peers := make([]*peer, len(sides))
	for i, s := range sides {
		rows[i] = Row{Side: s, Nanos: make([][]float64, len(Words))}
		p, err := start(ctx, s, t.Answer)
		if err != nil {
			rows[i].NotRun = err.Error()
			continue
		}
		defer p.end()
		peers[i] = p
		rows[i].Version, rows[i].Runtime = p.hello.Version, p.hello.Runtime
		if r := rows[i].Runtime; r == "" || r[0] <= '9' { // a number alone
			rows[i].Runtime = strings.TrimSpace(p.hello.Language + " " + r)
		}
	}
	for w, word := range Words {
		step(word)
		if err := compareWord(ctx, peers, rows, w, t); err != nil {
			return nil, err
		}
	}
	return rows, ctx.Err()
}

// compareWord measures a word.
func compareWord(ctx context.Context, peers []*peer, rows []Row, w int, t Times) error {
	n := make([]int, len(peers)) // calls of each thread
	for i, p := range peers {
		if p == nil {
			continue
		}
		var err error
		if n[i], err = p.calls(ctx, Words[w], t.Run); err != nil && !errors.Is(err, errLacks) {
			return fmt.Errorf("%s, %s: %w", rows[i].Name, Words[w].Column(), err)
		}
	}
	for round := range t.Rounds {
		for k := range peers {
			i := (k + round) % len(peers)
			if n[i] == 0 {
				continue
			}
			ns, err := peers[i].run(ctx, Words[w], n[i])
			if err != nil {
				return fmt.Errorf("%s, %s: %w", rows[i].Name, Words[w].Column(), err)
			}
			rows[i].Nanos[w] = append(rows[i].Nanos[w], ns/float64(n[i]*Words[w].Threads))
		}
	}
	return nil
}

// calls returns how many calls of each thread make a run of some length. By then the peer is
// warm: two runs have taken about the same.
func (p *peer) calls(ctx context.Context, w Word, length time.Duration) (int, error) {
	const most = 1 << 20 // that an object has to keep at once
	n, last := 16, 0.0
	for range 40 {
		fastest := 0.0
		for range 3 {
			ns, err := p.run(ctx, w, n)
			if err != nil {
				return 0, err
			}
			if fastest == 0 || ns < fastest {
				fastest = ns
			}
		}
		enough := fastest >= float64(length)/2 || n*w.Threads >= most
		if warm := fastest/float64(n) > 0.9*last; enough && warm {
			return n, nil
		}
		if last = fastest / float64(n); !enough || fastest < float64(length)*0.7 || fastest > float64(length)*1.5 {
			// No more than eight times as many: the first calls of a process are slow.
			n = min(max(1, int(float64(length)/last)), 8*n, most/w.Threads)
		}
	}
	return n, nil
}

// Median returns the middle of some figures.
func Median(figures []float64) float64 {
	sorted := slices.Sorted(slices.Values(figures))
	return sorted[len(sorted)/2]
}
