package flight

import (
	"sync"
	"time"
)

// A stop is a time in which the process did not go on for most of it.
type stop struct {
	end    time.Time
	length time.Duration // from the last beat before it
}

// A pulse notices when the process is stopped. It has a goroutine of its own, which does
// nothing else: the watchdog may be at work, or in a Report, for long.
type pulse struct {
	every time.Duration

	mu    sync.Mutex
	last  time.Time // of the last beat
	stops []stop    // not taken yet
}

// The scheduler of a busy machine may be late by less than this.
const minStop = time.Second

// startPulse starts the goroutine, which end ends.
func startPulse(every time.Duration) (p *pulse, end func()) {
	p = &pulse{every: every, last: time.Now()}
	ended := make(chan struct{})
	var running sync.WaitGroup
	running.Go(func() {
		t := time.NewTicker(every)
		defer t.Stop()
		for {
			select {
			case <-ended:
				return
			case <-t.C:
				p.beat(time.Now())
			}
		}
	})
	return p, func() {
		close(ended)
		running.Wait()
	}
}

func (p *pulse) beat(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.beatLocked(now)
}

func (p *pulse) beatLocked(now time.Time) {
	if length := now.Sub(p.last); length-p.every >= max(minStop, p.every) {
		p.stops = append(p.stops, stop{now, length})
	}
	if now.After(p.last) {
		p.last = now
	}
}

// take returns the stops that have not been taken. After one, the caller may be the first that
// notices.
func (p *pulse) take(now time.Time) []stop {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.beatLocked(now)
	stops := p.stops
	p.stops = nil
	return stops
}
