package natsmap

import (
	"maps"
	"sync"
)

// holds are the keys of a partition that keep the log from being cut: those that are parked, or
// that catch up, and the first command of each that has still to run.
type holds struct {
	mu     sync.Mutex
	keys   map[string]uint64
	before uint64 // where the owner before has held the log, until its keys are found
}

func (h *holds) add(key string, seq uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.keys == nil {
		h.keys = map[string]uint64{}
	}
	h.keys[key] = seq
}

func (h *holds) remove(key string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.keys, key)
}

// found notes that all keys were added that the owner before has held.
func (h *holds) found() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.before = 0
}

// first returns the first command at which the log must not be cut, or 0.
func (h *holds) first() uint64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	seq := h.before
	for _, at := range h.keys {
		if seq == 0 || at < seq {
			seq = at
		}
	}
	return seq
}

func (h *holds) all() map[string]uint64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return maps.Clone(h.keys)
}
