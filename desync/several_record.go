package desync

import (
	"context"
	"slices"
)

// The records of a call for several objects: one for each, nil for those that are not
// observed; or none. If one observer does not return, the observers of the other objects are
// still told that the call has ended.

// recordAll makes the records one after the other, so that none is lost.
func recordAll(records *[]*record, objects []member, m made) {
	for i, o := range objects {
		c := o.base().cfg
		if !c.observed() {
			continue
		}
		if c.observer != nil && m.set == 0 {
			m.set = jobIDs.Add(1)
		}
		if *records == nil {
			*records = make([]*record, len(objects))
		}
		(*records)[i] = o.record(m)
	}
}

// toldOf returns the record of an object if an observer is told of its jobs, or else nil.
func toldOf(records []*record, i int) *record {
	if records == nil || records[i] == nil || records[i].observer == nil {
		return nil
	}
	return records[i]
}

// startAll returns the context from which that of the job is to be derived. ctx is that of
// the call, or nil.
func startAll(records []*record, ctx context.Context) context.Context {
	first := true
	for _, r := range records {
		if r == nil {
			continue
		}
		if !first {
			r.ctx = ctx
		}
		first = false
		r.start(later)
		ctx = r.ctx
	}
	return ctx
}

// endAll ends the records that have not ended.
func endAll(records []*record, o Outcome) {
	for _, r := range records {
		if r != nil && r.info.Outcome == OutcomeUnfinished {
			defer r.end(o)
		}
	}
}

func tellAll(records *[]*record) { tellAllErr(records, nil) }

// tellAllErr is tellAll for a call that has an error.
func tellAllErr(records *[]*record, err error) {
	for _, r := range slices.Backward(*records) {
		if r != nil {
			defer r.tellErr(err)
		}
	}
}

// eachGuarded calls f for each record, on a goroutine that has no caller. It calls f for
// all of them, even if one call does not return.
func eachGuarded(records []*record, f func(*record)) {
	for _, r := range slices.Backward(records) {
		if r != nil {
			defer r.guarded(func() { f(r) })
		}
	}
}
