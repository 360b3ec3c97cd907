// Package command is the command desync-conform as a library, so that it can be
// built with subjects of one's own.
package command

import (
	"context"
	"io"

	"github.com/alecthomas/kong"
)

const description = `Check implementations of the Desync contract, and judge again what was saved of a check.

Exit codes: 0 the subjects conform, or no violation was found; 1 a rule is violated; 2 wrong usage, such as a file that cannot be read; ` +
	`3 inconclusive: something kept rules from being judged, or the report is partial, as after Ctrl-C. ` +
	`The rules about memory (MEM) need the race detector: without a binary built with it, every report is partial.`

// grammar is what the command line can say.
type grammar struct {
	Run      runCommand      `cmd:"" help:"Check subjects, and report."`
	Exec     execCommand     `cmd:"" help:"Check a peer: a program in any language that speaks the protocol of PROTOCOL.md."`
	Serve    serveCommand    `cmd:"" help:"Be a peer with one of the subjects, on the standard input and output."`
	Peers    peersCommand    `cmd:"" help:"Build, self-test and judge the peers of a directory, those whose tools are there."`
	Bench    benchCommand    `cmd:"" help:"Measure the calls of peers side by side, each with loops of its own."`
	Subjects subjectsCommand `cmd:"" help:"List the subjects."`
	Rules    rulesCommand    `cmd:"" help:"List the rules."`
	Explain  explainCommand  `cmd:"" help:"Say what a rule means, what breaks without it, and which mutants it must find."`
	Recheck  recheckCommand  `cmd:"" help:"Judge a saved history again."`
	Replay   replayCommand   `cmd:"" help:"Run the program of a saved history again, and say how often it violates its rule again."`
	Matrix   matrixCommand   `cmd:"" help:"Run the rules on the mutants, implementations that are broken on purpose, and write which rule finds which."`
	Odd      oddCommand      `cmd:"" help:"Run the suite again and again on implementations that are correct and unusual, and say what it found wrong: each finding is a false alarm."`
	Child    childCommand    `cmd:"" hidden:""`
}

// Main runs the command with the given arguments, without the program's name, and
// returns the exit code: 0, 1, 2 or 3, as the help describes. When ctx ends it stops
// within a moment, and what it then writes is marked partial.
//
// Child processes are the running program again, see [IsChild]. Like
// [conformance.Check], Main changes GOMAXPROCS while it works and looks at all
// goroutines, so nothing else should run beside it. It does not return in a child
// process.
func Main(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer, subjects []Subject) int {
	e := &env{stdin: stdin, stdout: stdout, stderr: stderr, subjects: subjects}
	var g grammar
	helped := false
	parser, err := kong.New(&g,
		kong.Name("desync-conform"),
		kong.Description(description),
		kong.Writers(stdout, stderr),
		kong.Exit(func(int) { helped = true }),
	)
	var parsed *kong.Context
	if err == nil {
		parsed, err = parser.Parse(args)
	}
	switch {
	case helped:
		return exitConforms
	case err != nil:
		return e.usage("%v; run desync-conform --help for what it takes", err)
	}
	return parsed.Selected().Target.Addr().Interface().(subcommand).run(ctx, e)
}

// IsChild reports whether the arguments, without the program's name, are those of
// a child process. A test binary that calls Main must let Main have them before
// it runs its tests.
func IsChild(args []string) bool { return len(args) > 0 && args[0] == "child" }
