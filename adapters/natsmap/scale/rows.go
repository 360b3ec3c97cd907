package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"regexp"
	"time"

	"github.com/go-desync/go-desync/adapters/natsmap/scale/internal/rows"
)

// runRows is the command rows.
func runRows(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	f := flag.NewFlagSet("rows", flag.ContinueOnError)
	name := f.String("run", "", "run the rows whose names match this `expression`")
	runs := f.Int("runs", 1, "run each `n` times")
	on := f.String("on", "both", "run them on `servers`: one, three or both")
	wrong := faultFlag(f)
	small := f.Bool("small", false, "run them in the form of the tests, some seconds each")
	if code, ok := parse(f, args, 0, stdout, stderr); !ok {
		return code
	}
	match, err := regexp.Compile(*name)
	counts := map[string][]int{"one": {1}, "three": {3}, "both": {1, 3}}[*on]
	var chosen []rows.Row
	for _, row := range rows.All() {
		if err == nil && match.MatchString(row.Name) {
			chosen = append(chosen, row)
		}
	}
	switch {
	case err != nil:
	case len(chosen) == 0:
		err = fmt.Errorf("no row matches -run %s", *name)
	case *runs < 1:
		err = fmt.Errorf("-runs %d: it must be at least 1", *runs)
	case counts == nil:
		err = fmt.Errorf("-on %s: it must be one, three or both", *on)
	}
	if err != nil {
		fmt.Fprintf(stderr, "scale: %v; run scale rows -help for what it takes\n", err)
		return usage
	}
	begun, broken, left, ran := time.Now(), 0, 0, 0
	for _, row := range chosen {
		for _, servers := range counts {
			for n := range *runs {
				fmt.Fprintf(stderr, "%s %d of %d on %s: %s\n", row.Name, n+1, *runs, many(servers), row.Promise)
				last := time.Now()
				res := row.Run(ctx, rows.Setup{Servers: servers, Small: *small, Fault: *wrong, Progress: func(text string) {
					if time.Since(last) > 2*time.Second {
						last = time.Now()
						fmt.Fprintf(stderr, "    %s\n", text)
					}
				}})
				if ctx.Err() != nil {
					fmt.Fprintln(stderr, "scale: interrupted")
					return fault
				}
				ran++
				verdict := "holds"
				switch {
				case res.LeftOut != "":
					verdict = "left out: " + res.LeftOut
					left++
				case res.Err != nil:
					verdict = "BROKEN"
					broken++
				}
				fmt.Fprintf(stdout, "%-9s  %-13s  %5.1f s  %s: %s\n", row.Name, many(servers), res.Took.Seconds(), verdict, res)
				if res.Err != nil {
					fmt.Fprintf(stdout, "           the promise: %s\n           %v\n           again with: scale rows -run '^%s$' -on %s\n", row.Promise, res.Err, row.Name, map[int]string{1: "one", 3: "three"}[servers])
				}
			}
		}
	}
	fmt.Fprintf(stdout, "%d runs, %d broken, %d left out, %.0f s\n", ran, broken, left, time.Since(begun).Seconds())
	if broken > 0 {
		return fault
	}
	return done
}

func many(servers int) string {
	if servers == 1 {
		return "one server"
	}
	return "three servers"
}
