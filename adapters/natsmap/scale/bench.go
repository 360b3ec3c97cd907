package main

import (
	"context"
	"flag"
	"fmt"
	"io"

	"github.com/go-desync/go-desync/adapters/natsmap/scale/internal/bench"
)

// runBench is the command bench.
func runBench(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	quick := f.Bool("quick", false, "measure so little that it says nothing of the goals, to see that it runs")
	if code, ok := parse(f, args, 0, stdout, stderr); !ok {
		return code
	}
	size := bench.Whole
	if *quick {
		size = bench.Quick
	}
	met, err := bench.Run(ctx, size, stdout, stderr)
	switch {
	case err != nil:
		fmt.Fprintf(stderr, "scale: %v\n", err)
		return fault
	case !met && !*quick:
		return fault
	}
	return done
}
