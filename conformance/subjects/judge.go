package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/go-desync/go-desync/conformance"
	"github.com/go-desync/go-desync/conformance/subjects/internal/subject"
)

// programs are the files of this program, plain and built with the race detector.
type programs struct{ plain, race string }

// buildPrograms builds the second one, if it is wanted, into a directory that
// remove takes away.
func buildPrograms(ctx context.Context, race bool) (p programs, remove func(), err error) {
	remove = func() {}
	if p.plain, err = os.Executable(); err != nil || !race {
		return p, remove, err
	}
	dir, err := os.MkdirTemp("", "conform-")
	if err != nil {
		return p, remove, err
	}
	remove = func() { _ = os.RemoveAll(dir) }
	p.race = filepath.Join(dir, "conform-race")
	const path = "github.com/go-desync/go-desync/conformance/subjects"
	if out, err := exec.CommandContext(ctx, "go", "build", "-race", "-o", p.race, path).CombinedOutput(); err != nil {
		remove()
		return p, remove, fmt.Errorf("the rules about memory need the race detector, and a C compiler with it; --no-race leaves them out: %w\n%s", err, out)
	}
	return p, remove, nil
}

// errNoReport is matched by the error about a subject whose process ended without one.
var errNoReport = errors.New("its process ended without a report")

// judge checks a subject in a process of its own, and returns the report. It
// calls each with what the process says meanwhile, a line for a case.
func judge(ctx context.Context, s subject.Subject, budget string, seed uint64, rules []string, p programs, each func(string)) (*conformance.Report, error) {
	dir, err := os.MkdirTemp("", "conform-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "report.json")

	args := []string{"run", "--verbose", "--subject=" + s.Name, "--budget=" + budget, fmt.Sprintf("--seed=%d", seed), "--json=" + file}
	for _, rule := range rules {
		args = append(args, "--rule="+rule)
	}
	for id, reason := range s.Skips {
		args = append(args, "--skip="+id+"="+reason)
	}
	if p.race != "" {
		args = append(args, "--race-binary="+p.race)
	}
	cmd := exec.CommandContext(ctx, p.plain, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	said := &lines{each: each}
	cmd.Stderr = said
	ended := cmd.Run()

	var reports []*conformance.Report
	data, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(data, &reports)
	}
	if err != nil || len(reports) != 1 {
		return nil, fmt.Errorf("%w: %v\n%s", errNoReport, ended, said)
	}
	return reports[0], nil
}
