package examples_test

import (
	"context"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/go-desync/go-desync/adapters/pipe"
	"github.com/go-desync/go-desync/desync"
)

// A day is the content of one input file, and later its line of the report.
type day struct {
	name string
	text string
}

func extract(_ context.Context, bytesRead *int, path string) (day, error) {
	text, err := os.ReadFile(path)
	*bytesRead += len(text)
	return day{filepath.Base(path), string(text)}, err
}

// transform adds up the amounts of a day and carries the total on to the next.
func transform(_ context.Context, total *int, d day) (day, error) {
	rows, err := csv.NewReader(strings.NewReader(d.text)).ReadAll()
	if err != nil {
		return day{}, fmt.Errorf("%s: %w", d.name, err)
	}
	sum := 0
	for _, row := range rows {
		amount, err := strconv.Atoi(row[1])
		if err != nil {
			return day{}, fmt.Errorf("%s: %w", d.name, err)
		}
		sum += amount
	}
	*total += sum
	return day{d.name, fmt.Sprintf("%s %d %d\n", d.name, sum, *total)}, nil
}

func load(_ context.Context, report **os.File, d day) (string, error) {
	_, err := (*report).WriteString(d.text)
	return d.name, err
}

// writeDays writes the files to be read, the fourth with a fault.
func writeDays(dir string, n int) (paths []string, err error) {
	for i := 1; i <= n && err == nil; i++ {
		text := fmt.Sprintf("tea,%d\nmilk,%d\n", i, 2*i)
		if i == 4 {
			text = "tea,four\n"
		}
		path := filepath.Join(dir, fmt.Sprintf("day%02d", i))
		paths = append(paths, path)
		err = os.WriteFile(path, []byte(text), 0o600)
	}
	return paths, err
}

// runETL makes a report of the files, with three stages that run at the same time. The
// disk of the report is stuck until the stages are full. runETL returns the largest
// number of files that were under way at once: the files in the stages, and one that has
// just come out.
func runETL(ctx context.Context, paths []string, report *os.File, depth int) (most int) {
	const stages = 3
	full := make(chan struct{})
	taken := desync.New(0)
	source := func(yield func(string) bool) {
		for _, path := range paths {
			if taken.Sync(func(n *int) int { *n++; return *n }) == stages*depth {
				close(full)
			}
			if !yield(path) {
				return
			}
		}
	}
	stuckLoad := func(ctx context.Context, report **os.File, d day) (string, error) {
		select {
		case <-full:
			return load(ctx, report, d)
		case <-ctx.Done():
			return "", context.Cause(ctx)
		}
	}

	extracted := pipe.Through(ctx, desync.New(0), source, depth, extract)
	transformed := pipe.Through(ctx, desync.New(0), extracted, depth, transform)
	loaded := pipe.Through(ctx, desync.New(report), transformed, depth, stuckLoad)
	done := 0
	for _, err := range loaded.All() {
		if err != nil {
			fmt.Println("fault:", err)
		}
		most = max(most, taken.Sync(func(n *int) int { return *n })-done)
		done++
	}
	return most
}

// Etl: files go through three stages. The last stage is the slowest and sets the pace:
// the source is never further ahead than the stages allow.
func Example_etl() {
	dir, err := os.MkdirTemp("", "etl")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	paths, err := writeDays(dir, 40)
	if err != nil {
		fmt.Println(err)
		return
	}
	report, err := os.Create(filepath.Join(dir, "report"))
	if err != nil {
		fmt.Println(err)
		return
	}
	most := runETL(context.Background(), paths, report, 2)
	fmt.Println("closed:", report.Close())
	fmt.Println("under way at once, at most 3*2+1:", most == 6 || most == 7)
	text, _ := os.ReadFile(report.Name())
	lines := slices.Collect(strings.Lines(string(text)))
	fmt.Printf("%d lines:\n%s%s...\n%s", len(lines), lines[0], lines[1], lines[len(lines)-1])
	// Output:
	// fault: day04: strconv.Atoi: parsing "four": invalid syntax
	// closed: <nil>
	// under way at once, at most 3*2+1: true
	// 39 lines:
	// day01 3 3
	// day02 6 9
	// ...
	// day40 120 2448
}
