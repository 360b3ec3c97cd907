package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// The marks between which the table stands in a file.
const (
	tableBegin = "<!-- The table is written by make bench-kafka. -->"
	tableEnd   = "<!-- The end of the table. -->"
)

// table is what has come of all rounds.
func table(k kept) string {
	var t strings.Builder
	fmt.Fprintf(&t, "%s, %d processors, %s; 8 partitions, 1,000 keys, at most 256 calls at once. In each round the sides have\ntaken turns on one broker; unless a row says otherwise, a figure is the median of the rounds.\n\n",
		time.Now().UTC().Format(time.DateOnly), runtime.NumCPU(), runtime.Version())
	if missing := k.missing(); missing > 0 {
		fmt.Fprintf(&t, "Not all is measured: %d rounds are missing.\n\n", missing)
	}
	t.WriteString("| what | rounds | beside | Desync | the other | ratio | goal |\n|---|---|---|---|---|---|---|\n")
	for _, p := range parts {
		f := k.Rounds[p.name]
		if len(f) == 0 {
			continue
		}
		for _, r := range p.rows(f) {
			fmt.Fprintf(&t, "| %s | %d | %s | %s | %s | %.2f | %s |\n", r.what, len(f), r.beside, r.number(r.ours), r.number(r.other), r.ratio(), r.judged())
		}
	}
	return t.String()
}

func (r row) number(v float64) string { return strconv.FormatFloat(v, 'f', r.digits, 64) }

// ratio is that of ours to the other, of which none counts as one: nothing beside nothing is
// fine.
func (r row) ratio() float64 {
	if r.other == 0 {
		return r.ours
	}
	return r.ours / r.other
}

// judged is the goal, and whether it was missed.
func (r row) judged() string {
	if r.goal == 0 {
		return "none"
	}
	sign, missed := "≥", r.ratio() < r.goal
	if r.most {
		sign, missed = "≤", r.ratio() > r.goal
	}
	text := sign + " " + strconv.FormatFloat(r.goal, 'f', -1, 64)
	if missed {
		text += ", **missed**"
	}
	return text
}

// write puts a text between the marks of a file.
func write(file, text string) error {
	old, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	before, rest, ok := strings.Cut(string(old), tableBegin)
	_, after, ok2 := strings.Cut(rest, tableEnd)
	if !ok || !ok2 {
		return fmt.Errorf("%s has no place for the table: the lines %q and %q", file, tableBegin, tableEnd)
	}
	return os.WriteFile(file, []byte(before+tableBegin+"\n\n"+text+"\n"+tableEnd+after), 0o666)
}
