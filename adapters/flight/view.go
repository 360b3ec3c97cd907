package flight

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-desync/go-desync/desync"
)

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
