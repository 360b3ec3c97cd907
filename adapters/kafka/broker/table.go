package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/go-desync/go-desync/adapters/kafka/broker/internal/rival"
)

// The marks between which the table stands in a file.
const (
	tableBegin = "<!-- The table is written by make bench-kafka. -->"
	tableEnd   = "<!-- The end of the table. -->"
)

// compare measures everything, prints the table and, if file is not empty, puts it there.
func compare(ctx context.Context, out io.Writer, w *world, jars, file string, rounds, small int) error {
	b := &bench{world: w, jars: filepath.Join(jars, "rival"), rounds: rounds, small: small}
	if err := rival.Build(ctx, b.jars); err != nil {
		return err
	}
	var rows []row
	for _, measure := range []func(context.Context) ([]row, error){b.rates, b.backlog, b.kills} {
		more, err := measure(ctx)
		if err != nil {
			return err
		}
		for _, r := range more {
			fmt.Fprintf(out, "%s: %s, beside %s: %s; ratio %s, goal %s\n", r.work, r.ours, r.beside, r.other, r.ratio, r.goal)
		}
		rows = append(rows, more...)
	}
	if file == "" {
		return nil
	}
	return write(file, table(rows, rounds))
}

func table(rows []row, rounds int) string {
	var t strings.Builder
	fmt.Fprintf(&t, "Medians of %d rounds on one broker, %s, %d processors, %s; 8 partitions, 1,000 keys, at most 256 calls at once.\n\n",
		rounds, time.Now().UTC().Format(time.DateOnly), runtime.NumCPU(), runtime.Version())
	t.WriteString("| what | beside | Desync | the other | ratio | goal |\n|---|---|---|---|---|---|\n")
	for _, r := range rows {
		fmt.Fprintf(&t, "| %s | %s | %s | %s | %s | %s |\n", r.work, r.beside, r.ours, r.other, r.ratio, r.goal)
	}
	return t.String()
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
