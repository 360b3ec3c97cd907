package desync

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"

	"github.com/go-desync/go-desync/futures"
)

// FuzzModel runs scripts of calls from up to four goroutines on one object and
// holds what happened against the model: every accepted job once, one at a time,
// in the order of the calls. The first byte of a script says how many clients
// there are; of each further byte the low four bits choose the call, the next two
// the client, and the top two how often the client yields before it.
func FuzzModel(f *testing.F) {
	f.Add([]byte("\x00\x00\x01"))
	f.Add([]byte("\x01\x00\x11\x00\x11\x40\x51\x80\x91"))
	f.Add([]byte("\x03\x00\x10\x20\x30\x01\x11\x21\x31\x02\x12\x22\x32\x03\x13\x23\x33\x04\x14\x24\x34"))
	f.Add([]byte("\x03\x05\x15\x06\x16\x07\x17\x08\x18\x09\x19\x0a\x1a\x0b\x1b\x01\x11\x21\x31"))
	f.Add([]byte("\x02\x00\x10\xc1\x00\x10\xd1\x05\x01\x06\x11\x00\xc1\x10\xd1"))
	f.Fuzz(func(t *testing.T, script []byte) {
		// The check is quadratic, and two short scripts find what a long one does.
		if err := playFreely(script[:min(len(script), 256)]); err != nil {
			t.Fatal(err)
		}
	})
}

// errOnPurpose is what jobs of the script panic with.
var errOnPurpose = errors.New("on purpose")

const kinds = 12

func playFreely(script []byte) error {
	if len(script) == 0 {
		return nil
	}
	lines := make([][]byte, 1+script[0]%4)
	for _, b := range script[1:] {
		i := int(b>>4&3) % len(lines)
		lines[i] = append(lines[i], b)
	}
	h := new(history)
	var handled sync.WaitGroup
	d := New(0, WithPanicHandler(func(p *PanicError) {
		defer handled.Done()
		if p.Value != errOnPurpose {
			h.fault("the panic handler was told %v", p.Value)
		}
	}))
	var clients sync.WaitGroup
	for i, line := range lines {
		calls := make([]*call, 0, 2*len(line))
		for j, b := range line {
			calls = append(calls,
				h.add(fmt.Sprintf("call %d of client %d (kind %d)", j, i, b%16%kinds)),
				h.add(fmt.Sprintf("the inner call of call %d of client %d", j, i)))
		}
		clients.Go(func() {
			for j, b := range line {
				for range b >> 6 {
					runtime.Gosched()
				}
				play1(d, h, b%16%kinds, calls[2*j], calls[2*j+1], &handled)
			}
		})
	}
	clients.Wait()
	d.Do(func(*int) {}) // everything before it has run
	d.Do(func(*int) {}) // and what that handed over
	handled.Wait()
	if err := h.check(); err != nil {
		return err
	}
	accepted := 0
	for _, c := range h.calls {
		if !c.refused {
			accepted++
		}
	}
	if got := d.Sync(func(n *int) int { return *n }); got != accepted {
		return fmt.Errorf("the jobs counted %d, want %d", got, accepted)
	}
	if n := d.Pending(); n != 0 {
		return fmt.Errorf("%d jobs are pending after everything", n)
	}
	return nil
}

// play1 makes one call; inner is for jobs that make a call themselves.
func play1(d *Desync[int], h *history, kind byte, c, inner *call, handled *sync.WaitGroup) {
	inner.refused = true // unless it is made
	job := func(n *int) { h.enter(c); defer h.leave(); *n++; runtime.Gosched() }
	settled := func(f *futures.Future[int], want error) {
		<-f.Done()
		r, _ := f.Try()
		if !errors.Is(r.Err, want) {
			h.fault("the future of %s settled with %v, want %v", c.name, r.Err, want)
		}
		if c.runs.Load() != 1 {
			h.fault("FUT-2: the future of %s settled before its job had run", c.name)
		}
	}
	c.began = h.clock.Add(1)
	defer func() { c.ended = h.clock.Add(1) }()
	switch kind {
	case 0:
		d.Async(job)
	case 1:
		d.Do(job)
	case 2:
		if d.Sync(func(n *int) *call { job(n); return c }) != c {
			h.fault("%s got another call's result", c.name)
		}
	case 3:
		c.refused = !d.TryDo(job)
	case 4:
		_, ok := d.TrySync(func(n *int) int { job(n); return *n })
		c.refused = !ok
	case 5:
		settled(d.Future(func(n *int) int { job(n); return *n }), nil)
	case 6:
		d.Future(func(n *int) int { job(n); return *n }) // and nobody waits
	case 7:
		inner.refused = false
		d.Async(func(n *int) {
			job(n)
			inner.began = h.clock.Add(1)
			d.Async(func(n *int) { h.enter(inner); *n++; h.leave() })
			inner.ended = h.clock.Add(1)
		})
	case 8:
		handled.Add(1)
		d.Async(func(n *int) { job(n); panic(errOnPurpose) })
	case 9:
		settled(d.Future(func(n *int) int { job(n); panic(errOnPurpose) }), errOnPurpose)
	case 10:
		func() {
			defer func() {
				if v := recover(); v != errOnPurpose {
					h.fault("PAN-1: %s recovered %v", c.name, v)
				}
			}()
			d.Do(func(n *int) { job(n); panic(errOnPurpose) })
		}()
	case 11:
		over := make(chan struct{})
		go func() {
			defer close(over)
			d.Do(func(n *int) { job(n); runtime.Goexit() })
		}()
		<-over
	}
}
