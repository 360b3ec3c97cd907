package desync

import (
	"context"
	"slices"
)

// A shareRecord is the record of a call for several objects at one of them. A call has one
// for each object, or none. If one observer does not return, the observers of the other
// objects are still told that the call has ended.
type shareRecord struct {
	*record            // nil if the object is not observed
	place   *toldShare // of an observer that is told; nil until the call has its places
	early   bool       // the place was given up while the observer was told that it holds the object
}

// recordAll makes the records one after the other, so that none is lost.
func recordAll(records *[]shareRecord, objects []member, m made) {
	for i, o := range objects {
		c := o.base().cfg
		if !c.observed() {
			continue
		}
		if c.observer != nil && m.set == 0 {
			m.set = jobIDs.Add(1)
		}
		if *records == nil {
			*records = make([]shareRecord, len(objects))
		}
		(*records)[i].record = o.record(m)
	}
}

// toldOf returns the record of an object if an observer is told of its jobs, or else nil.
func toldOf(records []shareRecord, i int) *shareRecord {
	if records == nil || records[i].record == nil || records[i].observer == nil {
		return nil
	}
	return &records[i]
}

// startAll returns the context from which that of the job is to be derived. ctx is that of
// the call, or nil.
func startAll(records []shareRecord, ctx context.Context) context.Context {
	first := true
	for _, r := range records {
		if r.record == nil {
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
func endAll(records []shareRecord, o Outcome) {
	for _, r := range records {
		if r.record != nil && r.info.Outcome == OutcomeUnfinished {
			defer r.end(o)
		}
	}
}

func tellAll(records *[]shareRecord) { tellAllErr(records, nil) }

// tellAllErr is tellAll for a call that has an error.
func tellAllErr(records *[]shareRecord, err error) {
	for _, r := range slices.Backward(*records) {
		switch {
		case r.record == nil:
		case r.early:
			r.place.err = err
			if r.place.met.Swap(true) {
				defer r.tellErr(err)
			}
		default:
			defer r.tellErr(err)
		}
	}
}

// eachGuarded calls f for each record, on a goroutine that has no caller. It calls f for
// all of them, even if one call does not return.
func eachGuarded(records []shareRecord, f func(*record)) {
	for _, r := range slices.Backward(records) {
		if r.record != nil {
			defer r.guarded(func() { f(r.record) })
		}
	}
}
