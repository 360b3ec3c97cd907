package conformance

import (
	"sync/atomic"
	"time"

	"github.com/go-desync/go-desync/conformance/internal/standstill"
)

// A subject is the implementation that a run is on, and what the run knows of it and of
// its surroundings.
type subject struct {
	f Factory
	o options

	remote *remote // the peer that has the objects; nil if they are in this process

	slowdown float64           // of the machine; see calibrate
	deadline time.Time         // of a soak, or zero
	before   standstill.Census // the goroutines that were there when the run began
	spoiled  map[spoil]string  // the cells that hang, and by which rule they should not
	calm     string            // why cells whose jobs do not return are left out
	noNew    bool              // New has not returned
	there    map[Feature]bool  // what the object has methods for, once META-1 has looked

	pace atomic.Pointer[pace] // nil until a case has asked for it
}

// has reports whether a feature is claimed and, as far as META-1 can tell, there.
func (s *subject) has(f Feature) bool {
	return s.f.claimOf(f).Supported() && (!f.byInterface() || s.there == nil || s.there[f])
}

func (s *subject) scaled(d time.Duration) time.Duration {
	return time.Duration(float64(d) * s.slowdown)
}

// slice is how long a stochastic case may take.
func (s *subject) slice() time.Duration {
	switch s.o.budget {
	case Full:
		return 3 * time.Second
	case Soak:
		if !s.deadline.IsZero() {
			return max(3*time.Second, time.Until(s.deadline)/20)
		}
		return time.Minute
	}
	return 250 * time.Millisecond
}

// logf writes to the log of the run, if there is one.
func (s *subject) logf(format string, args ...any) {
	if s.o.logf != nil {
		s.o.logf(format, args...)
	}
}
