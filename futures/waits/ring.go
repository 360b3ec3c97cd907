//go:build race || desyncdebug

package waits

import (
	"cmp"
	"slices"
)

// Begin notes the wait. If that would close a ring, it returns a function that returns
// the waits of the ring; call it when no lock is held.
func (w *Waiting) Begin() (ring func() []Wait) {
	graph.Lock()
	defer graph.Unlock()
	graph.clock++
	for _, j := range w.on {
		if j != nil && j.began == 0 && j.on.Key != nil {
			j.began = graph.clock
		}
	}
	s := search{root: w, seen: make(map[goroutine]bool)}
	if links := s.from(w); links != nil && !w.isOver() {
		return func() []Wait { return described(links) }
	}
	graph.waits[w.by] = w
	return nil
}

// Placed notes that the wait, which is for several objects, has its places in all of
// their queues.
func (w *Waiting) Placed() {
	graph.Lock()
	defer graph.Unlock()
	graph.clock++
	w.placed = graph.clock
	graph.placed[w.by] = w
}

// Granted notes that the waiting goroutine has got the object with this key, and waits
// for others. It does nothing if the wait has ended.
func (w *Waiting) Granted(key any) {
	graph.Lock()
	defer graph.Unlock()
	if graph.placed[w.by] != w {
		return
	}
	for _, j := range w.on {
		if j.on.Key == key {
			graph.holders[key] = holder{w.by, j.on, w.placed}
		}
	}
}

// InBackground makes w the wait of a job in the background that needs several objects: no
// goroutine waits. Call it before Begin.
func (w *Waiting) InBackground() {
	graph.Lock()
	defer graph.Unlock()
	graph.clock++
	w.by = ^goroutine(graph.clock) // no goroutine has a number as high as this
}

// Taken notes that the job of a wait in the background has all of its objects and runs on
// the calling goroutine.
func (w *Waiting) Taken() {
	g := self()
	graph.Lock()
	defer graph.Unlock()
	for _, j := range w.on {
		if h, held := graph.holders[j.on.Key]; held && h.by == w.by {
			h.by = g
			graph.holders[j.on.Key] = h
		}
	}
	endWait(w.by)
}

func (w *Waiting) isOver() bool { return w.over != nil && w.over() }

// A search looks for the ring that root closes.
type search struct {
	root *Waiting
	seen map[goroutine]bool // goroutines looked at; they may be in a ring without root
}

// A link is a Wait without its description, which may call the user's functions.
type link struct {
	on   Object
	call string
}

func described(links []link) (ring []Wait) {
	for _, l := range links {
		ring = append(ring, Wait{Object: l.on.Describe(), Call: l.call})
	}
	return ring
}

// from follows w to the goroutine of root, and returns the waits on the way.
func (s *search) from(w *Waiting) []link {
	for _, j := range w.on {
		if j == nil || j.began == 0 || j.over.Load() {
			continue
		}
		h, held := graph.holders[j.on.Key]
		if held && h.by == w.by && w != s.root {
			continue // it waits for others
		}
		first := link{j.on, call(w.calls, 0)}
		for _, b := range blockers(j) {
			if b == s.root.by {
				return append([]link{first}, s.root.nested(j.on)...)
			}
			if s.seen[b] {
				continue
			}
			s.seen[b] = true
			next, ok := graph.waits[b]
			if !ok || next.mayEnd || next.isOver() {
				continue
			}
			if rest := s.from(next); rest != nil {
				return slices.Concat([]link{first}, next.nested(j.on), rest)
			}
		}
	}
	return nil
}

// blockers returns the goroutines that must let go of the object of j before j can run:
// its holder, and every goroutine that waits for several objects and has a place before
// j. A goroutine that waits before j for this object alone gets it when the holder lets
// go, so it need not be followed.
func blockers(j *Job) (all []goroutine) {
	h, held := graph.holders[j.on.Key]
	if held {
		all = append(all, h.by)
	}
	for g, w := range graph.placed {
		if w.placed > j.began || held && h.by == g {
			continue
		}
		if slices.ContainsFunc(w.on, func(other *Job) bool { return other.on.Key == j.on.Key }) {
			all = append(all, g)
		}
	}
	return all
}

// nested returns the waits for other objects that the goroutine of w has taken inside
// the job that holds o, outermost first. These waits have ended.
func (w *Waiting) nested(o Object) (links []link) {
	h, ok := graph.holders[o.Key]
	if !ok || h.by != w.by {
		return nil
	}
	var all []holder
	for _, other := range graph.holders {
		if other.by == w.by && (w.placed == 0 || other.call != w.placed) {
			all = append(all, other)
		}
	}
	slices.SortFunc(all, func(a, b holder) int { return cmp.Compare(b.call, a.call) })
	all = slices.CompactFunc(all, func(a, b holder) bool { return a.call == b.call })
	calls := w.calls
	if len(calls) > 1+len(all) {
		calls = nil // some of the calls hold nothing, and it is not known which
	}
	for i, other := range all {
		if other.call > h.call {
			links = append(links, link{other.on, call(calls, 1+i)})
		}
	}
	slices.Reverse(links)
	return links
}

func call(calls []string, i int) string {
	if i < len(calls) {
		return calls[i]
	}
	return ""
}
