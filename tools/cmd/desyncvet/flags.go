package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/go-desync/go-desync/tools/desyncvet"
	"github.com/go-desync/go-desync/tools/internal/cli"
)

type options struct {
	Check struct {
		Packages []string `arg:"" optional:"" help:"Packages, as for go vet; by default the one in the current directory."`
		Checks   []string `name:"check" placeholder:"NAME" help:"Run only these checks; by default all."`
		Tags     string   `placeholder:"TAG,..." help:"Build tags, as for go build."`
		Tests    bool     `default:"true" negatable:"" help:"Look at test files too; by default yes."`
		Fix      bool     `help:"Apply the fixes that are certain to be right."`
		JSON     bool     `help:"Print the reports as JSON, as go vet -json does."`
	} `cmd:"" default:"withargs" help:"Check packages."`
	Help struct {
		Check string `arg:"" optional:"" help:"A check."`
	} `cmd:"" help:"List the checks, or explain one of them."`

	help bool
}

const description = `Find misuse of Desync objects: data that escapes from jobs, jobs that wait for themselves or for each other, ` +
	`and results that are read too early or dropped.

"desyncvet help" lists the checks, "desyncvet help CHECK" explains one. ` +
	`To suppress a report, write on its line or on the one above: //desyncvet:ignore CHECK reason. ` +
	`As a part of go vet: go vet -vettool=$(which desyncvet) ./...

Exit codes: 0 nothing found; 1 something was found; 2 wrong usage, such as an unknown check, no packages or packages that do not compile.`

// parseFlags returns ok == false if the program must end; code is then its exit
// code.
func parseFlags(args []string, stdout, stderr io.Writer) (opts options, code int, ok bool) {
	command, code, ok := cli.Parse("desyncvet", description, &opts, args, stdout, stderr)
	if !ok {
		return opts, code, false
	}
	opts.help = strings.HasPrefix(command, "help")
	if err := knownChecks(opts.Check.Checks); err != nil {
		return opts, cli.Wrong("desyncvet", err, stderr), false
	}
	return opts, cli.Done, true
}

func checkNames() (names []string) {
	for _, a := range desyncvet.Analyzers() {
		names = append(names, a.Name)
	}
	return names
}

func knownChecks(names []string) error {
	known := checkNames()
	for _, name := range names {
		if !slices.Contains(known, name) {
			return fmt.Errorf("there is no check %q: the checks are %s", name, strings.Join(known, ", "))
		}
	}
	return nil
}

// help prints the documentation of one check, or a line for each check.
func help(name string, stdout, stderr io.Writer) int {
	if name == "" {
		for _, a := range desyncvet.Analyzers() {
			title, _, _ := strings.Cut(a.Doc, "\n")
			fmt.Fprintf(stdout, "%-9s %s\n", a.Name, title)
		}
		return cli.Done
	}
	if err := knownChecks([]string{name}); err != nil {
		fmt.Fprintf(stderr, "desyncvet: %v\n", err)
		return cli.Usage
	}
	for _, a := range desyncvet.Analyzers() {
		if a.Name == name {
			fmt.Fprintf(stdout, "%s: %s\n", a.Name, a.Doc)
		}
	}
	return cli.Done
}
