package conformance

import (
	"math"
	"runtime"
	"time"
)

// A pace is how fast the subject is, as far as it has been measured. An implementation
// that takes a millisecond for each job is slow and correct, so what the suite does in
// numbers follows its pace.
type pace struct {
	made time.Duration // for an object
	trip time.Duration // for a Do on an idle object
	job  time.Duration // for each of some queued jobs
}

// findPace measures the pace of the subject if no case has. If the measuring hangs, the
// rest of the case goes by what is known until then, and finds why.
func (t *trial) findPace() {
	if t.pace.Load() != nil {
		return
	}
	t.pace.Store(new(pace))
	done := t.goes(t.measure)
	for range 3 { // one that looks for work now and then seems to stand still
		if t.comes(done) {
			break
		}
	}
	if t.failed() {
		runtime.Goexit()
	}
}

// known returns the pace as far as it is known.
func (s *subject) known() pace {
	if p := s.pace.Load(); p != nil {
		return *p
	}
	return pace{}
}

// measure stores the pace whenever it knows more of it. On a busy machine some of what
// it measures is the waiting of others, so it takes the least of some measures.
func (t *trial) measure() {
	var p pace
	know := func() {
		now := p
		t.pace.Store(&now)
	}
	var o Object
	p.made = least(2, func() { o = t.object() })
	know()
	p.trip = least(3, func() { t.fence(o) })
	p.job = p.trip
	know()
	for _, jobs := range []int{10, 500} {
		p.job = least(3, func() {
			for range jobs {
				o.Async(func(*State) {})
			}
			t.fence(o)
		}) / time.Duration(jobs)
		know()
		if p.job > 50*time.Microsecond {
			break
		}
	}
}

// least returns how long f takes, by the shortest of some runs. It runs a slow one once.
func least(runs int, f func()) (d time.Duration) {
	for n := range runs {
		start := time.Now()
		f()
		if took := time.Since(start); n == 0 || took < d {
			d = took
		}
		if d > 100*time.Millisecond {
			break
		}
	}
	return d
}

// patch is how long a case with things to do in numbers takes for them.
func (s *subject) patch() time.Duration {
	if s.o.budget == Short {
		return 2 * time.Second
	}
	return 10 * time.Second
}

// fit returns how many of n things of some kind a case can do that cost so much each. If
// these are fewer than the least that say anything, the case is inconclusive.
func (t *trial) fit(n, least int, things string, cost func(pace) time.Duration) int {
	t.findPace()
	each := cost(t.known())
	if each <= 0 || time.Duration(n) <= t.patch()/each {
		return n
	}
	fits := int(t.patch() / each)
	if fits < least {
		t.inconclusive("it is too slow here: %d %s, the least that say anything, would take %v", least, things, (time.Duration(least) * each).Round(time.Millisecond))
	}
	return fits
}

// jobs is fit for queued jobs.
func (t *trial) jobs(n, least int) int {
	return t.fit(n, least, "jobs", func(p pace) time.Duration { return p.job })
}

// objectsAtPace is fit for objects, on each of which the case waits for some jobs.
func (t *trial) objectsAtPace(n, least, waits int) int {
	return t.fit(n, least, "objects", func(p pace) time.Duration { return p.made + time.Duration(waits)*p.trip })
}

// callsAtPace returns how many calls each of some programs may make.
func (s *subject) callsAtPace(programs, objects int) int {
	p := s.known()
	if p.trip == 0 {
		return math.MaxInt
	}
	rest := s.patch()/time.Duration(programs) - time.Duration(objects)*p.made
	return int(max(8, rest/p.trip))
}

// rounds is fit for rounds of some calls, each on an idle object.
func (t *trial) rounds(n, least, calls int) int {
	return t.fit(n, least, "rounds", func(p pace) time.Duration { return time.Duration(calls) * p.trip })
}
