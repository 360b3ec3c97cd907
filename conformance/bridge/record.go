package bridge

import (
	"fmt"
	"runtime"
	"sync"

	"github.com/go-desync/go-desync/conformance/history"
)

func (p *passage) push(item int, push func(int) error) {
	p.stamp(&p.ops[item].Call)
	err := push(item)
	p.mu.Lock()
	defer p.mu.Unlock()
	if err != nil {
		p.ops[item].Outcome = history.Refused
		if p.refusal == nil {
			p.refusal = err
		}
	}
	p.tick(&p.ops[item].Return)
}

func (p *passage) finish(finish func() error) error {
	fence := &p.ops[len(p.ops)-1]
	p.stamp(&fence.Call)
	if err := finish(); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tick(&fence.Start)
	p.tick(&fence.End)
	p.tick(&fence.Return)
	return nil
}

// observe is what the bridge calls.
func (p *passage) observe(item int) {
	end, gate := p.begin(item)
	if gate != nil {
		gate.wait()
	} else {
		runtime.Gosched() // for others that should not run meanwhile
	}
	p.stamp(end)
}

// begin notes that the observation of an item begins. It returns the place for the
// stamp of its end, and the gate if the item is held.
func (p *passage) begin(item int) (end *int64, held *gate) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over {
		return new(int64), nil
	}
	if item < 0 || item >= len(p.items()) || p.ops[item].Call == 0 {
		if p.stray == nil {
			p.stray = fmt.Errorf("item %d was observed and had not been pushed", item)
		}
		return new(int64), nil
	}
	if item == p.held {
		held = p.gate
	}
	o := &p.ops[item]
	switch {
	case o.Start == 0:
		p.tick(&o.Start)
		return &o.End, held
	case o.Again == nil:
		o.Again = &history.Span{}
		p.tick(&o.Again.Start)
		return &o.Again.End, held
	}
	return new(int64), held
}

// hold holds another item from now on.
func (p *passage) hold(item int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.gate.open()
	p.held, p.gate = item, newGate()
}

func (p *passage) release() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.gate.open()
}

func (p *passage) stamp(s *int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tick(s)
}

// tick stamps, unless the history has been taken; mu is locked.
func (p *passage) tick(s *int64) {
	if !p.over {
		p.clock++
		*s = p.clock
	}
}

// returned returns how many calls of push have returned.
func (p *passage) returned() (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, o := range p.items() {
		if o.Return != 0 {
			n++
		}
	}
	return n
}

func (p *passage) missing() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, o := range p.items() {
		if o.Outcome == history.Pending && o.End == 0 {
			return true
		}
	}
	return false
}

// end takes the history as it is and lets go of what is held.
func (p *passage) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.over = true
	p.gate.open()
}

// accepted returns how many items were accepted, and the first error of the others.
// It is valid after run.
func (p *passage) accepted() (n int, refusal error) {
	for _, o := range p.items() {
		if o.Outcome == history.Pending {
			n++
		}
	}
	return n, p.refusal
}

// A gate keeps an observation waiting until it is opened.
type gate struct {
	once sync.Once
	c    chan struct{}
}

func newGate() *gate { return &gate{c: make(chan struct{})} }

func (g *gate) open() { g.once.Do(func() { close(g.c) }) }
func (g *gate) wait() { <-g.c }
