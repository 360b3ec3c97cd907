// Package cli has the parts that the commands of this module share: exit codes, the
// handling of Ctrl-C, and messages about wrong usage.
package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"github.com/alecthomas/kong"
)

// The exit codes.
const (
	Done        = 0
	Fault       = 1
	Usage       = 2
	Interrupted = 130 // 128 + SIGINT, as shells report it
)

// Context returns a context that Ctrl-C ends. A second Ctrl-C ends the process at once.
func Context() context.Context {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop)
	return ctx
}

// Parse reads args into opts, a struct for kong, and returns the words of the command,
// or "" if there is none. If it returns ok == false, it has printed the help or an
// error, and the program must end with the exit code that it returns.
func Parse(name, description string, opts any, args []string, stdout, stderr io.Writer, more ...kong.Option) (command string, code int, ok bool) {
	helped := false
	parser, err := kong.New(opts, append(more,
		kong.Name(name),
		kong.Description(description),
		kong.Writers(stdout, stderr),
		kong.Exit(func(int) { helped = true }),
	)...)
	var parsed *kong.Context
	if err == nil {
		parsed, err = parser.Parse(args)
	}
	switch {
	case helped:
		return "", Done, false
	case err != nil:
		return "", Wrong(name, err, stderr), false
	}
	command, _, _ = strings.Cut(parsed.Command(), "<")
	return strings.TrimSpace(command), Done, true
}

// Wrong prints an error of usage and returns its exit code.
func Wrong(name string, err error, stderr io.Writer) int {
	fmt.Fprintf(stderr, "%[1]s: %[2]v; run %[1]s --help for what it takes\n", name, err)
	return Usage
}
