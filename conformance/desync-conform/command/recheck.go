package command

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/go-desync/go-desync/conformance/history"
)

type recheckCommand struct {
	File string `arg:"" help:"A history that run --histories saved; - is the standard input."`
	HTML string `name:"html" placeholder:"FILE" help:"Draw the history as a page."`
}

func (c *recheckCommand) run(_ context.Context, e *env) int {
	h, err := c.load(e)
	if err != nil {
		return e.usage("%v", err)
	}
	err = history.Check(h)
	var bad *history.MalformedError
	if errors.As(err, &bad) {
		return e.usage("%s: %v; no run can have this history, so it says nothing of the implementation", c.File, err)
	}
	if c.HTML != "" {
		if err := writePage(c.HTML, h); err != nil {
			return e.usage("--html: %v", err)
		}
	}
	text, code := verdict(h, err)
	return e.print(about(c.File, h)+text, code)
}

func (c *recheckCommand) load(e *env) (*history.History, error) {
	if c.File == "-" {
		return loadFrom("the standard input", e.stdin)
	}
	return load(c.File)
}

// about says where a history comes from.
func about(file string, h *history.History) string {
	s := fmt.Sprintf("%s: %d operations", file, len(h.Operations))
	if h.CutFrom > 0 {
		s += fmt.Sprintf(", cut from %d", h.CutFrom)
	}
	if h.Implementation != "" {
		s += ", of " + h.Implementation
	}
	if h.Rule != "" {
		s += fmt.Sprintf(", run for %s with seed %d", h.Rule, h.Seed)
	}
	return s + "\n"
}

// verdict says what Check found.
func verdict(h *history.History, err error) (text string, code int) {
	var v *history.Violation
	if errors.As(err, &v) {
		return v.Picture(), exitViolates
	}
	var open []string
	for _, o := range h.Operations {
		if o.Return == 0 || o.Outcome == history.Pending {
			open = append(open, fmt.Sprintf("#%d", o.ID))
		}
	}
	if len(open) == 0 {
		return "no violation found\n", exitConforms
	}
	const few = 10
	if len(open) > few {
		open = append(open[:few], fmt.Sprintf("and %d more", len(open)-few))
	}
	return fmt.Sprintf("inconclusive: no violation found, but some operations have not returned, or their jobs have not run: %s.\n"+
		"A run that hung looks so. The history cannot tell whether they ever would have.\n", strings.Join(open, ", ")), exitInconclusive
}
