package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"

	"github.com/go-desync/go-desync/adapters/natsmap/scale/internal/demo"
)

// runDemo is the command demo.
func runDemo(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	f := flag.NewFlagSet("demo", flag.ContinueOnError)
	wrong := faultFlag(f)
	if code, ok := parse(f, args, 1, stdout, stderr); !ok {
		return code
	}
	ok, err := demo.Run(ctx, demo.Input{Dir: f.Arg(0), Fault: *wrong}, stdout)
	switch {
	case errors.Is(err, demo.ErrUsage):
		fmt.Fprintf(stderr, "scale: %v\n", err)
		return usage
	case ctx.Err() != nil:
		fmt.Fprintln(stderr, "scale: interrupted")
		return fault
	case err != nil:
		fmt.Fprintf(stderr, "scale: %v\n", err)
		return fault
	case !ok:
		return fault
	}
	return done
}
