package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/go-desync/go-desync/tools/internal/cli"
)

// vet makes the go command run this very program on the packages, by unitchecker. The go
// command loads them, works on several at a time, and keeps the results of packages that
// have not changed.
//
// A call of go vet with -vettool is nearly the same. This command adds what it cannot do:
// go vet exits with 1 for a report and for a package that does not compile, with 0 for
// reports as JSON, and always looks at test files. The package multichecker would be less
// code than this. But it loads all dependencies from source on each run, keeps no results,
// and has exit codes of its own, 3 for a report and 1 for a package that does not compile.
func vet(ctx context.Context, opts options, stdout, stderr io.Writer) int {
	self, err := os.Executable()
	if err != nil {
		fmt.Fprintf(stderr, "desyncvet: %v\n", err)
		return cli.Usage
	}
	args := []string{"vet", "-vettool=" + self}
	if opts.Check.Tags != "" {
		args = append(args, "-tags="+opts.Check.Tags)
	}
	for _, name := range opts.Check.Checks {
		args = append(args, "-"+name)
	}
	if opts.Check.Fix {
		args = append(args, "-fix")
	} else {
		args = append(args, "-json")
	}
	args = append(args, "--")
	args = append(args, opts.Check.Packages...)
	cmd := exec.CommandContext(ctx, "go", args...)
	var out, complaints strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &complaints
	if err := cmd.Run(); err != nil {
		return failed(ctx, err, complaints.String(), stderr)
	}
	if opts.Check.Fix {
		io.WriteString(stdout, out.String())
		return cli.Done
	}
	findings, err := parseFindings(out.String())
	if err != nil {
		fmt.Fprintf(stderr, "desyncvet: what go vet printed cannot be read: %v\n", err)
		return cli.Usage
	}
	if !opts.Check.Tests {
		findings = slices.DeleteFunc(findings, func(f finding) bool { return f.inTest() })
	}
	if opts.Check.JSON {
		io.WriteString(stdout, out.String())
	} else {
		dir, _ := os.Getwd()
		for _, f := range findings {
			fmt.Fprintf(stdout, "%s: %s\n", relative(dir, f.Posn), f.Message)
		}
	}
	if len(findings) > 0 {
		return cli.Fault
	}
	return cli.Done
}

// failed tells the user why the go command could not check the packages.
func failed(ctx context.Context, err error, complaints string, stderr io.Writer) int {
	switch {
	case ctx.Err() != nil:
		fmt.Fprintln(stderr, "desyncvet: interrupted")
		return cli.Interrupted
	case errors.Is(err, exec.ErrNotFound):
		fmt.Fprintln(stderr, "desyncvet: it needs the go command, which is not in PATH")
	default:
		io.WriteString(stderr, complaints)
		fmt.Fprintln(stderr, "desyncvet: the packages cannot be checked")
	}
	return cli.Usage
}

// A finding is a report of a check.
type finding struct {
	Posn    string `json:"posn"`
	Message string `json:"message"`
}

var place = regexp.MustCompile(`^(.*):(\d+):(\d+)$`)

// key sorts findings by file, line and column.
func (f finding) key() string {
	if m := place.FindStringSubmatch(f.Posn); m != nil {
		return fmt.Sprintf("%s:%9s:%9s: %s", m[1], m[2], m[3], f.Message)
	}
	return f.Posn + f.Message
}

func (f finding) inTest() bool {
	name, _, _ := strings.Cut(f.Posn, ".go:")
	return strings.HasSuffix(name, "_test")
}

// parseFindings reads what go vet -json prints: for each package a line that
// names it and an object of packages, checks and findings. A file that belongs
// to a package and to its test is reported twice.
func parseFindings(out string) (findings []finding, err error) {
	var objects strings.Builder
	for line := range strings.Lines(out) {
		if !strings.HasPrefix(line, "#") {
			objects.WriteString(line)
		}
	}
	d := json.NewDecoder(strings.NewReader(objects.String()))
	for {
		var packages map[string]map[string]json.RawMessage
		if err := d.Decode(&packages); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		for _, checks := range packages {
			for name, raw := range checks {
				var of []finding
				if err := json.Unmarshal(raw, &of); err != nil {
					return nil, fmt.Errorf("check %s: %s", name, raw)
				}
				findings = append(findings, of...)
			}
		}
	}
	slices.SortFunc(findings, func(a, b finding) int { return strings.Compare(a.key(), b.key()) })
	return slices.Compact(findings), nil
}

func relative(dir, posn string) string {
	if rel, err := filepath.Rel(dir, posn); err == nil && !strings.HasPrefix(rel, "..") {
		return rel
	}
	return posn
}
