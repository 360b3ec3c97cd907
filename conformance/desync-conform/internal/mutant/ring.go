package mutant

// A ring is a queue of entries.
type ring struct {
	*shared
	buf  []*entry
	head int
	n    int
}

func (r *ring) at(i int) **entry { return &r.buf[(r.head+i)%len(r.buf)] }

func (r *ring) push(e *entry) {
	if r.n == len(r.buf) {
		r.grow()
	}
	r.n++
	*r.at(r.n - 1) = e
	if (r.is(ringWrapOffByOne) || r.is(ringWrapsWrongFrom) && len(r.buf) >= r.param.n) &&
		r.n > 1 && (r.head+r.n-1)%len(r.buf) == 0 {
		a, b := r.at(r.n-2), r.at(r.n-1)
		*a, *b = *b, *a
	}
}

func (r *ring) pushFront(e *entry) {
	r.push(nil)
	for i := r.n - 1; i > 0; i-- {
		*r.at(i) = *r.at(i - 1)
	}
	*r.at(0) = e
}

func (r *ring) grow() {
	buf := make([]*entry, max(8, 2*len(r.buf)))
	for i := range r.n {
		if r.is(orderBrokenAfterGrowth) || r.is(growthBreaksOrderFrom) && len(r.buf) >= r.param.n {
			buf[i] = r.buf[i]
		} else {
			buf[i] = *r.at(i)
		}
	}
	doubles := r.is(duplicateOnGrowth) || r.is(growthDoublesFrom) && len(r.buf) >= r.param.n
	r.buf, r.head = buf, 0
	if doubles && r.n > 0 && buf[r.n-1].job != nil {
		buf[r.n] = buf[r.n-1]
		r.n++
	}
}

// remove takes out the i-th entry.
func (r *ring) remove(i int) *entry {
	e := *r.at(i)
	if i == 0 {
		if !r.keeps() {
			*r.at(0) = nil
		}
		r.head = (r.head + 1) % len(r.buf)
	} else {
		for ; i < r.n-1; i++ {
			*r.at(i) = *r.at(i + 1)
		}
		*r.at(i) = nil
	}
	if r.n--; r.n == 0 && len(r.buf) > 64 && !r.keeps() {
		r.buf, r.head = nil, 0
	}
	return e
}

// keeps reports whether the ring keeps its size, and what was in it.
func (r *ring) keeps() bool {
	return r.is(queueMemoryKept) || r.is(queueMemoryKeptFrom) && len(r.buf) >= r.param.n
}

// find returns the place of the first entry for which f is true, or -1.
func (r *ring) find(f func(*entry) bool) int {
	for i := range r.n {
		if f(*r.at(i)) {
			return i
		}
	}
	return -1
}

// all returns the entries in order.
func (r *ring) all() []*entry {
	list := make([]*entry, r.n)
	for i := range list {
		list[i] = *r.at(i)
	}
	return list
}
