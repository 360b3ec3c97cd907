package main

import (
	"fmt"
	"io"

	"github.com/alecthomas/kong"
)

type options struct {
	Name string `arg:"" help:"The name of the package: lower-case letters and digits."`
	Root string `short:"C" default:"." placeholder:"DIR" help:"A directory of the workspace (${default})."`
}

const description = `Write a new package of adapters: a small bridge that works, with documentation, tests and Examples, ` +
	`a row in adapters/README.md and a line in adapters/CHANGELOG.md. It passes all checks as it is; change it into the bridge that you want.

CONTRIBUTING.md says what an adapter must have.

Exit codes: 0 done; 1 the files could not be written; 2 wrong usage, a name that cannot be used, or a workspace in no state for it; ` +
	`130 interrupted. Unless it is 0, nothing was changed.`

// parseFlags returns ok == false if the program is to end with code.
func parseFlags(args []string, stdout, stderr io.Writer) (opts options, code int, ok bool) {
	helped := false
	parser, err := kong.New(&opts,
		kong.Name("adapter"),
		kong.Description(description),
		kong.Writers(stdout, stderr),
		kong.Exit(func(int) { helped = true }),
	)
	if err == nil {
		_, err = parser.Parse(args)
	}
	switch {
	case helped:
		return opts, exitDone, false
	case err != nil:
		fmt.Fprintf(stderr, "adapter: %v; run adapter --help for what it takes\n", err)
		return opts, exitUsage, false
	}
	return opts, exitDone, true
}
