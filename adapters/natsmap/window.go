package natsmap

import "sync"

// A window knows which commands of a partition are open: handed to their keys, and not saved.
// Its front is the last command that has none open at or before it.
type window struct {
	mu    sync.Mutex
	first *opened // the open ones, by seq
	end   *opened
	n     int
	last  uint64 // that was opened or passed over
}

// An opened is a place in the list of open commands. The list has no place for one that is
// closed, so it stays short behind one that is open for long.
type opened struct {
	seq          uint64
	before, next *opened
}

// add opens a command. Sequences grow from call to call. The function that it returns, which is
// called once, closes it.
func (w *window) add(seq uint64) (pass func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.last = seq
	o := &opened{seq: seq, before: w.end}
	if w.end == nil {
		w.first = o
	} else {
		w.end.next = o
	}
	w.end = o
	w.n++
	return func() { w.close(o) }
}

func (w *window) close(o *opened) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if o.before == nil {
		w.first = o.next
	} else {
		o.before.next = o.next
	}
	if o.next == nil {
		w.end = o.before
	} else {
		o.next.before = o.before
	}
	w.n--
}

// pass moves the front over a command that is not opened.
func (w *window) pass(seq uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.last = max(w.last, seq)
}

// seen returns the last command that was opened or passed over.
func (w *window) seen() uint64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.last
}

// front returns how far the front is, and how many commands are open.
func (w *window) front() (seq uint64, open int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.first == nil {
		return w.last, 0
	}
	return w.first.seq - 1, w.n
}
