package desync

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"
)

// FuzzModel runs scripts of calls from up to four goroutines on two objects and
// holds what happened against the model: every accepted job once, one at a time, in
// the order of the calls, and no job of a call that was refused or canceled.
//
// The first byte of a script says how many clients there are. Each further pair of
// bytes is a call: the first chooses the kind; of the second the low two bits choose
// the client, the next the object, and the top two how often the client yields
// before it.
func FuzzModel(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x01\x00"))
	f.Add([]byte("\x01\x00\x00\x00\x01\x01\x00\x01\x01\x00\x40\x01\x81"))
	var all, twice []byte
	for kind := range byte(len(kinds)) {
		for client := range byte(4) {
			all = append(all, kind, client|kind<<6)
			twice = append(twice, kind, client|client<<2, 0, client)
		}
	}
	f.Add(append([]byte{3}, all...))
	f.Add(append([]byte{3}, twice...))
	f.Add([]byte("\x02\x0f\x00\x10\x01\x12\x02\x01\x00\x0f\x04\x10\x05\x12\x06\x0c\x00\x0d\x01\x0e\x02"))
	f.Fuzz(func(t *testing.T, script []byte) {
		// The check is quadratic, and two short scripts find what a long one does.
		if err := playFreely(script[:min(len(script), 257)]); err != nil {
			t.Fatal(err)
		}
	})
}

// errOnPurpose is what jobs of the script panic with, and contexts end with.
var errOnPurpose = errors.New("on purpose")

// A stage is what a script is played on.
type stage struct {
	objects   [2]*Desync[int]
	histories [2]*history
	handled   sync.WaitGroup
}

func playFreely(script []byte) error {
	if len(script) == 0 {
		return nil
	}
	type step struct{ kind, object, yields byte }
	lines := make([][]step, 1+script[0]%4)
	for b := script[1:]; len(b) >= 2; b = b[2:] {
		i := int(b[1]&3) % len(lines)
		lines[i] = append(lines[i], step{b[0] % byte(len(kinds)), b[1] >> 2 & 1, b[1] >> 6})
	}
	s := new(stage)
	for i := range s.objects {
		h := new(history)
		s.histories[i] = h
		s.objects[i] = New(0, WithPanicHandler(func(p *PanicError) {
			defer s.handled.Done()
			if p.Value != errOnPurpose {
				h.fault("the panic handler was told %v", p.Value)
			}
		}))
	}
	var clients sync.WaitGroup
	for i, line := range lines {
		// The calls are made in advance: the histories are not guarded.
		var calls [][2]*call
		for j, p := range line {
			name := fmt.Sprintf("call %d of client %d, %s on object %d", j, i, kinds[p.kind].name, p.object)
			// The second is for the inner call, or for the part of the other object.
			other := s.histories[p.object]
			if kinds[p.kind].both {
				other = s.histories[1-p.object]
			}
			calls = append(calls, [2]*call{s.histories[p.object].add(name), other.add("the second part of " + name)})
		}
		clients.Go(func() {
			for j, p := range line {
				for range p.yields {
					runtime.Gosched()
				}
				c := calls[j]
				c[1].refused = true // unless it is made
				c[0].began = s.histories[p.object].clock.Add(1)
				if kinds[p.kind].both {
					c[1].began = s.histories[1-p.object].clock.Add(1)
				}
				kinds[p.kind].play(&turn{s, p.object, s.objects[p.object], s.histories[p.object], c[0], c[1]})
				if c[0].ended == 0 {
					c[0].ended = s.histories[p.object].clock.Add(1)
				}
				if kinds[p.kind].both && c[1].ended == 0 {
					c[1].ended = s.histories[1-p.object].clock.Add(1)
				}
			}
		})
	}
	clients.Wait()
	for range 2 { // everything before has run, and what that handed over
		for _, d := range s.objects {
			d.Do(func(*int) {})
		}
	}
	s.handled.Wait()
	for i, d := range s.objects {
		if err := s.histories[i].check(); err != nil {
			return fmt.Errorf("object %d: %w", i, err)
		}
		accepted := 0
		for _, c := range s.histories[i].calls {
			if !c.refused && !c.suspension {
				accepted++
			}
		}
		if got := d.Sync(func(n *int) int { return *n }); got != accepted {
			return fmt.Errorf("the jobs of object %d counted %d, want %d", i, got, accepted)
		}
		if n := d.Pending(); n != 0 {
			return fmt.Errorf("%d jobs of object %d are pending after everything", n, i)
		}
	}
	return nil
}
