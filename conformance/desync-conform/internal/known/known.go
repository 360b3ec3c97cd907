// Package known compares a report with a list of cases that are known to fail.
package known

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/go-desync/go-desync/conformance"
)

// An Entry is a case that is known to fail.
type Entry struct {
	Case      string
	Reason    string
	Sometimes bool // it does not fail in every run
}

// A List is the cases that are known to fail.
type List []Entry

// Parse reads a list: a line for each case, with the reason behind it. A ~ before the case
// says that it fails in some runs only. A line that begins with # is a comment.
func Parse(text string) (list List, err error) {
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		id, reason, _ := strings.Cut(line, " ")
		e := Entry{Case: strings.TrimPrefix(id, "~"), Reason: strings.TrimSpace(reason), Sometimes: strings.HasPrefix(id, "~")}
		switch {
		case !strings.Contains(e.Case, "/"):
			return nil, fmt.Errorf("line %d: %q is no case; a case is named as in ORD-1/queue", i+1, e.Case)
		case e.Reason == "":
			return nil, fmt.Errorf("line %d: %s needs a reason behind it", i+1, e.Case)
		case slices.ContainsFunc(list, func(o Entry) bool { return o.Case == e.Case }):
			return nil, fmt.Errorf("line %d: %s is there twice", i+1, e.Case)
		}
		list = append(list, e)
	}
	return list, nil
}

// String is the list as Parse reads it.
func (l List) String() string {
	var b strings.Builder
	for _, e := range l {
		if e.Sometimes {
			b.WriteString("~")
		}
		fmt.Fprintf(&b, "%s %s\n", e.Case, e.Reason)
	}
	return b.String()
}

// find returns the entry of a case.
func (l List) find(id string) *Entry {
	i := slices.IndexFunc(l, func(e Entry) bool { return e.Case == id })
	if i < 0 {
		return nil
	}
	return &l[i]
}

// A Difference is what a report has other than a list.
type Difference struct {
	Known  int      // cases that failed and are in the list
	Faults []string // what is wrong, a line each
	Open   bool     // some case could not be decided
}

// Compare compares a report with the list.
func (l List) Compare(r *conformance.Report) (d Difference) {
	seen := map[string]conformance.Verdict{}
	for _, rule := range r.Rules {
		for _, c := range rule.Cases {
			seen[c.Case] = c.Verdict
			switch entry := l.find(c.Case); {
			case c.Verdict == conformance.Inconclusive && entry == nil:
				d.Open = true
			case c.Verdict == conformance.Fail && entry != nil:
				d.Known++
			case c.Verdict == conformance.Fail && rule.Level == conformance.Must:
				d.Faults = append(d.Faults, c.Case+" fails, and is not in the list: "+c.Detail)
			}
		}
	}
	for _, e := range l {
		switch v, ran := seen[e.Case]; {
		case !ran:
			d.Faults = append(d.Faults, e.Case+" is in the list, and did not run or does not exist")
		case v == conformance.Pass && !e.Sometimes:
			d.Faults = append(d.Faults, e.Case+" is in the list, and passes: take it out")
		case v == conformance.NotClaimed, v != conformance.Fail && v != conformance.Pass && !e.Sometimes:
			d.Faults = append(d.Faults, fmt.Sprintf("%s is in the list, and is %s: take it out", e.Case, v))
		}
	}
	return d
}

// String says what was found.
func (d Difference) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n%d of the cases that are known to fail did\n", d.Known)
	for _, fault := range d.Faults {
		fmt.Fprintf(&b, "  %s\n", fault)
	}
	return b.String()
}

// Fixed returns the list that a report agrees with. Reasons are kept; new cases get what
// the report says. What fails in some runs only stays.
func (l List) Fixed(r *conformance.Report) (fixed List) {
	for _, rule := range r.Rules {
		for _, c := range rule.Cases {
			old := l.find(c.Case)
			switch {
			case c.Verdict == conformance.Fail && old != nil, old != nil && old.Sometimes:
				fixed = append(fixed, *old)
			case c.Verdict == conformance.Fail:
				fixed = append(fixed, Entry{Case: c.Case, Reason: cmp.Or(strings.TrimPrefix(c.Detail, c.Rule+": "), "fails")})
			}
		}
	}
	return fixed
}
