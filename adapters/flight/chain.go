package flight

// Chain returns the job with a number, then the job that holds what it waits for, and so on:
// the object of a job that waits; what a running job waits for in a call that was made with
// its context; and the object that a job of several objects still lacks. If the last of them
// has been there before, that is a ring, and none of its jobs ever goes on.
//
// A call without a context does not say in which job it is made. There the chain ends, with
// a job that runs. The stacks of the goroutines tell the rest; so do builds with the race
// detector or the tag desyncdebug, where such a ring panics.
//
// Chain returns nil if the job is not in the snapshot.
func (s *Snapshot) Chain(id uint64) []Job {
	j := s.job(id)
	if j == nil {
		return nil
	}
	var chain []Job
	seen := map[uint64]bool{}
	for j != nil {
		chain = append(chain, *j)
		if seen[j.ID] {
			break
		}
		seen[j.ID] = true
		j = s.awaited(j)
	}
	return chain
}

// awaited returns the job that must go on before j can, or nil.
func (s *Snapshot) awaited(j *Job) *Job {
	switch {
	case j.waiting():
		return s.find(func(h *Job) bool { return h.ObjectID == j.ObjectID && (h.running() || h.held()) })
	case j.held():
		// A suspension waits for its end and an After for its future. A job of several objects
		// waits for another of them.
		return s.find(func(k *Job) bool { return j.Set != 0 && k.Set == j.Set && k.waiting() })
	case j.running():
		return s.find(func(k *Job) bool {
			return k.inFlight() && k.Waits && k.Within != 0 && (k.Within == j.ID || j.Set != 0 && s.setOf(k.Within) == j.Set)
		})
	}
	return nil
}

// setOf returns the number that a job has in common with those of its call, or 0.
func (s *Snapshot) setOf(id uint64) uint64 {
	if j := s.job(id); j != nil {
		return j.Set
	}
	return 0
}

// find returns the first job for which is returns true, or nil.
func (s *Snapshot) find(is func(*Job) bool) *Job {
	for i := range s.Jobs {
		if is(&s.Jobs[i]) {
			return &s.Jobs[i]
		}
	}
	return nil
}
