package flight

import "time"

// Count returns how many durations there are.
func (h Histogram) Count() (n uint64) {
	for _, c := range h.Counts {
		n += c
	}
	return n
}

// Quantile returns a duration below which the part q of the durations lies, from 0 to 1. It
// is a power of two of nanoseconds, so it may be up to twice too large. For those of 17
// seconds and longer, which are not told apart, it is their least, and for an empty Histogram
// it is 0.
func (h Histogram) Quantile(q float64) time.Duration {
	n := h.Count()
	if n == 0 {
		return 0
	}
	below := uint64(0)
	for i, c := range h.Counts {
		below += c
		if c > 0 && float64(below) >= q*float64(n) {
			return time.Duration(1) << min(i, histogramSize-2)
		}
	}
	return 1 << (histogramSize - 2)
}
