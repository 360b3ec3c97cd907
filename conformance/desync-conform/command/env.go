package command

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/go-desync/go-desync/conformance"
)

// The exit codes.
const (
	exitConforms     = 0
	exitViolates     = 1
	exitUsage        = 2
	exitInconclusive = 3
)

// A Subject is an implementation that the command can check.
type Subject struct {
	// Name is what --subject takes. It is unique.
	Name string

	// About describes the subject in a line.
	About string

	// Factory makes the objects. Its Info.Name is unique among the subjects too:
	// child processes tell subjects apart by it.
	Factory conformance.Factory

	// Isolate gives each case a child process of its own: for what crashes.
	Isolate bool

	// Extra keeps the subject out of what runs if no subject is named.
	Extra bool
}

// env is what a subcommand works with.
type env struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	subjects       []Subject
}

// subcommand is one of those in grammar.
type subcommand interface {
	run(ctx context.Context, e *env) (code int)
}

// usage complains of wrong usage.
func (e *env) usage(format string, args ...any) int {
	e.complain(format, args...)
	return exitUsage
}

func (e *env) complain(format string, args ...any) {
	text := strings.TrimPrefix(fmt.Sprintf(format, args...), "conformance: ")
	fmt.Fprintf(e.stderr, "desync-conform: %s\n", text)
}

// print writes to the standard output. What cannot be written turns a code that
// promises a result into one that does not.
func (e *env) print(text string, code int) int {
	if _, err := io.WriteString(e.stdout, text); err != nil {
		e.complain("the output could not be written: %v", err)
		return worse(code, exitInconclusive)
	}
	return code
}

// subject returns the subject of a name.
func (e *env) subject(name string) (Subject, error) {
	i := slices.IndexFunc(e.subjects, func(s Subject) bool { return s.Name == name })
	if i < 0 {
		return Subject{}, fmt.Errorf("unknown subject %q%s; desync-conform subjects lists them", name, e.similar(name))
	}
	return e.subjects[i], nil
}

// similar names the subjects that may have been meant.
func (e *env) similar(name string) string {
	var found []string
	for _, s := range e.subjects {
		if name != "" && strings.Contains(strings.ToLower(s.Name), strings.ToLower(name)) {
			found = append(found, s.Name)
		}
	}
	if len(found) == 0 || len(found) > 5 {
		return ""
	}
	return " (there is " + strings.Join(found, ", ") + ")"
}
