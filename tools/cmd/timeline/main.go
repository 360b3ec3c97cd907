// Timeline draws the jobs of one object that three goroutines use. It makes the
// calls, follows them with an Observer, and writes what has happened as an SVG. Run
// it with --help for its argument and exit codes.
package main

import (
	"fmt"
	"io"
	"os"

	"github.com/go-desync/go-desync/tools/internal/cli"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

const description = `Draw what becomes of the jobs of one object that three goroutines use, as an SVG for light and dark.

The picture is that of a real run, which takes a fifth of a second.

Exit codes: 0 done; 1 the calls came in another order than planned, or the picture could not be written; 2 wrong usage.`

// run is the program. It prints complaints to stderr and returns the exit code.
func run(args []string, stdout, stderr io.Writer) int {
	var opts struct {
		File string `arg:"" optional:"" help:"File to write. Without it, the picture goes to standard output."`
	}
	if _, code, ok := cli.Parse("timeline", description, &opts, args, stdout, stderr); !ok {
		return code
	}
	jobs := play()
	err := inOrder(jobs)
	switch {
	case err != nil:
	case opts.File == "":
		_, err = io.WriteString(stdout, draw(jobs))
	default:
		err = os.WriteFile(opts.File, []byte(draw(jobs)), 0o666)
	}
	if err != nil {
		fmt.Fprintf(stderr, "timeline: %v\n", err)
		return cli.Fault
	}
	return cli.Done
}
