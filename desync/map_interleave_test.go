//go:build desynchooks && !race

package desync

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

// A script for a key has a line a client and a letter a call:
//
//	a Async   d Do   y Sync   t TryDo   i DeleteIf that deletes   D Delete
//	e eviction, as at a tick   s Suspend and resume   w Wait
//	C FutureContext   k the end of its context
//	! from here on the constructor panics every other time; at the beginning of a script
//
// A keyPlay is a script that is played. Its map has one key.
type keyPlay struct {
	history
	m        *Map[int, *keyLife]
	failing  bool
	failures atomic.Int32 // of the constructor: that many jobs do not run
	made     atomic.Int32
	last     *keyLife // the last value that was made
	ctx      context.Context
	cancel   func()
}

// A keyLife is one value of the key.
type keyLife struct{ gone bool }

func (p *keyPlay) newValue(int) *keyLife {
	if p.running.Add(1) != 1 {
		p.fault("KEY-1: a value is made while another job runs")
	}
	defer p.running.Add(-1)
	at("the script: in the constructor")
	if p.failing && p.made.Add(1)%2 == 1 {
		p.failures.Add(1)
		panic("on purpose")
	}
	if p.last != nil && !p.last.gone {
		p.fault("KEY-1: a value is made while there is one")
	}
	p.last = new(keyLife)
	return p.last
}

func (p *keyPlay) remove(_ int, l **keyLife) error {
	if p.running.Add(1) != 1 || (*l).gone {
		p.fault("KEY-1: a value is removed beside a job, or again")
	}
	defer p.running.Add(-1)
	(*l).gone = true
	return nil
}

func (p *keyPlay) job(c *call) func(**keyLife) {
	return func(l **keyLife) {
		p.enter(c)
		defer p.leave()
		if *l != p.last || (*l).gone {
			p.fault("KEY-1: the job of %s gets a value that is gone", c.name)
		}
	}
}

func (p *keyPlay) call(c *call, kind rune) {
	k, job := p.m.At(0), p.job(c)
	defer func() {
		if r := recover(); r != nil && r != "on purpose" {
			panic(r)
		}
	}()
	switch kind {
	case 'a':
		k.Async(job)
	case 'd':
		k.Do(job)
	case 'y':
		k.Sync(func(l **keyLife) int { job(l); return 0 })
	case 't':
		c.refused = true
		c.refused = !k.TryDo(func(l **keyLife) { c.refused = false; job(l) })
	case 'i':
		c.refused = !k.DeleteIf(func(l **keyLife) bool { job(l); return true })
	case 'D':
		c.refused = true
		p.m.Delete(0)
	case 'e':
		c.refused = true
		if e := p.m.find(0); e != nil {
			p.m.evict(e, math.MaxUint64)
		}
	case 's':
		c.refused = true
		k.Suspend()()
	case 'w':
		c.refused = true
		var before []*call
		for _, o := range p.calls {
			if o.ended != 0 && !o.refused {
				before = append(before, o)
			}
		}
		p.m.Wait(context.Background())
		for _, o := range before {
			if o.ran == 0 && p.failures.Load() == 0 {
				p.fault("Wait has not waited for %s, which had returned", o.name)
			}
		}
	case 'C':
		f := k.FutureContext(p.ctx, func(_ context.Context, l **keyLife) (int, error) { job(l); return 0, nil })
		<-f.Done()
		r, _ := f.Try()
		c.refused = errors.Is(r.Err, ErrNotRun)
	case 'k':
		c.refused = true
		at("the script: before the context ends")
		p.cancel()
	}
}

