// Package index counts the identifiers of a tree of Go source, in two ways
// that must agree: [Start] reads the files in parallel and keeps the counts in
// Desync objects, [InOrder] reads one file after the other into plain values.
package index

import (
	"cmp"
	"maps"
	"slices"
)

// Result is an index. It is a plain value that does not change any more.
type Result struct {
	Listed   int               // the files that were to be indexed
	Names    map[string]Tally  // by identifier
	Packages map[string]Totals // by directory
	Skipped  []Skip            // files that were passed over, by path
}

// Tally says how often an identifier occurs.
type Tally struct {
	Count int // occurrences
	Files int // files with at least one occurrence
}

// Totals are the sums over a number of files.
type Totals struct {
	Files, Lines, Bytes, Names int // Names counts every occurrence
}

func (t Totals) plus(u Totals) Totals {
	return Totals{t.Files + u.Files, t.Lines + u.Lines, t.Bytes + u.Bytes, t.Names + u.Names}
}

// Totals returns the sums over all packages.
func (r Result) Totals() Totals {
	var sum Totals
	for _, t := range r.Packages {
		sum = sum.plus(t)
	}
	return sum
}

// Whole reports whether every listed file was indexed or skipped for a reason.
// The result of a run that was stopped early is not whole.
func (r Result) Whole() bool {
	return r.Listed == r.Totals().Files+len(r.Skipped)
}

// Top returns up to n identifiers, the most frequent first. Equally frequent
// ones are in alphabetical order.
func (r Result) Top(n int) []string {
	return top(r.Names, n, func(t Tally) int { return t.Count })
}

// TopPackages returns up to n directories, the one with most lines first.
func (r Result) TopPackages(n int) []string {
	return top(r.Packages, n, func(t Totals) int { return t.Lines })
}

func top[V any](m map[string]V, n int, weight func(V) int) []string {
	keys := slices.SortedFunc(maps.Keys(m), func(a, b string) int {
		return cmp.Or(cmp.Compare(weight(m[b]), weight(m[a])), cmp.Compare(a, b))
	})
	return keys[:min(n, len(keys))]
}

// Leader is the most frequent identifier at some moment; the zero value means
// that there is none.
type Leader struct {
	Name  string
	Count int
}

// ahead reports whether l ranks before m in the order of [Result.Top].
func (l Leader) ahead(m Leader) bool {
	return l.Count > m.Count || l.Count == m.Count && l.Name < m.Name
}

// names is a growing part of an index. Counts never shrink, so the leader can
// be kept up to date as they come in.
type names struct {
	tally  map[string]Tally
	leader Leader
}

func newNames() names { return names{tally: make(map[string]Tally)} }

// add counts the identifiers of one file.
func (n *names) add(counts []count) {
	for _, c := range counts {
		t := n.tally[c.name]
		t.Count += c.n
		t.Files++
		n.tally[c.name] = t
		if l := (Leader{c.name, t.Count}); l.ahead(n.leader) {
			n.leader = l
		}
	}
}

// sums is a growing part of an index.
type sums struct {
	all       Totals
	byPackage map[string]Totals
}

func newSums() sums { return sums{byPackage: make(map[string]Totals)} }

func (s *sums) add(f file) {
	s.all = s.all.plus(f.totals)
	s.byPackage[f.dir] = s.byPackage[f.dir].plus(f.totals)
}
