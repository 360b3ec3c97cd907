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
	rounds := f.Int("rounds", 0, "measure each row `n` times, and print medians; 0: as often as is usual")
	if code, ok := parse(f, args, 0, stdout, stderr); !ok {
		return code
	}
	size := bench.Whole
	if *quick {
		size = bench.Quick
	}
	if *rounds < 0 {
		fmt.Fprintf(stderr, "scale: -rounds %d: it must be at least 1; run scale bench -help for what it takes\n", *rounds)
		return usage
	}
	if *rounds > 0 {
		size.Rounds = *rounds
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
