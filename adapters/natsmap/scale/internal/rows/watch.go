package rows

import (
	"fmt"
	"time"

	"github.com/go-desync/go-desync/adapters/natsmap/scale/internal/child"
)

// A watch measures how long something takes that this process and a worker do.
type watch struct {
	e     *env
	w     *child.Process
	begun time.Time
	had   time.Duration // the time of held when it began
}

// watch begins to measure. w is nil if the worker has been stopped, which looks to it like a
// machine that has kept it from running.
func (e *env) watch(w *child.Process) watch {
	m := watch{e: e, w: w, begun: time.Now()}
	m.had = m.held()
	return m
}

// held returns for how long the machine has kept the two from running.
func (w watch) held() time.Duration {
	d := w.e.held.Time() - w.had
	if w.w != nil {
		d += w.w.Last().Held
	}
	return d
}

// within requires that it has taken at most limit and what the machine has held it up.
func (w watch) within(limit time.Duration, what string) {
	took, held := time.Since(w.begun), w.held()
	text := fmt.Sprintf("%s after %v", what, round(took))
	if held > 50*time.Millisecond {
		text += fmt.Sprintf(" (the machine has held it up for %v)", round(held))
	}
	w.e.figure("%s", text)
	w.e.require(took <= limit+held, "%s; at most %v are allowed", text, limit)
}
