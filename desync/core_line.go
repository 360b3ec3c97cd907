package desync

// line is a list of waiters. It is guarded by the object's mu.
type line struct {
	first, last *waiter
	woken       *waiter // valid while woken is set
	n           int     // in the list

	// passes is how often the turn is given up until a holder yields to the woken waiter;
	// owned by the holder.
	passes int
}

func (l *line) push(w *waiter) {
	w.inLine = true
	w.prev, w.next = l.last, nil
	if l.last == nil {
		l.first = w
	} else {
		l.last.next = w
	}
	l.last = w
	l.n++
}

func (l *line) pushFront(w *waiter) {
	w.inLine = true
	w.prev, w.next = nil, l.first
	if l.first == nil {
		l.last = w
	} else {
		l.first.prev = w
	}
	l.first = w
	l.n++
}

func (l *line) remove(w *waiter) {
	if w.prev == nil {
		l.first = w.next
	} else {
		w.prev.next = w.next
	}
	if w.next == nil {
		l.last = w.prev
	} else {
		w.next.prev = w.prev
	}
	w.prev, w.next = nil, nil
	w.inLine = false
	l.n--
}
