package flight

import (
	"cmp"
	"slices"
	"strings"
	"time"
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
		slots = r.stripes[i].copyTo(s, slots, &own)
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

// copyTo adds what the stripe has to a snapshot. Jobs that need the stripe wait meanwhile.
func (st *stripe) copyTo(s *Snapshot, slots []slot, own *[ownNames]Name) []slot {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.each(func(p *slot) { slots = append(slots, *p) })
	st.addTo(own)
	s.Recorded += st.recorded
	s.Dropped += st.dropped
	return slots
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
