package measure

import (
	"slices"
	"testing"
)

func TestQuartiles(t *testing.T) {
	for _, c := range []struct {
		figures []float64
		want    Spread
	}{
		{[]float64{7}, Spread{7, 7, 7}},
		{[]float64{2, 1}, Spread{1.25, 1.5, 1.75}},
		{[]float64{5, 1, 4, 2, 3}, Spread{2, 3, 4}},
		{[]float64{1, 100, 3, 2}, Spread{1.75, 2.5, 27.25}},
	} {
		given := slices.Clone(c.figures)
		if got := Quartiles(c.figures); got != c.want {
			t.Errorf("Quartiles(%v) = %v, want %v", given, got, c.want)
		}
		if !slices.Equal(c.figures, given) {
			t.Errorf("Quartiles(%v) has changed its argument to %v", given, c.figures)
		}
	}
}

func TestRatiosAreOfTheSameRound(t *testing.T) {
	if got, want := Ratios([]float64{10, 30}, []float64{20, 10}), []float64{0.5, 3}; !slices.Equal(got, want) {
		t.Errorf("Ratios = %v, want %v", got, want)
	}
}
