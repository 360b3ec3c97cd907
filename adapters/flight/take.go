package flight

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-desync/go-desync/desync"
)

// Snapshot returns what the recorder knows now. While it copies a sixteenth of the jobs,
// calls that have their records there wait for it, for some microseconds. It calls the
// function of [ShowKeys], if there is one, and waits for it for at most a second.
//
// A job is there once, and no part of it is older than the rest. But jobs that begin or end
// meanwhile may be seen before or after. If a later job of the same object has started, it is
// certain that the job has ended; then its Finished is the other's Started, even though how it
// has ended is not known yet.
func (r *Recorder) Snapshot() *Snapshot {
	s := &Snapshot{}
	slots := make([]slot, 0, len(r.stripes)*len(r.stripes[0].slots))
	var own [ownNames]Name
	for i := range r.stripes {
		st := &r.stripes[i]
		st.mu.Lock()
		st.each(func(p *slot) { slots = append(slots, *p) })
		st.addTo(&own)
		s.Recorded += st.recorded
		s.Dropped += st.dropped
		st.mu.Unlock()
	}
	names, examples := r.names.load(&own)

	s.Taken = time.Now() // not before anything of it
	v := r.view(s.Taken)
	v.show(slots, examples)
	s.Jobs = make([]Job, len(slots))
	stats := make([]uint8, len(slots))
	for i, k := range byID(slots) {
		s.Jobs[i], stats[i] = v.job(&slots[k.at]), slots[k.at].stat
	}
	s.endThoseThatWereFollowed()
	s.Names = names
	for i := range s.Names {
		s.Names[i].Name = strings.ToValidUTF8(s.Names[i].Name, "\uFFFD")
	}
	v.examples(s.Names, examples)
	s.countInFlight(stats)
	slices.SortStableFunc(s.Names, func(a, b Name) int { return cmp.Compare(a.Name, b.Name) })
	return s
}

// A slotID says where the slot of a job is. It is small and has no pointer, so that sorting is
// fast.
type slotID struct {
	id uint64
	at int
}

func byID(slots []slot) []slotID {
	all := make([]slotID, len(slots))
	for i := range slots {
		all[i] = slotID{slots[i].id, i}
	}
	slices.SortFunc(all, func(a, b slotID) int { return cmp.Compare(a.id, b.id) })
	return all
}

// endThoseThatWereFollowed ends the jobs that are known to have ended because a later one of
// their object has started.
func (s *Snapshot) endThoseThatWereFollowed() {
	running := map[uint64][]int{}
	for i := range s.Jobs {
		if j := &s.Jobs[i]; j.running() {
			running[j.ObjectID] = append(running[j.ObjectID], i)
		}
	}
	for i := range s.Jobs {
		later := &s.Jobs[i]
		if later.Started.IsZero() {
			continue
		}
		for _, k := range running[later.ObjectID] {
			j := &s.Jobs[k]
			if j.ID != later.ID && later.Started.After(j.Started) && (j.Finished.IsZero() || later.Started.Before(j.Finished)) {
				j.Finished = later.Started
			}
		}
	}
}

// countInFlight fills the names' numbers of jobs in flight. stats are where the counts of the
// jobs are.
func (s *Snapshot) countInFlight(stats []uint8) {
	for i, stat := range stats {
		n := &s.Names[stat]
		switch j := &s.Jobs[i]; {
		case !j.Finished.IsZero():
		case !j.Started.IsZero():
			n.Running++
		case !j.Held.IsZero():
			n.Held++
		default:
			n.Queued++
		}
	}
}

// addTo adds the counts of the first names.
func (st *stripe) addTo(own *[ownNames]Name) {
	for i := range st.counts {
		st.counts[i].merge(&own[i])
	}
}

// load returns the names, by their index in slots, and their examples by kind. own are the
// counts of the first.
func (all *names) load(own *[ownNames]Name) (loaded []Name, examples [][kinds][]slot) {
	used := int(all.used.Load())
	loaded, examples = make([]Name, used), make([][kinds][]slot, used)
	for i := range used {
		n := &all.all[i]
		if i < ownNames {
			loaded[i] = own[i]
		}
		loaded[i].Name = n.text
		n.mu.Lock()
		n.counts.merge(&loaded[i])
		for k, b := range n.examples {
			if b != nil {
				examples[i][k] = slices.Clone(b.jobs[:min(b.n, len(b.jobs))])
			}
		}
		n.mu.Unlock()
	}
	return loaded, examples
}

