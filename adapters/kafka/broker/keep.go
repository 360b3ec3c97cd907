package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/go-desync/go-desync/adapters/kafka/broker/internal/rival"
)

// A request is what bench is asked for.
type request struct {
	jars  string
	small int
	only  *regexp.Regexp // the names of the parts
	limit time.Duration  // no round begins after that; 0 for no limit
	keep  string         // the file of rounds, or ""
	write string         // the file with the table, or ""
}

// What is kept are the rounds that were measured.
type kept struct {
	Small  int
	Rounds map[string]figures // of each part
}

// compare measures the rounds that are missing, as far as it is asked for, and writes the
// table of all that there are.
func compare(ctx context.Context, out io.Writer, w *world, q request) error {
	began := time.Now()
	k, err := load(q.keep, q.small)
	if err != nil {
		return err
	}
	b := &bench{world: w, jars: filepath.Join(q.jars, "rival"), small: q.small, topics: make(map[string]string)}
	if err := rival.Build(ctx, b.jars); err != nil {
		return err
	}
	for _, p := range parts {
		for q.only.MatchString(p.name) && len(k.Rounds[p.name]) < p.rounds && (q.limit == 0 || time.Since(began) < q.limit) {
			start := time.Now()
			r, err := p.once(ctx, b)
			if err != nil {
				return fmt.Errorf("%s: %w", p.name, err)
			}
			k.Rounds[p.name] = append(k.Rounds[p.name], r)
			if err := k.save(q.keep); err != nil {
				return err
			}
			fmt.Fprintf(out, "%s, round %d of %d, %.0f s: %v\n", p.name, len(k.Rounds[p.name]), p.rounds, time.Since(start).Seconds(), r)
		}
	}
	text := table(k)
	fmt.Fprint(out, text)
	if q.write == "" {
		return nil
	}
	return write(q.write, text)
}

// missing returns how many rounds are.
func (k kept) missing() (n int) {
	for _, p := range parts {
		n += p.rounds - len(k.Rounds[p.name])
	}
	return n
}

// load reads the rounds of a file, which need not be there.
func load(file string, small int) (kept, error) {
	k := kept{Small: small, Rounds: make(map[string]figures)}
	if file == "" {
		return k, nil
	}
	switch text, err := os.ReadFile(file); {
	case errors.Is(err, fs.ErrNotExist):
		return k, nil
	case err != nil:
		return k, err
	default:
		err = json.Unmarshal(text, &k)
		switch {
		case err != nil:
			return k, fmt.Errorf("%s has no rounds of this command; remove it: %w", file, err)
		case k.Small != small:
			return k, fmt.Errorf("the rounds in %s were measured with --small %d; remove it, or use that", file, k.Small)
		}
		return k, nil
	}
}

func (k kept) save(file string) error {
	if file == "" {
		return nil
	}
	text, err := json.MarshalIndent(k, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(text, '\n'), 0o666)
}
