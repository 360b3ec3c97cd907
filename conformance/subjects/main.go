// Conform runs the suite on Desync and on other ways to run jobs one at a time,
// and writes the verdicts as a table. Run it with --help for its flags and exit
// codes.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/go-desync/go-desync/conformance"
	"github.com/go-desync/go-desync/conformance/desync-conform/command"
	"github.com/go-desync/go-desync/conformance/subjects/internal/subject"
	"github.com/go-desync/go-desync/conformance/subjects/internal/table"
)

const (
	exitDone        = 0
	exitFault       = 1
	exitUsage       = 2
	exitInterrupted = 130 // 128 + SIGINT, as shells report it
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the process at once
	args, subjects := os.Args[1:], subject.All()
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		os.Exit(command.Main(ctx, args, os.Stdin, os.Stdout, os.Stderr, commandSubjects(subjects)))
	}
	os.Exit(run(ctx, args, subjects, os.Stdout, os.Stderr))
}

// commandSubjects are the subjects as desync-conform takes them.
func commandSubjects(subjects []subject.Subject) (all []command.Subject) {
	for _, s := range subjects {
		all = append(all, command.Subject{Name: s.Name, About: s.Factory.Info.Name, Factory: s.Factory, Isolate: s.Isolate})
	}
	return all
}

// run makes the table. When ctx ends it stops early.
func run(ctx context.Context, args []string, subjects []subject.Subject, stdout, stderr io.Writer) int {
	opts, code, ok := parseFlags(args, stdout, stderr)
	if !ok {
		return code
	}
	complain := func(err error) { fmt.Fprintf(stderr, "conform: %v\n", err) }
	chosen, err := choose(subjects, opts.Subject)
	if err != nil {
		complain(err)
		return exitUsage
	}
	program, remove, err := buildPrograms(ctx, !opts.NoRace)
	if err != nil {
		complain(err)
		return exitFault
	}
	defer remove()

	faults := 0
	var columns []table.Column
	for _, s := range chosen {
		report, err := judge(ctx, s, opts.Budget, opts.Seed, nil, program, func(string) {})
		if ctx.Err() != nil {
			complain(fmt.Errorf("interrupted at %s, the table is not written", s.Name))
			return exitInterrupted
		}
		if err != nil {
			complain(fmt.Errorf("%s: %w", s.Name, err))
			faults++
			report = nil
		} else {
			fmt.Fprintf(stderr, "%-10s %s\n", s.Name, conclusion(report))
		}
		columns = append(columns, table.Column{Subject: s, Report: report})
	}

	text := table.Render(columns)
	if opts.Write == "" {
		if _, err := io.WriteString(stdout, text); err != nil {
			complain(fmt.Errorf("the table could not be written: %w", err))
			return exitFault
		}
	} else if err := write(opts.Write, columns, text); err != nil {
		complain(err)
		return exitFault
	}
	if faults > 0 {
		return exitFault
	}
	return exitDone
}

// write puts the table into a file. One that is not whole would pass for one.
func write(file string, columns []table.Column, text string) error {
	for _, c := range columns {
		if c.Report == nil || c.Report.Partial {
			return fmt.Errorf("%s is not written: the report on %s is missing or partial", file, c.Subject.Name)
		}
	}
	return table.Replace(file, text)
}

func conclusion(r *conformance.Report) string {
	text := string(r.Verdict)
	if r.Partial {
		text += ", partial: " + strings.Join(r.Because, "; ")
	}
	return text
}

// choose returns the subjects of these names, or all if there is no name.
func choose(all []subject.Subject, names []string) ([]subject.Subject, error) {
	if len(names) == 0 {
		return all, nil
	}
	byName := map[string]subject.Subject{}
	var known []string
	for _, s := range all {
		byName[s.Name] = s
		known = append(known, s.Name)
	}
	var chosen []subject.Subject
	for _, name := range names {
		s, ok := byName[name]
		if !ok {
			return nil, fmt.Errorf("--subject %s: there is no such subject; there are %s", name, strings.Join(known, ", "))
		}
		chosen = append(chosen, s)
	}
	return chosen, nil
}
