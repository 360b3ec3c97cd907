// Knots finds knots, files of a package that all need each other, and says which
// packages have a larger knot than is allowed. Run it with --help for its flags and
// exit codes.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/go-desync/go-desync/tools/internal/cli"
	"github.com/go-desync/go-desync/tools/internal/knots"
	"github.com/go-desync/go-desync/tools/internal/workspace"
)

type options struct {
	Packages []string `arg:"" optional:"" name:"package" help:"Packages to look at, as the go command takes them. Without them, those of the workspace."`
	All      bool     `help:"Print every knot, not only those that are larger than allowed."`
	Why      bool     `help:"Print what the files of a knot use of each other."`
	Limit    int      `default:"8" placeholder:"N" help:"How many files a knot may have (${default})."`
}

// Validate is called by kong.
func (o *options) Validate() error {
	if o.Limit < 1 {
		return fmt.Errorf("--limit=%d: must be at least 1", o.Limit)
	}
	return nil
}

const description = `Find knots: files of a package of which each uses, at least through further ones, what each other declares. Tests are left out.

Exit codes: 0 no knot is larger than allowed; 1 one is; 2 wrong usage.`

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run is the program.
func run(args []string, stdout, stderr io.Writer) int {
	var opts options
	if _, code, ok := cli.Parse("knots", description, &opts, args, stdout, stderr); !ok {
		return code
	}
	dir, patterns := ".", opts.Packages
	if len(patterns) == 0 {
		root, err := workspace.Root(dir)
		if err != nil {
			return cli.Wrong("knots", fmt.Errorf("name packages: %w", err), stderr)
		}
		dir, patterns = root, []string{"work"}
	}
	graphs, err := knots.Load(dir, patterns...)
	if err != nil {
		return cli.Wrong("knots", err, stderr)
	}
	p := printer{w: stdout, why: opts.Why}
	code := cli.Done
	for _, g := range graphs {
		largest := 1
		for _, k := range g.Knots() {
			largest = max(largest, len(k.Files))
			if opts.All || len(k.Files) > opts.Limit {
				p.knot(k)
			}
		}
		if largest > opts.Limit {
			p.line(fmt.Sprintf("%s: its largest knot has %d files, more than the %d allowed", g.Package, largest, opts.Limit))
			code = cli.Fault
		}
	}
	if p.err != nil {
		fmt.Fprintf(stderr, "knots: the result could not be written: %v\n", p.err)
		return cli.Fault
	}
	return code
}

// A printer keeps the first error of writing.
type printer struct {
	w   io.Writer
	why bool
	err error
}

func (p *printer) line(text string) {
	_, err := fmt.Fprintln(p.w, text)
	p.err = errors.Join(p.err, err)
}

func (p *printer) knot(k knots.Knot) {
	p.line(k.String())
	if p.why {
		for _, line := range k.Why() {
			p.line("  " + line)
		}
	}
}
