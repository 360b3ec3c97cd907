// Package tally has the objects of the runs: each counts what it was handed, and hashes it in
// its order, so that what is lost, run twice or out of order shows in its state.
package tally

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-desync/go-desync/adapters/natsmap"
)

// A Tally is what a key has seen: how many numbers, their sum, and a hash of them in their
// order.
type Tally struct {
	N     int    `json:"n"`
	Sum   int    `json:"sum"`
	Order uint64 `json:"order"`
	New   int    `json:"new,omitempty"`   // how many of them version 2 has added
	Mixed bool   `json:"mixed,omitempty"` // version 1 has added one after version 2
	Text  string `json:"text,omitempty"`  // what was last said
}

// Add adds a number.
func (y *Tally) Add(n int) {
	y.N++
	y.Sum += n
	y.Order = (y.Order ^ uint64(n)) * 1099511628211
}

// Same reports whether two have seen the same numbers in the same order.
func (y Tally) Same(z Tally) bool { return y.N == z.N && y.Sum == z.Sum && y.Order == z.Order }

func (y Tally) String() string { return fmt.Sprintf("count %d, sum %d, order %x", y.N, y.Sum, y.Order) }

// A Config says which family a process has. All fields but Name may be zero.
type Config struct {
	Name       string
	Partitions int
	Lease      time.Duration
	Replicas   int
	Running    int
	MaxLog     int64
	Version    int    // 2 lifts states of 1, and knows the command "newer"
	Fault      string // what the process does wrong
}

// A Family is the objects with their commands.
type Family struct {
	*natsmap.Family[Tally]
	Count *natsmap.Command[Tally, int, int]    // adds a number
	Pass  *natsmap.Command[Tally, string, int] // sends a Count of 1 to another key
	Slow  *natsmap.Command[Tally, int, int]    // adds a number of milliseconds after that time
	Odd   *natsmap.Command[Tally, string, int] // fails as it is told, until Mend is called
	Say   *natsmap.Command[Tally, string, string]
	Newer *natsmap.Command[Tally, int, int] // Count, in version 2 only

	mended  atomic.Bool
	counted atomic.Int64

	mu   sync.Mutex
	kept [][]byte // by the fault Leak
}

// Family makes the family.
func (c Config) Family() *Family {
	f := &Family{}
	f.Family = natsmap.New[Tally](c.Name, c.options()...)
	f.Count = f.Command("count", func(t *natsmap.Turn, y *Tally, n int) (int, error) { return f.count(c, y, n) })
	f.Pass = f.Command("pass", func(t *natsmap.Turn, y *Tally, to string) (int, error) {
		y.Add(1)
		t.Send(to, f.Count, 1)
		return y.N, nil
	})
	f.Slow = f.Command("slow", func(t *natsmap.Turn, y *Tally, ms int) (int, error) {
		select {
		case <-time.After(time.Duration(ms) * time.Millisecond):
		case <-t.Context().Done():
		}
		y.Add(ms)
		return y.N, nil
	})
	f.Odd = f.Command("odd", f.odd)
	f.Say = f.Command("say", func(_ *natsmap.Turn, y *Tally, text string) (string, error) {
		if strings.HasPrefix(text, "refuse") {
			return "", errors.New(text)
		}
		y.Text = text
		return text, nil
	})
	if c.Version >= 2 {
		f.Newer = f.Command("newer", func(_ *natsmap.Turn, y *Tally, n int) (int, error) { return f.count(c, y, n) })
	}
	return f
}

func (c Config) options() (opts []natsmap.Option) {
	if c.Partitions > 0 {
		opts = append(opts, natsmap.Partitions(c.Partitions))
	}
	if c.Lease > 0 {
		opts = append(opts, natsmap.Lease(c.Lease))
	}
	if c.Replicas > 0 {
		opts = append(opts, natsmap.Replicas(c.Replicas))
	}
	if c.Running > 0 {
		opts = append(opts, natsmap.Running(c.Running))
	}
	if c.MaxLog > 0 {
		opts = append(opts, natsmap.MaxLog(c.MaxLog))
	}
	if c.Version >= 2 {
		opts = append(opts, natsmap.Version(c.Version, func(_ int, state []byte) ([]byte, error) { return state, nil }))
	}
	if c.Fault == Silent {
		return append(opts, natsmap.Attempts(1<<30))
	}
	return append(opts, natsmap.Attempts(2))
}

func (f *Family) count(c Config, y *Tally, n int) (int, error) {
	switch c.Fault {
	case Lose:
		if f.counted.Add(1)%100 == 0 {
			return y.N, nil
		}
	case Leak:
		f.mu.Lock()
		f.kept = append(f.kept, make([]byte, 4096))
		f.mu.Unlock()
	}
	if c.Version >= 2 && (c.Fault != Mask || f.counted.Add(1)%2 == 0) {
		y.New++
	} else {
		y.Mixed = y.Mixed || y.New > 0
	}
	y.Add(n)
	return y.N, nil
}

// odd panics or fails until the process is mended.
func (f *Family) odd(_ *natsmap.Turn, y *Tally, how string) (int, error) {
	if !f.mended.Load() {
		switch how {
		case "panic":
			panic("as told")
		case "retry":
			return 0, natsmap.Retry(errors.New("not yet"), time.Millisecond)
		}
	}
	y.Add(len(how))
	return y.N, nil
}

// Mend lets the command Odd succeed.
func (f *Family) Mend() { f.mended.Store(true) }

// Decode reads a state.
func Decode(data []byte) (y Tally, err error) {
	err = json.Unmarshal(data, &y)
	return y, err
}

// Faults that show that a run finds what is wrong.
const (
	NoFence = "nofence" // a worker saves whatever another has saved in between
	Replay  = "replay"  // a worker does not save how far a key is
	Lose    = "lose"    // a worker drops a command now and then
	Late    = "late"    // a worker lets three leases pass
	Hoard   = "hoard"   // a worker reads as much as there is
	Leak    = "leak"    // a worker keeps some memory for each command
	Narrow  = "narrow"  // a worker runs one command at a time
	Mask    = "mask"    // a worker of the newer version runs some commands as the older one
	Roomy   = "roomy"   // the log is larger than it may be
	Keep    = "keep"    // nothing is deleted
	Twice   = "twice"   // an ID of its own for what is sent again
	Swarm   = "swarm"   // three processes come and go where one should
	Silent  = "silent"  // a bad command is never given up
)

// Faults returns all of them.
func Faults() []string {
	return []string{NoFence, Replay, Lose, Late, Hoard, Leak, Narrow, Mask, Roomy, Keep, Twice, Swarm, Silent}
}
