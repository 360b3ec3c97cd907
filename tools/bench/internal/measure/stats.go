package measure

import "slices"

// A Spread is the median of some figures, with the quartiles.
type Spread struct {
	Low, Median, High float64
}

// Quartiles returns the spread of the figures, of which there is at least one.
// Between two figures it interpolates.
func Quartiles(figures []float64) Spread {
	s := slices.Sorted(slices.Values(figures))
	at := func(share float64) float64 {
		place := share * float64(len(s)-1)
		below := int(place)
		above := min(below+1, len(s)-1)
		return s[below] + (place-float64(below))*(s[above]-s[below])
	}
	return Spread{Low: at(0.25), Median: at(0.5), High: at(0.75)}
}

// Ratios divides the figures of two series round by round.
func Ratios(of, by []float64) []float64 {
	ratios := make([]float64, len(of))
	for i := range of {
		ratios[i] = of[i] / by[i]
	}
	return ratios
}
