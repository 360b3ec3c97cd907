package writer_test

import (
	"io"
	"slices"
	"testing"
	"time"

	"github.com/go-desync/go-desync/adapters/writer"
)

// A slowTarget takes its time, like a disk or a network, without the processor.
type slowTarget struct{ takes time.Duration }

func (w slowTarget) Write(p []byte) (int, error) {
	if w.takes > 0 {
		time.Sleep(w.takes)
	}
	return len(p), nil
}

// BenchmarkCaller measures the time for which a Write keeps its caller: of bursts that
// find room, with the other writer and in the background in turn. It reports the
// medians and their ratio.
func BenchmarkCaller(b *testing.B) {
	line := make([]byte, 200)
	for _, c := range []struct {
		name string
		to   slowTarget
	}{
		{"writer=100µs", slowTarget{100 * time.Microsecond}},
		{"writer=discard", slowTarget{}},
	} {
		b.Run(c.name, func(b *testing.B) {
			const burst = 64
			w := writer.New(c.to, burst*(len(line)+writer.Overhead))
			var direct, background []float64
			for b.Loop() {
				direct = append(direct, timeBurst(c.to, line, burst))
				background = append(background, timeBurst(w, line, burst))
				if err := w.Flush(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
			d, bg := median(direct), median(background)
			b.ReportMetric(d, "direct-ns/write")
			b.ReportMetric(bg, "background-ns/write")
			b.ReportMetric(bg/d, "ratio")
		})
	}
}

func timeBurst(w io.Writer, line []byte, n int) (perWrite float64) {
	began := time.Now()
	for range n {
		_, _ = w.Write(line)
	}
	return float64(time.Since(began).Nanoseconds()) / float64(n)
}

func median(s []float64) float64 {
	slices.Sort(s)
	return s[len(s)/2]
}
