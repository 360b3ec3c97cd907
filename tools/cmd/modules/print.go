package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/go-desync/go-desync/tools/internal/release"
	"github.com/go-desync/go-desync/tools/internal/workspace"
)

// printer prints results. After a failed write it prints no more and keeps the
// error.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) printf(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format, args...)
	}
}

// faults prints faults and returns errFault if there are any.
func (p *printer) faults(faults []workspace.Fault) error {
	for _, f := range faults {
		p.printf("%s\n", f)
	}
	switch n := len(faults); n {
	case 0:
		return nil
	case 1:
		p.printf("1 fault\n")
	default:
		p.printf("%d faults\n", n)
	}
	return errFault
}

func (p *printer) plan(plan *release.Plan) {
	for i, wave := range plan.Waves {
		p.printf("wave %d\n", i+1)
		for _, step := range wave {
			from := ""
			if step.Last != "" {
				from = step.Last + " -> "
			}
			p.printf("  %-22s %s%s: %s\n", step.Dir, from, step.Version, step.Reason)
			if step.Last != "" && len(step.Libraries()) > 0 {
				p.printf("    interface since %s: %s\n", step.Last, step.Diff.Level)
			}
			for _, change := range step.Diff.Changes {
				p.printf("      %s\n", change)
			}
		}
	}
}

// proof prints a line about one module, and its fault if it has one.
func (p *printer) proof(proof release.Proof) {
	if proof.Err != nil {
		p.printf("FAULT %s %s\n%s\n", proof.Dir, proof.Version, strings.TrimRight(proof.Err.Error(), "\n"))
		return
	}
	p.printf("ok    %-22s %s: %d modules, %d Examples, %d programs\n",
		proof.Dir, proof.Version, len(proof.Use.Modules), proof.Use.Examples, proof.Use.Commands)
}
