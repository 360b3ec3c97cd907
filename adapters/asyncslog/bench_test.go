package asyncslog_test

import (
	"io"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/go-desync/go-desync/adapters/asyncslog"
)

// A slowWriter takes its time, like a disk or a network, without the processor.
type slowWriter struct{ takes time.Duration }

func (w slowWriter) Write(p []byte) (int, error) {
	if w.takes > 0 {
		time.Sleep(w.takes)
	}
	return len(p), nil
}

// BenchmarkCaller measures the time for which a call of a logger keeps its caller:
// of bursts that find room in the queue, with the wrapped handler and in the
// background in turn. It reports the medians and their ratio.
func BenchmarkCaller(b *testing.B) {
	const burst = 64
	for _, c := range []struct {
		name string
		w    io.Writer
	}{
		{"writer=100µs", slowWriter{100 * time.Microsecond}},
		{"writer=10µs", slowWriter{10 * time.Microsecond}},
		{"writer=discard", slowWriter{}},
	} {
		b.Run(c.name, func(b *testing.B) {
			next := slog.NewJSONHandler(c.w, nil)
			h := asyncslog.New(next, burst, asyncslog.Wait)
			var wrapped, background []float64
			for b.Loop() {
				wrapped = append(wrapped, timeBurst(slog.New(next), burst))
				background = append(background, timeBurst(slog.New(h), burst))
				if err := h.Flush(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
			w, bg := median(wrapped), median(background)
			b.ReportMetric(w, "wrapped-ns/record")
			b.ReportMetric(bg, "background-ns/record")
			b.ReportMetric(bg/w, "ratio")
		})
	}
}

func timeBurst(log *slog.Logger, n int) (perRecord float64) {
	began := time.Now()
	for i := range n {
		log.Info("request served", "method", "GET", "path", "/orders/17", "status", 200, "i", i)
	}
	return float64(time.Since(began).Nanoseconds()) / float64(n)
}

func median(s []float64) float64 {
	slices.Sort(s)
	return s[len(s)/2]
}
