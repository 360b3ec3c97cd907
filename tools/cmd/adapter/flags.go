package main

import (
	"io"

	"github.com/go-desync/go-desync/tools/internal/cli"
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

// parseFlags returns ok == false if the program must end; code is then its exit
// code.
func parseFlags(args []string, stdout, stderr io.Writer) (opts options, code int, ok bool) {
	_, code, ok = cli.Parse("adapter", description, &opts, args, stdout, stderr)
	return opts, code, ok
}
