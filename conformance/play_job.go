package conformance

import (
	"slices"
	"sync/atomic"

	"github.com/go-desync/go-desync/conformance/history"
)

// A written is what the jobs of an object wrote, as an object without synchronization of
// its own would have it.
type written struct {
	n   atomic.Int64
	ids []atomic.Int64
}

func (w *written) add(id int) {
	if n := int(w.n.Add(1)) - 1; n < len(w.ids) {
		w.ids[n].Store(int64(id))
	}
}

// job is what the job of every op does.
func (pl *player) job(o *op) {
	now := pl.clock.Add(1)
	if !o.start.CompareAndSwap(0, now) {
		o.againStart.CompareAndSwap(0, now)
		pl.writes(o)
		o.againEnd.CompareAndSwap(0, pl.clock.Add(1))
		return
	}
	pl.writes(o)
	o.step.Start.pass()
	o.step.End.pass()
	o.end.Store(pl.clock.Add(1))
	pl.over(o)
}

// writes has the job write to its objects.
func (pl *player) writes(o *op) {
	if pl.lists == nil {
		return
	}
	pl.lists[o.step.Object].add(o.id)
	for _, also := range o.step.Also {
		pl.lists[also].add(o.id)
	}
}

// history returns what has been recorded. The operations that were never called
// are not part of it.
func (pl *player) history() *history.History {
	h := &history.History{}
	for _, o := range pl.ops {
		op := history.Operation{
			ID: o.id, Client: o.client, Object: o.step.Object, Also: o.step.Also, Kind: o.step.Kind,
			Outcome: history.Pending,
		}
		// The later stamp first: a job may still be running.
		op.End, op.Start = o.end.Load(), o.start.Load()
		op.Return, op.Call = o.ret.Load(), o.call.Load()
		if op.Call == 0 {
			continue
		}
		switch {
		case o.canceled.Load():
			op.Outcome = history.Canceled
		case o.refused.Load():
			op.Outcome = history.Refused
		case o.ran.Load() || op.Start != 0:
			op.Outcome = history.Ran
		}
		if end, start := o.againEnd.Load(), o.againStart.Load(); start != 0 {
			op.Again = &history.Span{Start: start, End: end}
		}
		h.Operations = append(h.Operations, op)
	}
	slices.SortFunc(h.Operations, func(a, b history.Operation) int { return a.ID - b.ID })
	return h
}
