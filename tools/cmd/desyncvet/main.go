// Desyncvet finds misuse of Desync objects in Go source. Run it with --help for
// its flags and exit codes, and with help CHECK for what a check finds.
//
// It is also a tool for go vet: go vet -vettool=$(which desyncvet) ./...
package main

import (
	"context"
	"io"
	"os"
	"strings"

	"golang.org/x/tools/go/analysis/unitchecker"

	"github.com/go-desync/go-desync/tools/desyncvet"
	"github.com/go-desync/go-desync/tools/internal/cli"
)

func main() {
	if forVet(os.Args[1:]) {
		unitchecker.Main(desyncvet.Analyzers()...)
	}
	ctx := cli.Context()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// forVet reports whether the go command runs this program as a tool of go vet.
func forVet(args []string) bool {
	if len(args) == 0 {
		return false
	}
	last := args[len(args)-1]
	return strings.HasSuffix(last, ".cfg") || last == "-flags" || strings.HasPrefix(last, "-V")
}

// run is the program for a user. It returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	opts, code, ok := parseFlags(args, stdout, stderr)
	if !ok {
		return code
	}
	if opts.help {
		return help(opts.Help.Check, stdout, stderr)
	}
	return vet(ctx, opts, stdout, stderr)
}
