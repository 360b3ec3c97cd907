package bounded

import "context"

// A place is that of a job that runs in a Limit. While the job waits for an inner one, along
// its context, it lends the place: to that job, or to those that are before it in its lane,
// which it waits for too. The book's mutex guards the fields.
type place struct {
	of     *Limit
	object any      // the desync.Object that the job holds
	outer  *place   // of the job that waits for this one, or nil
	lender *place   // whose place it is, or nil if it is one of the limit
	lent   bool     // at most to one job at a time
	over   bool     // the job has ended
	inner  []*entry // jobs along its context that have not begun
}

type placeKey struct{ of *Limit }

// placed is the context of a job of a Limit.
type placed struct {
	context.Context
	place *place
}

func (c placed) Value(key any) any {
	if key == (placeKey{c.place.of}) {
		return c.place
	}
	return c.Context.Value(key)
}

func (e *entry) context(ctx context.Context) context.Context { return placed{ctx, e.place} }

// placeAlong returns the place of the innermost job of l along ctx, or nil.
func placeAlong(ctx context.Context, l *Limit) *place {
	p, _ := ctx.Value(placeKey{l}).(*place)
	return p
}

// free reports whether the first job of a lane may begin.
func (l *lanes) free(ln *lane) bool { return l.running < l.limit || ln.lender() != nil }

// lender returns a place that is lent to the jobs of the lane, or nil.
func (ln *lane) lender() *place {
	if ln.inner == 0 {
		return nil
	}
	for _, e := range ln.entries {
		if p := e.outer; p != nil && !p.lent && !p.over {
			return p
		}
	}
	return nil
}

// holds reports whether the job, or one that waits for it, holds an object.
func (p *place) holds(object any) bool {
	for ; p != nil; p = p.outer {
		if !p.over && p.object == object {
			return true
		}
	}
	return false
}
