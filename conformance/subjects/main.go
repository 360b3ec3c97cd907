// Conform runs the suite on Desync and on other ways to run jobs one at a time,
// and writes the verdicts as a table. Run it with --help for its flags and exit
// codes.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"sync"
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

	columns, at := judgeAll(ctx, chosen, opts, program, stderr)
	if ctx.Err() != nil {
		complain(fmt.Errorf("interrupted at %s, the table is not written", at))
		return exitInterrupted
	}
	faults := 0
	for _, c := range columns {
		if c.Report == nil {
			faults++
		}
	}
	for _, line := range blamed(columns, !opts.NoRace) {
		complain(errors.New(line))
		faults++
	}

	text := table.Render(columns)
	if opts.Write == "" {
		if _, err := io.WriteString(stdout, text); err != nil {
			complain(fmt.Errorf("the table could not be written: %w", err))
			return exitFault
		}
	} else {
		changes, err := write(opts.Write, columns, text)
		if err != nil {
			complain(err)
			return exitFault
		}
		for _, line := range changes {
			complain(fmt.Errorf("%s is written anew: %s", opts.Write, line))
			faults++
		}
	}
	if faults > 0 {
		return exitFault
	}
	return exitDone
}

// judgeAll judges subjects, some at a time. If ctx ends it returns early, and at is one that
// was not judged.
func judgeAll(ctx context.Context, chosen []subject.Subject, opts options, program programs, stderr io.Writer) (columns []table.Column, at string) {
	columns = make([]table.Column, len(chosen))
	var mu sync.Mutex // of stderr and at
	var running sync.WaitGroup
	free := make(chan struct{}, opts.Parallel)
	for i, s := range chosen {
		columns[i].Subject = s
		free <- struct{}{}
		running.Go(func() {
			defer func() { <-free }()
			report, err := judge(ctx, s, opts.Budget, opts.Seed, opts.Rule, program, func(string) {})
			mu.Lock()
			defer mu.Unlock()
			switch {
			case ctx.Err() != nil:
				at = cmp.Or(at, s.Name)
			case err != nil:
				fmt.Fprintf(stderr, "conform: %s: %v\n", s.Name, err)
			default:
				columns[i].Report = report
				fmt.Fprintf(stderr, "%-10s %s\n", s.Name, conclusion(report))
			}
		})
	}
	running.Wait()
	return columns, at
}

// write puts the table into a file, and returns in which verdicts it differs from the one
// that was there. One that is not whole would pass for one.
func write(file string, columns []table.Column, text string) (changes []string, err error) {
	for _, c := range columns {
		if c.Report == nil || c.Report.Partial {
			return nil, fmt.Errorf("%s is not written: the report on %s is missing or partial", file, c.Subject.Name)
		}
	}
	old, err := table.Read(file)
	if err != nil {
		return nil, err
	}
	return changed(old, text, columns), table.Replace(file, text)
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
