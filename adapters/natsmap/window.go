package natsmap

import "sync"

// A window knows which commands of a partition are open: handed to their keys, and not saved.
// The checkpoint is the last command that has none open at or before it.
type window struct {
	mu   sync.Mutex
	open []opened // by seq
	last uint64   // that was opened
}

type opened struct {
	seq  uint64
	done bool
}

// add opens a command. Sequences grow from call to call.
func (w *window) add(seq uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.last = seq
	w.open = append(w.open, opened{seq, false})
}

func (w *window) close(seq uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	low, high := 0, len(w.open)
	for low < high {
		if mid := (low + high) / 2; w.open[mid].seq < seq {
			low = mid + 1
		} else {
			high = mid
		}
	}
	w.open[low].done = true
	n := 0
	for n < len(w.open) && w.open[n].done {
		n++
	}
	w.open = w.open[n:]
}

// front returns the checkpoint, and how many commands are open.
func (w *window) front() (checkpoint uint64, open int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.open) == 0 {
		return w.last, 0
	}
	return w.open[0].seq - 1, len(w.open)
}

// idleAt moves the checkpoint of a partition that has no command open to seq: it is known to
// have no command in between.
func (w *window) idleAt(seq uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.open) == 0 {
		w.last = max(w.last, seq)
	}
}
