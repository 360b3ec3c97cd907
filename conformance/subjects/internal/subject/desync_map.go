package subject

import (
	"time"

	"github.com/go-desync/go-desync/conformance"
	"github.com/go-desync/go-desync/desync"
)

// keyed is a Map with the methods that the suite knows.
type keyed struct {
	m *desync.Map[int, conformance.State]
}

func newKeyed(conformance.Setup) (conformance.Keyed, error) {
	return keyed{desync.NewMap(func(int) (s conformance.State) { return s })}, nil
}

// At returns a Key, which is an Object as it is.
func (k keyed) At(key int) conformance.Object { return k.m.At(key) }

func (k keyed) Delete(key int) { k.m.Delete(key) }

func (k keyed) Len() int { return k.m.Len() }

func (k keyed) EvictIdle(after time.Duration, evicted func(int, *conformance.State) error) {
	k.m.OnRemove(evicted, func(int, error) {})
	k.m.EvictIdle(after)
}

func (k keyed) DeleteIf(key int, job func(*conformance.State) bool) bool {
	return k.m.At(key).DeleteIf(job)
}

func (k keyed) DoIfPresent(key int, job func(*conformance.State)) bool {
	return k.m.At(key).DoIfPresent(job)
}
