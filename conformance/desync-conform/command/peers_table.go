package command

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/go-desync/go-desync/conformance"
	"github.com/go-desync/go-desync/conformance/desync-conform/internal/known"
	"github.com/go-desync/go-desync/conformance/desync-conform/internal/output"
)

// peerTable is what README.md has of the peers: all of them, then the rules of those of a
// language, then what each disclaims and fails.
func peerTable(results []peerResult) string {
	var b strings.Builder
	b.WriteString("| peer | version | runtime | programs | histories | self-test | rules that pass | that fail |\n|---|---|---|---|---|---|---|---|\n")
	var languages []string
	for _, r := range results {
		if r.Report == nil {
			why := "not judged"
			if r.NotBuilt != "" {
				why = "not built: " + r.NotBuilt
			}
			fmt.Fprintf(&b, "| %s | | | %s | | %s | | |\n", r.entry.Name, output.Escape(why), r.Selftest)
			continue
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %d | %s | %d | %s |\n", linked(r), r.Report.Implementation.Version,
			cmp.Or(r.Report.Peer.Runtime, r.Report.Peer.Language), r.Report.Peer.Programs, histories(r.Report), cmp.Or(r.Selftest, "-"),
			len(rulesOf(r.Report, conformance.Pass)), cmp.Or(strings.Join(rulesOf(r.Report, conformance.Fail), " "), "none"))
		if l := r.Report.Peer.Language; !slices.Contains(languages, l) {
			languages = append(languages, l)
		}
	}
	for _, l := range languages {
		group := slices.DeleteFunc(slices.Clone(results), func(r peerResult) bool { return r.Report == nil || r.Report.Peer.Language != l })
		fmt.Fprintf(&b, "\n### %s\n\n", cmp.Or(l, "Peers that do not say their language"))
		peerRules(&b, group)
		for _, r := range group {
			peerNotes(&b, r)
		}
	}
	return b.String()
}

// linked is the name of a peer, with the address of its documentation.
func linked(r peerResult) string {
	if url := r.Report.Implementation.URL; url != "" {
		return fmt.Sprintf("[%s](%s)", r.entry.Name, url)
	}
	return r.entry.Name
}

func histories(r *conformance.Report) (n int) {
	for _, rule := range r.Rules {
		for _, c := range rule.Cases {
			n += c.Histories
		}
	}
	return n
}

// rulesOf names the rules with a verdict.
func rulesOf(r *conformance.Report, v conformance.Verdict) (ids []string) {
	for _, rule := range r.Rules {
		if rule.Verdict == v {
			ids = append(ids, rule.Rule)
		}
	}
	return ids
}

// peerRules writes the verdicts on the rules that some peer of a group was judged by.
func peerRules(b *strings.Builder, group []peerResult) {
	b.WriteString("| rule |")
	for _, r := range group {
		fmt.Fprintf(b, " %s |", r.entry.Name)
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(group)) + "\n")
	for _, rule := range conformance.Rules() {
		var cells strings.Builder
		judged := false
		for _, r := range group {
			cell := "-"
			if res := r.Report.Rule(rule.ID); res != nil {
				switch res.Verdict {
				case conformance.Pass:
					cell, judged = "pass", true
				case conformance.Fail:
					cell, judged = "**fail**", true
				case conformance.Inconclusive:
					cell = "open"
				}
			}
			fmt.Fprintf(&cells, " %s |", cell)
		}
		if judged {
			fmt.Fprintf(b, "| %s |%s\n", rule.ID, cells.String())
		}
	}
}

// peerNotes writes what a peer disclaims, and what it fails, with the command that shows it.
func peerNotes(b *strings.Builder, r peerResult) {
	var notes strings.Builder
	var seen []conformance.Feature
	for _, rule := range r.Report.Rules {
		why, disclaimed := strings.CutPrefix(rule.Detail, string(rule.Feature)+": ")
		if rule.Verdict != conformance.NotClaimed || !disclaimed || why == "not claimed" || slices.Contains(seen, rule.Feature) {
			continue
		}
		seen = append(seen, rule.Feature)
		fmt.Fprintf(&notes, "- `%s` is not claimed: %s\n", rule.Feature, output.Escape(why))
	}
	list, _ := r.known()
	for _, rule := range r.Report.Rules {
		for _, c := range rule.Cases {
			if c.Verdict == conformance.Fail {
				fmt.Fprintf(&notes, "- %s fails%s: `desync-conform exec --rule=%s -- %s`\n", c.Case, becauseOf(list, c.Case), c.Case, strings.Join(r.entry.Run, " "))
			}
		}
	}
	if notes.Len() > 0 {
		fmt.Fprintf(b, "\n**%s**\n\n%s", r.entry.Name, notes.String())
	}
}

// becauseOf is the reason that the list of known failures has for a case.
func becauseOf(list known.List, id string) string {
	for _, e := range list {
		if e.Case == id {
			return ", since " + output.Escape(e.Reason)
		}
	}
	return ""
}
