package conformance

import "testing"

func TestGoid(t *testing.T) {
	mine := goid()
	other := make(chan uint64)
	go func() { other <- goid() }()
	if o := <-other; mine == 0 || o == 0 || mine == o || mine != goid() {
		t.Errorf("goid gives %d and %d for two goroutines, and then %d for the first", mine, o, goid())
	}
}
