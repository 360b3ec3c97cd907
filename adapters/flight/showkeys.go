package flight

import (
	"strings"
	"time"
)

// A shownKey is what the function of ShowKeys is called with.
type shownKey struct {
	name string
	key  any
}

const (
	showTime  = time.Second // of all calls for one snapshot
	maxShowns = 4           // goroutines with a call that does not return
)

// shown returns the texts of keys, by their objects. It is the user's code that makes them:
// it may panic, and it may wait, even for the object that is stuck. So it is called on a
// goroutine of its own, and no more than four are left behind.
func (r *Recorder) shown(keys map[uint64]shownKey) map[uint64]string {
	texts := make(map[uint64]string, len(keys))
	if len(keys) == 0 {
		return texts
	}
	if r.showing.Add(1) > maxShowns {
		r.showing.Add(-1)
		return texts
	}
	type text struct {
		object uint64
		text   string
	}
	made := make(chan text, len(keys)) // never blocks the goroutine
	go func() {
		defer r.showing.Add(-1)
		defer close(made)
		for object, k := range keys {
			made <- text{object, r.showOne(k)}
		}
	}()
	enough := time.NewTimer(showTime)
	defer enough.Stop()
	for {
		select {
		case t, ok := <-made:
			if !ok {
				return texts
			}
			texts[t.object] = t.text
		case <-enough.C:
			return texts
		}
	}
}

func (r *Recorder) showOne(k shownKey) (text string) {
	defer func() {
		if recover() != nil {
			text = ""
		}
	}()
	return strings.Clone(cut(r.show(k.name, k.key)))
}
