package child

import (
	"context"
	"sync/atomic"
	"time"
)

// Held measures for how long the machine has kept this process from running: how much longer
// than they should short sleeps have taken. On a busy machine that is why others wait for it.
type Held struct{ late atomic.Int64 }

// Measure measures until ctx ends.
func (h *Held) Measure(ctx context.Context) {
	const nap, usual = 20 * time.Millisecond, 5 * time.Millisecond
	for ctx.Err() == nil {
		begun := time.Now()
		time.Sleep(nap)
		if late := time.Since(begun) - nap; late > usual {
			h.late.Add(int64(late))
		}
	}
}

// Time returns how long that was until now.
func (h *Held) Time() time.Duration { return time.Duration(h.late.Load()) }
