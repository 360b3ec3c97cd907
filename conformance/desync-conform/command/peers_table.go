package command

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"

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
			runtimeOf(r.Report.Peer), r.Report.Peer.Programs, histories(r.Report), cmp.Or(r.Selftest, "-"),
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

// runtimeOf names what a peer runs on. Some say no more than the version of a compiler.
func runtimeOf(p *conformance.PeerInfo) string {
	if p.Runtime == "" || unicode.IsDigit(rune(p.Runtime[0])) {
		return strings.TrimSpace(p.Language + " " + p.Runtime)
	}
	return p.Runtime
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
	if lines := append(disclaimed(r), failed(r)...); len(lines) > 0 {
		fmt.Fprintf(b, "\n**%s**\n\n%s", r.entry.Name, strings.Join(lines, ""))
	}
}

// disclaimed has a line for each feature that a peer has said not to have, with its reason.
func disclaimed(r peerResult) (lines []string) {
	var seen []conformance.Feature
	for _, rule := range r.Report.Rules {
		why, ok := strings.CutPrefix(rule.Detail, string(rule.Feature)+": ")
		if rule.Verdict != conformance.NotClaimed || !ok || why == "not claimed" || slices.Contains(seen, rule.Feature) {
			continue
		}
		seen = append(seen, rule.Feature)
		lines = append(lines, fmt.Sprintf("- `%s` is not claimed: %s\n", rule.Feature, output.Escape(why)))
	}
	return lines
}

// failed has a line for each reason for which cases fail.
func failed(r peerResult) (lines []string) {
	list, _ := r.known()
	var reasons []string
	cases := map[string][]string{}
	for _, rule := range r.Report.Rules {
		for _, c := range rule.Cases {
			if c.Verdict != conformance.Fail {
				continue
			}
			why := becauseOf(list, c.Case)
			if !slices.Contains(reasons, why) {
				reasons = append(reasons, why)
			}
			cases[why] = append(cases[why], c.Case)
		}
	}
	for _, why := range reasons {
		lines = append(lines, fmt.Sprintf("- fails %s%s: `desync-conform exec --rule=%s -- %s`\n",
			strings.Join(cases[why], ", "), why, surest(list, cases[why]), strings.Join(r.entry.Run, " ")))
	}
	return lines
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

// surest is the first of the cases that fails in every run, or the first one.
func surest(list known.List, cases []string) string {
	for _, e := range list {
		if !e.Sometimes && slices.Contains(cases, e.Case) {
			return e.Case
		}
	}
	return cases[0]
}
