package workspace

import (
	"maps"
	"slices"
	"strings"

	"golang.org/x/mod/module"
)

// WithSums replaces the lines of a go.sum for our modules by the lines ours, in
// the order of the go command.
func WithSums(goSum string, ours []string) string {
	lines := make(map[module.Version]string)
	for _, line := range slices.Concat(slices.Collect(strings.Lines(goSum)), ours) {
		fields := strings.Fields(line)
		if len(fields) != 3 || strings.HasPrefix(line, Prefix+"/") && !slices.Contains(ours, line) {
			continue
		}
		lines[module.Version{Path: fields[0], Version: fields[1]}] = line
	}
	order := slices.Collect(maps.Keys(lines))
	module.Sort(order)
	var b strings.Builder
	for _, m := range order {
		b.WriteString(lines[m])
	}
	return b.String()
}
