package flight

import (
	"cmp"
	"slices"
	"time"
)

// An Object is an object that has jobs in flight.
type Object struct {
	ObjectID uint64        `json:"objectID"`
	Name     string        `json:"name"`
	Object   string        `json:"object"`           // as in Job
	Depth    int           `json:"depth"`            // jobs in flight, the holder included
	Holder   *Job          `json:"holder,omitempty"` // runs, or holds the object without running; nil if none does
	Oldest   *Job          `json:"oldest,omitempty"` // the one that has waited longest; nil if none waits
	Wait     time.Duration `json:"wait"`             // how long Oldest has waited
}

// Busy returns the objects that have jobs in flight, the deepest first, and of those the one
// with the longest wait. If s.Dropped is not 0, there are more jobs, and perhaps objects.
func (s *Snapshot) Busy() []Object {
	var all []Object
	index := map[uint64]int{}
	for i := range s.Jobs {
		j := &s.Jobs[i]
		if !j.inFlight() {
			continue
		}
		k, ok := index[j.ObjectID]
		if !ok {
			k = len(all)
			index[j.ObjectID] = k
			all = append(all, Object{ObjectID: j.ObjectID, Name: j.Name, Object: j.Object})
		}
		o := &all[k]
		o.Depth++
		switch {
		case j.running(), j.held():
			o.Holder = j
		case o.Oldest == nil || j.Queued.Before(o.Oldest.Queued):
			o.Oldest, o.Wait = j, s.since(j.Queued)
		}
	}
	slices.SortFunc(all, func(a, b Object) int {
		return cmp.Or(cmp.Compare(b.Depth, a.Depth), cmp.Compare(b.Wait, a.Wait), cmp.Compare(a.ObjectID, b.ObjectID))
	})
	return all
}

// A Share is what one object has of the jobs of its name.
type Share struct {
	ObjectID uint64        `json:"objectID"`
	Object   string        `json:"object"` // as in Job
	Jobs     int           `json:"jobs"`   // in the snapshot
	Share    float64       `json:"share"`  // of the jobs of the name that are in the snapshot, from 0 to 1
	Run      time.Duration `json:"run"`    // how long they have run, together
}

// Hot returns the objects of a name by their share of its jobs in the snapshot, the largest
// first: the hot keys of a map. Those are the jobs in flight and the last that have ended, so
// the shares are those of the last few moments.
func (s *Snapshot) Hot(name string) []Share {
	var all []Share
	index := map[uint64]int{}
	jobs := 0
	for i := range s.Jobs {
		j := &s.Jobs[i]
		if j.Name != name {
			continue
		}
		jobs++
		k, ok := index[j.ObjectID]
		if !ok {
			k = len(all)
			index[j.ObjectID] = k
			all = append(all, Share{ObjectID: j.ObjectID, Object: j.Object})
		}
		all[k].Jobs++
		all[k].Run += s.run(j)
	}
	for i := range all {
		all[i].Share = float64(all[i].Jobs) / float64(jobs)
	}
	slices.SortFunc(all, func(a, b Share) int {
		return cmp.Or(cmp.Compare(b.Jobs, a.Jobs), cmp.Compare(b.Run, a.Run), cmp.Compare(a.ObjectID, b.ObjectID))
	})
	return all
}

// Slow returns the last jobs of a name whose wait and run together took from 1 to 10 ms, from
// 10 to 100 ms and so on, and 10 seconds or more, up to eight of each, the slowest first. Of a
// suspension it is the time until it was resumed. However many fast jobs have come since, they
// are kept. Those that panicked and those that have not run are apart, in
// [Name].
func (s *Snapshot) Slow(name string) []Job {
	for i := range s.Names {
		if s.Names[i].Name == name {
			return s.Names[i].Slow
		}
	}
	return nil
}

// job returns the job with a number, or nil.
func (s *Snapshot) job(id uint64) *Job {
	i, ok := slices.BinarySearchFunc(s.Jobs, id, func(j Job, id uint64) int { return cmp.Compare(j.ID, id) })
	if !ok {
		return nil
	}
	return &s.Jobs[i]
}

// since returns how long ago t was, at least 0 and, if t is of another clock, 0.
func (s *Snapshot) since(t time.Time) time.Duration {
	d := s.Taken.Sub(t)
	if foreign(d) {
		return 0
	}
	return max(d, 0)
}

// run returns how long a job has run.
func (s *Snapshot) run(j *Job) time.Duration {
	switch {
	case j.Started.IsZero():
		return 0
	case j.Finished.IsZero():
		return s.since(j.Started)
	}
	return j.Finished.Sub(j.Started)
}

func (j *Job) inFlight() bool { return j.Finished.IsZero() }
func (j *Job) running() bool  { return j.inFlight() && !j.Started.IsZero() }
func (j *Job) held() bool     { return j.inFlight() && j.Started.IsZero() && !j.Held.IsZero() }
func (j *Job) waiting() bool  { return j.inFlight() && j.Started.IsZero() && j.Held.IsZero() }
