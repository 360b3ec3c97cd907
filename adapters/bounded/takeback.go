package bounded

// TakeBack takes back all jobs that have not begun, as [Bound.TakeBack] does, and returns those
// that were given in the background, in order. Calls of [Limit.Do] whose job has not begun
// return [ErrReturned].
func (l *Limit) TakeBack() (jobs []Returned) {
	var all []drained
	var touched, again []*lane
	l.mu.Lock()
	for t := range l.all {
		e := t.entry
		if job, after, ok := l.giveUp(e); ok {
			all, touched = append(all, after), append(touched, e.lane)
			if !e.isCall() {
				jobs = append(jobs, job)
			}
		}
	}
	for _, ln := range touched {
		again = append(again, l.kick(ln))
	}
	l.mu.Unlock()
	defer l.goOn(again)
	finish(all, ErrReturned)
	return jobs
}

// cancel takes one job back, for a reason.
func (l *Limit) cancel(e *entry, reason error) {
	l.mu.Lock()
	_, after, ok := l.giveUp(e)
	var again *lane
	if ok {
		again = l.kick(e.lane)
	}
	l.mu.Unlock()
	if ok {
		defer l.goOn([]*lane{again})
		finish([]drained{after}, reason)
	}
}

// leave is for a Do that returns. If its job has not begun, it never does.
func (l *Limit) leave(e *entry) {
	l.mu.Lock()
	_, _, ok := l.giveUp(e)
	var again *lane
	if ok {
		again = l.kick(e.lane)
	}
	l.mu.Unlock()
	if ok {
		l.goOn([]*lane{again})
	}
}

// giveUp is takeBack for the book and the lanes; kick must follow.
func (l *Limit) giveUp(e *entry) (job Returned, after drained, ok bool) {
	if job, after, ok = l.takeBack(&e.ticket); ok {
		l.lanes.remove(e)
		l.announce()
	}
	return job, after, ok
}

// isOver reports whether the job has been taken back.
func (l *Limit) isOver(e *entry) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return e.state == returned
}

// withdraw takes back e, for which no turn could be queued. If it has begun already, in the
// turn of another job, that one needs a turn now.
func (l *Limit) withdraw(e *entry) {
	l.mu.Lock()
	if _, _, ok := l.giveUp(e); !ok {
		e.lane.owed++
	}
	again := l.kick(e.lane)
	l.mu.Unlock()
	l.goOn([]*lane{again})
}

// dropFirst takes back the first job in the background of a lane, and reports whether there was
// one. told, if it is not nil, tells its caller.
func (l *Limit) dropFirst(ln *lane) (told func(error), dropped bool) {
	l.mu.Lock()
	var again *lane
	for _, e := range ln.entries {
		if !e.isCall() {
			_, after, _ := l.giveUp(e)
			told, dropped = after.told, true
			again = l.kick(ln)
			break
		}
	}
	l.mu.Unlock()
	l.goOn([]*lane{again})
	return told, dropped
}