func playKey(script []string, c *choices, limit int, pairs map[[2]point]bool) (trace []string, err error) {
	s := &scheduler{names: make(map[string]string)}
	p := new(keyPlay)
	p.m = NewMap(p.newValue, WithPanicHandler(func(*PanicError) {}))
	p.m.OnRemove(p.remove, func(int, error) {})
	p.ctx, p.cancel = context.WithCancel(context.Background())
	defer p.cancel()
	if rest, failing := strings.CutPrefix(script[0], "!"); failing {
		p.failing = true
		script = append([]string{rest}, script[1:]...)
	} else {
		p.m.At(0).Do(func(**keyLife) {}) // the value is there
	}
	atPoint = s.at
	done := make(chan bool, len(script))
	for i, line := range script {
		var calls []*call
		for j, kind := range line {
			calls = append(calls, p.add(fmt.Sprintf("call %c%d of client %d", kind, j+1, i+1)))
		}
		go func() {
			defer func() { done <- true }()
			s.mu.Lock()
			s.names[goid()] = fmt.Sprint("client ", i+1)
			s.mu.Unlock()
			for j, kind := range line {
				calls[j].began = p.clock.Add(1)
				p.call(calls[j], kind)
				calls[j].ended = p.clock.Add(1)
			}
		}()
	}
	trace = s.run(c, limit, pairs)
	atPoint = func(point) {}
	if n := len(script) - len(done); n > 0 {
		panic(fmt.Sprintf("script %q: %d clients wait forever; schedule:\n\t%s", script, n, strings.Join(trace, "\n\t")))
	}
	for _, c := range p.calls { // the job of a call whose value could not be made
		if p.failures.Load() > 0 && !c.refused && c.runs.Load() == 0 {
			p.failures.Add(-1)
			c.refused = true
		}
	}
	if err := p.check(); err != nil {
		return trace, err
	}
	e := p.m.find(0)
	switch n := p.m.Len(); {
	case e == nil && n != 0 || e != nil && n != 1:
		return trace, fmt.Errorf("Len is %d; the table has the entry: %v", n, e != nil)
	case e == nil:
	case e.data.pins.Load() != hasValue:
		return trace, fmt.Errorf("KEY-3: the entry has %#x pins after everything; want a value's, or to be removed", e.data.pins.Load())
	case e.core.state.Load() != idle || e.core.q != nil:
		return trace, fmt.Errorf("the object is in state %d after everything, or has kept its queue", e.core.state.Load())
	}
	return trace, nil
}

// TestKEY1_Interleavings tries the schedules of short clients that use a key while it
// comes and goes.
func TestKEY1_Interleavings(t *testing.T) {
	var scripts [][]string
	kinds := []string{"a", "d", "t", "i", "D", "e", "s", "w"}
	for i, a := range kinds {
		for _, b := range kinds[i:] {
			scripts = append(scripts, []string{a, b})
		}
	}
	for i, a := range kinds[:3] {
		scripts = append(scripts, []string{"!" + a, "s"}, []string{"!" + a, "D"}, []string{"!" + a, "w"}, []string{"!" + a, "C", "k"})
		for _, b := range kinds[i:3] {
			scripts = append(scripts, []string{"!" + a, b}, []string{"!" + a + a, b})
		}
	}
	scripts = append(scripts,
		[]string{"y", "e"}, []string{"y", "D"}, []string{"!y", "d"}, []string{"C", "k", "i"}, []string{"C", "k", "D"},
		[]string{"ed", "d"}, []string{"id", "d"}, []string{"Dd", "d"}, []string{"ie", "d"}, []string{"it", "d"},
		[]string{"e", "d", "d"}, []string{"e", "d", "t"}, []string{"e", "d", "a"}, []string{"i", "d", "d"}, []string{"i", "d", "a"},
		[]string{"D", "d", "d"}, []string{"D", "e", "d"}, []string{"i", "s", "d"}, []string{"i", "w", "d"}, []string{"aw", "e", "d"},
		[]string{"!d", "d", "d"}, []string{"!d", "s", "d"}, []string{"!d", "t", "a"}, []string{"!s", "d", "d"}, []string{"!d", "w", "d"},
	)
	pairs := make(map[[2]point]bool)
	schedules := 0
	for _, script := range scripts {
		var c choices
		limit := *preemptions
		if len(script) > 2 {
			limit-- // or there are too many
		}
		for {
			var trace []string
			var err error
			synctest.Test(t, func(*testing.T) { trace, err = playKey(script, &c, limit, pairs) })
			schedules++
			if err != nil {
				t.Fatalf("script %q: %v\nschedule %v:\n\t%s", script, err, c.taken, strings.Join(trace, "\n\t"))
			}
			if !c.next() {
				break
			}
		}
	}
	t.Logf("%d scripts, %d schedules, %d pairs of points", len(scripts), schedules, len(pairs))

	stood := make(map[point]bool)
	for p := range pairs {
		stood[p[0]] = true
	}
	for _, p := range []point{insertEntry, pinSwap, unpinAdd, takenLook, removeSwap, removeEntry} {
		if !stood[p] {
			t.Errorf("no schedule had a goroutine stand at %q while another went on", p)
		}
	}
}
