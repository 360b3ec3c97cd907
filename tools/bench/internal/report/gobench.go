package report

import (
	"fmt"
	"io"
	"strings"

	"golang.org/x/perf/benchfmt"

	"github.com/go-desync/go-desync/tools/bench/internal/measure"
)

// WriteGoBench writes the figures of every round in the format of Go's benchmarks, so
// that benchstat can compare two reports. Where times are measured it writes ratios,
// which depend less on the machine, and otherwise the figures of Desync. Above them
// it writes the configuration, which must be the same in both reports.
func (r *Report) WriteGoBench(w io.Writer) error {
	out := benchfmt.NewWriter(w)
	config := r.config()
	type key struct{ name, unit string }
	written := map[key]bool{}
	for _, row := range r.Rows {
		if row.Samples == nil {
			continue
		}
		k, figures := key{ID(row.Workload) + "/" + alone, oneWord.Replace(string(row.Unit))}, row.Samples.Own
		if row.Ratio != nil {
			k, figures = key{row.ID(), "ratio"}, measure.Ratios(row.Samples.Own, row.Samples.Peer)
		}
		// Rows against several peers have the same figures of Desync.
		if written[k] {
			continue
		}
		written[k] = true
		for _, f := range figures {
			result := benchfmt.Result{Config: config, Name: benchfmt.Name("Row/" + k.name), Iters: 1, Values: []benchfmt.Value{{Value: f, Unit: k.unit}}}
			if err := out.Write(&result); err != nil {
				return err
			}
		}
	}
	return nil
}

// config returns the configuration that the figures depend on. benchstat does not
// compare figures of different configurations.
func (r *Report) config() (config []benchfmt.Config) {
	m := r.Machine
	for _, c := range [][2]string{
		{"goos", m.OS},
		{"goarch", m.Arch},
		{"cpu", m.CPU},
		{"gomaxprocs", fmt.Sprint(m.GOMAXPROCS)},
		{"go", m.Go},
		{"quick", fmt.Sprint(r.Quick)},
		{"peers", r.versions()},
	} {
		config = append(config, benchfmt.Config{Key: c[0], Value: []byte(c[1]), File: true})
	}
	return config
}

// oneWord makes one word of a unit, as the format requires.
var oneWord = strings.NewReplacer(", ", "-", " ", "-")