// A view turns slots into jobs as they were seen at a moment.
type view struct {
	r      *Recorder
	now    time.Time
	offset int64
	texts  map[uint64]string // of objects whose keys are shown
	labels map[uint64]string
	codes  map[uintptr]string
}

func (r *Recorder) view(now time.Time) *view {
	return &view{r: r, now: now, offset: r.offset(now), labels: map[uint64]string{}, codes: map[uintptr]string{}}
}

// show has the keys of all objects shown.
func (v *view) show(slots []slot, examples [][kinds][]slot) {
	if v.r.show == nil {
		return
	}
	keys := map[uint64]shownKey{}
	add := func(all []slot) {
		for _, s := range all {
			if s.key != nil {
				keys[s.objectID] = shownKey{s.name, s.key}
			}
		}
	}
	add(slots)
	for _, kinds := range examples {
		for _, all := range kinds {
			add(all)
		}
	}
	v.texts = v.r.shown(keys)
}

// examples fills the examples of names.
func (v *view) examples(all []Name, examples [][kinds][]slot) {
	for i := range all {
		n := &all[i]
		for kind, slots := range examples[i] {
			to := &n.Slow
			switch kind {
			case kindUnwound:
				to = &n.Failed
			case kindNotRun:
				to = &n.Canceled
			}
			for k := range slots {
				*to = append(*to, v.job(&slots[k]))
			}
		}
		slices.SortFunc(n.Slow, func(a, b Job) int {
			return cmp.Or(cmp.Compare(b.Finished.Sub(b.Queued), a.Finished.Sub(a.Queued)), cmp.Compare(a.ID, b.ID))
		})
		latestFirst := func(a, b Job) int { return cmp.Compare(b.ID, a.ID) }
		slices.SortFunc(n.Failed, latestFirst)
		slices.SortFunc(n.Canceled, latestFirst)
	}
}

func (v *view) job(s *slot) Job {
	return Job{
		ID: s.id, Name: strings.ToValidUTF8(s.name, "\uFFFD"), Object: v.label(s), ObjectID: s.objectID,
		Set: s.set, Within: s.within, Call: desync.Call(s.call), Waits: s.waits, Ahead: int(s.ahead), Code: v.code(s.code),
		Queued: v.time(s.queued), Held: v.time(s.held), Started: v.time(s.started), Finished: v.time(s.finished),
		Outcome: desync.Outcome(s.outcome), Err: strings.ToValidUTF8(s.err, "\uFFFD"),
	}
}

func (v *view) label(s *slot) string {
	text, ok := v.labels[s.objectID]
	if !ok {
		text = fmt.Sprintf("%s#%d", s.name, s.objectID)
		if key := v.texts[s.objectID]; key != "" {
			text = s.name + "[" + key + "]"
		}
		text = strings.ToValidUTF8(text, "\uFFFD")
		v.labels[s.objectID] = text
	}
	return text
}

func (v *view) code(pc uintptr) string {
	text, ok := v.codes[pc]
	if !ok {
		text = codeAt(pc)
		v.codes[pc] = text
	}
	return text
}

// time returns the time of an offset. It goes by the monotonic clock, so that steps of the
// wall clock do not change how long something took, except for the times of another clock.
func (v *view) time(offset int64) time.Time {
	switch d := time.Duration(offset - v.offset); {
	case offset == 0:
		return time.Time{}
	case foreign(d):
		return v.r.base.Add(time.Duration(offset))
	default:
		return v.now.Add(d)
	}
}

// foreign reports whether two times that are so far apart are of different clocks. A bubble
// of testing/synctest begins in the year 2000.
func foreign(d time.Duration) bool {
	const decade = 10 * 365 * 24 * time.Hour
	return d < -decade || d > decade
}
