package main

import (
	"io"
	"time"

	"github.com/go-desync/go-desync/tools/internal/cli"
)

type options struct {
	Root string `short:"C" default:"." placeholder:"DIR" help:"A directory of the workspace (${default})."`

	Verify  struct{} `cmd:"" help:"Check what the modules promise about each other: imports, versions, go.mod and go.work lines, licences, README.md and CHANGELOG.md."`
	Changed struct {
		Modules []string `arg:"" optional:"" name:"module" help:"Modules to ask about, by directory. Without them, all."`
	} `cmd:"" help:"List the modules that have changed since their last tag, and those that require them. Work that is not committed counts."`
	Consumer struct {
		Modules []string `arg:"" optional:"" name:"module" help:"Modules to prove, by directory. Without them, all."`
		Tests   bool     `help:"Also run the tests of each module outside the workspace, in short mode."`
	} `cmd:"" help:"Prove each module as its users get it: packed, served by a proxy in a directory, and used alone. Work that is not committed counts. Fetches what they require and the module cache lacks, and nothing else."`
	Tidy struct {
		Modules []string `arg:"" optional:"" name:"module" help:"Modules to tidy, by directory. Without them, all."`
		Check   bool     `help:"Write nothing; say which files are not tidy, and exit with 1 if there are any."`
	} `cmd:"" help:"Write go.mod and go.sum as go mod tidy does, with the other modules found in the tree."`
	Release struct {
		Plan struct {
			Modules []string `arg:"" optional:"" name:"module" help:"What to release: directories, each with or without @version. Without them, what changed lists."`
		} `cmd:"" help:"Print what would be released, in which versions, and why."`
		Prepare struct {
			Modules []string  `arg:"" optional:"" name:"module" help:"As for plan."`
			Date    time.Time `format:"2006-01-02" placeholder:"YYYY-MM-DD" help:"The date of the release. Without it, today, in UTC."`
			Apply   bool      `help:"Write the files. Without it, they are only listed."`
		} `cmd:"" help:"Write the new versions into changelogs, go.mod, go.sum and go.work, after proving them in a copy."`
		Tag struct {
			Modules []string `arg:"" optional:"" name:"module" help:"Modules to tag, by directory. Without them, all that are prepared."`
			Apply   bool     `help:"Make the tags. Without it, they are only listed."`
		} `cmd:"" help:"Tag what was prepared and committed, after proving it again. Pushes nothing."`
	} `cmd:"" help:"Release modules. Needs a branch and a clean tree."`
}

const description = `Check, compare and release the modules of this workspace.

RELEASING.md says how a release goes.

Exit codes: 0 done; 1 a fault was found; 2 wrong usage or a repository in no state for the command, and nothing was changed; ` +
	`130 interrupted.`

// parseFlags returns ok == false if the program must end; code is then its exit
// code.
func parseFlags(args []string, stdout, stderr io.Writer) (command string, opts *options, code int, ok bool) {
	opts = &options{}
	command, code, ok = cli.Parse("modules", description, opts, args, stdout, stderr)
	return command, opts, code, ok
}
