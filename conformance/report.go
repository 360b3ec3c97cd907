package conformance

import (
	"fmt"
	"strings"
	"time"

	"github.com/go-desync/go-desync/conformance/history"
)

// Verdict is the outcome of a case, a rule or a report.
type Verdict string

const (
	Pass         Verdict = "pass"
	Fail         Verdict = "fail"
	Skipped      Verdict = "skipped"      // by the user, with a reason
	NotClaimed   Verdict = "unsupported"  // the feature is not claimed
	NotRun       Verdict = "not-run"      // the environment lacks something
	Inconclusive Verdict = "inconclusive" // the run could not tell
	CannotTest   Verdict = "untestable"
)

// Report is the outcome of a run. It is made to be written as JSON.
type Report struct {
	Schema         int            `json:"schema"` // 1
	Implementation Implementation `json:"implementation"`
	Peer           *PeerInfo      `json:"peer,omitempty"` // of CheckPeer
	Environment    Environment    `json:"environment"`
	Budget         Budget         `json:"budget"`
	Seed           uint64         `json:"seed"`
	Started        time.Time      `json:"started"`
	Duration       time.Duration  `json:"duration"` // nanoseconds

	// Verdict is Fail if a MUST rule fails, otherwise Inconclusive if a rule is
	// inconclusive or the report is partial, otherwise Pass.
	Verdict Verdict `json:"verdict"`

	// Partial is set if a rule of the core profile did not run although nothing
	// in the implementation prevents it: it was skipped, not selected, lacked its
	// environment; and if the run was broken off. Because lists the reasons.
	Partial bool     `json:"partial"`
	Because []string `json:"because,omitempty"`

	// Rules has every rule of the suite, in the order of [Rules].
	Rules []RuleResult `json:"rules"`
}

// Environment is where a run took place.
type Environment struct {
	Go         string  `json:"go"`
	OS         string  `json:"os"`
	Arch       string  `json:"arch"`
	CPUs       int     `json:"cpus"`
	GOMAXPROCS int     `json:"gomaxprocs"`
	Race       bool    `json:"race"`     // built with the race detector
	Slowdown   float64 `json:"slowdown"` // measured by calibration, 1 on an idle machine
}

// RuleResult is the outcome of one rule.
type RuleResult struct {
	Rule    string       `json:"rule"`
	Level   Level        `json:"level"`
	Feature Feature      `json:"feature"`
	Profile Profile      `json:"profile"`
	Verdict Verdict      `json:"verdict"`
	Detail  string       `json:"detail,omitempty"` // one line: why, or what a pass rests on
	Cases   []CaseResult `json:"cases,omitempty"`
}

// CaseResult is the outcome of one case of a rule.
type CaseResult struct {
	Case      string        `json:"case"` // RULE/name
	Rule      string        `json:"rule"`
	Verdict   Verdict       `json:"verdict"`
	Detail    string        `json:"detail,omitempty"`
	Histories int           `json:"histories,omitempty"` // judged by a stochastic case
	Tried     []Tried       `json:"tried,omitempty"`     // by a case that does things in numbers
	Crossings int64         `json:"crossings,omitempty"` // from idle to busy, in a case that is about them
	Cells     []CellCount   `json:"cells,omitempty"`     // played by a case of the table of cells
	Duration  time.Duration `json:"duration"`
	AtFirst   string        `json:"atFirst,omitempty"` // why the case was inconclusive, before it was tried again, alone, at the end of the run
	Failure   *Failure      `json:"failure,omitempty"`
}

// Failure is what went wrong in a case.
type Failure struct {
	Rule    string   `json:"rule"`                 // the rule that was violated
	Message string   `json:"message"`              // what was expected and what happened, with a picture if there is a history
	Again   string   `json:"again,omitempty"`      // how to run just this case again
	Dump    string   `json:"goroutines,omitempty"` // the stacks that matter, if the case hung, panicked or left goroutines
	Output  string   `json:"output,omitempty"`     // of the child process, if there was one
	File    string   `json:"file,omitempty"`       // where the history was saved, with WithHistories
	Program *Program `json:"program,omitempty"`    // what was run, for Replay

	History *history.History `json:"-"` // the guilty operations and those around them
}

// String returns all there is to say, for a log.
func (f *Failure) String() string {
	var b strings.Builder
	b.WriteString(f.Message)
	for _, part := range []struct{ title, text string }{
		{"again", f.Again}, {"history", f.File}, {"output of the child process", f.Output}, {"goroutines", f.Dump},
	} {
		if part.text != "" {
			fmt.Fprintf(&b, "\n%s: %s", part.title, part.text)
		}
	}
	return b.String()
}

// Rule returns the result of a rule, or nil if there is no such rule.
func (r *Report) Rule(id string) *RuleResult {
	for i := range r.Rules {
		if r.Rules[i].Rule == id {
			return &r.Rules[i]
		}
	}
	return nil
}

// sum derives the verdict from those on the rules.
func (r *Report) sum() {
	r.Verdict = Pass
	for _, rule := range r.Rules {
		if rule.Profile == CoreProfile && (rule.Verdict == Skipped || rule.Verdict == NotRun) {
			r.Partial = true
			r.Because = append(r.Because, fmt.Sprintf("%s %s: %s", rule.Rule, rule.Verdict, rule.Detail))
		}
		if rule.Verdict == Inconclusive {
			r.Verdict = Inconclusive
		}
	}
	if r.Partial {
		r.Verdict = Inconclusive
	}
	for _, rule := range r.Rules {
		if rule.Verdict == Fail && rule.Level == Must {
			r.Verdict = Fail
		}
	}
}

// sum derives the verdict on a rule from its cases: the worst one counts.
func sum(res *RuleResult) {
	histories, crossings := 0, int64(0)
	var cells []CellCount
	for _, v := range []Verdict{Fail, Inconclusive, NotRun, Skipped, Pass, CannotTest, NotClaimed} {
		for _, c := range res.Cases {
			if c.Verdict != v {
				continue
			}
			if res.Verdict == "" {
				res.Verdict, res.Detail = v, c.Detail
			}
			histories += c.Histories
			crossings += c.Crossings
			cells = append(cells, c.Cells...)
		}
	}
	if res.Verdict == Pass {
		res.Detail = ""
		switch {
		case histories > 0 && crossings > 0:
			res.Detail = fmt.Sprintf("not refuted in %d histories and %d passages from idle to busy", histories, crossings)
		case histories > 0:
			res.Detail = fmt.Sprintf("not refuted in %d histories", histories)
		case crossings > 0:
			res.Detail = fmt.Sprintf("not refuted in %d passages from idle to busy", crossings)
		}
		if len(cells) > 0 {
			res.Detail = strings.TrimPrefix(res.Detail+", "+cellsOf(cells), ", ")
		}
	}
}
