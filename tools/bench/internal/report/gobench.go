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
// which depend less on the machine, otherwise the figures of Desync. What must be the
// same for a comparison stands above them.
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

// config is what the figures depend on. benchstat keeps apart what differs in it.
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

// oneWord makes one word of a unit, as the format wants it.
var oneWord = strings.NewReplacer(", ", "-", " ", "-")
