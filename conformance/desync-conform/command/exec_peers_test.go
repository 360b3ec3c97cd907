package command

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/go-desync/go-desync/conformance"
	"github.com/go-desync/go-desync/conformance/desync-conform/internal/reference"
)

// brokenPeer, in the environment, makes the test binary a peer that is wrong in some way.
const brokenPeer = "DESYNC_CONFORM_BROKEN_PEER"

// A line is a message of the peer on its way to the driver.
type line map[string]any

// A change makes lines of a line. None is a line that is not sent.
type change func(l line) []any

func same(l line) []any { return []any{l} }

// changed is a writer that changes each message.
type changed struct {
	w      io.Writer
	change change
	mu     sync.Mutex
	n      int // messages so far
}

func (c *changed) Write(data []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var l line
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := d.Decode(&l); err != nil {
		return 0, err
	}
	c.n++
	for _, out := range c.change(l) {
		text, isText := out.(string)
		if !isText {
			made, err := json.Marshal(out)
			if err != nil {
				return 0, err
			}
			text = string(made) + "\n"
		}
		if _, err := io.WriteString(c.w, text); err != nil {
			return 0, err
		}
	}
	return len(data), nil
}

// first applies a change to the first message with some op.
func first(op string, f change) change {
	done := false
	return func(l line) []any {
		if done || l["op"] != op {
			return same(l)
		}
		done = true
		return f(l)
	}
}

func with(key string, value any) change {
	return func(l line) []any { l[key] = value; return same(l) }
}

func text(s string) change { return func(line) []any { return []any{s} } }

// rows changes what each history has.
func rows(f func(rows [][]int64, lists [][]int) ([][]int64, [][]int)) change {
	return func(l line) []any {
		if l["op"] != "history" {
			return same(l)
		}
		var h struct {
			Rows  [][]int64 `json:"rows"`
			Lists [][]int   `json:"lists"`
		}
		data, _ := json.Marshal(l)
		if err := json.Unmarshal(data, &h); err != nil {
			panic(err)
		}
		l["rows"], l["lists"] = f(h.Rows, h.Lists)
		return same(l)
	}
}

// tidied gives the jobs of each program stamps and lists as if they had run in the order of
// the calls.
func tidied(all [][]int64, lists [][]int) ([][]int64, [][]int) {
	var order []int
	var spans [][2]int64
	for i, row := range all {
		if row[2] != 0 && row[4] == 0 {
			order = append(order, i)
			spans = append(spans, [2]int64{row[2], row[3]})
		}
	}
	slices.SortFunc(order, func(a, b int) int { return int(all[a][0] - all[b][0]) })
	slices.SortFunc(spans, func(a, b [2]int64) int { return int(a[0] - b[0]) })
	for i, id := range order {
		all[id][2], all[id][3] = spans[i][0], spans[i][1]
	}
	for _, list := range lists {
		slices.SortFunc(list, func(a, b int) int { return int(all[a][2] - all[b][2]) })
	}
	return all, lists
}

// signal sends this process a signal.
func signal(s os.Signal) {
	self, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = self.Signal(s)
	}
	if err != nil {
		panic(err)
	}
}

// brokenPeers are peers that break the protocol, or that are odd and keep it.
func brokenPeers() map[string]func() change {
	return map[string]func() change{
		"right":  func() change { return same },
		"banner": func() change { return first("hello", func(l line) []any { return []any{"Listening on stdin\n", l} }) },
		"mute":   func() change { return func(line) []any { return nil } },
		"late": func() change {
			return first("hello", func(l line) []any { time.Sleep(1500 * time.Millisecond); return same(l) })
		},
		"version":  func() change { return first("hello", with("protocol", 2)) },
		"nameless": func() change { return first("hello", with("name", "")) },
		"claim":    func() change { return first("hello", with("claims", line{"try": "yes", "caller": "no"})) },
		"feature":  func() change { return first("hello", with("claims", line{"levitation": "yes"})) },
		"garbage":  func() change { return first("start", text("warning: low on coffee\n")) },
		"half": func() change {
			return first("start", func(line) []any {
				_, _ = os.Stdout.WriteString(`{"op":"sta`)
				_ = os.Stdout.Close()
				select {}
			})
		},
		"huge":    func() change { return first("start", text(strings.Repeat("x", 17<<20))) },
		"unknown": func() change { return first("ret", with("id", 77777)) },
		"op":      func() change { return first("start", with("op", "begin")) },
		"field":   func() change { return func(l line) []any { l["mood"] = "fine"; return same(l) } },
		"twice": func() change {
			return func(l line) []any {
				if l["op"] == "ret" {
					return []any{l, l}
				}
				return same(l)
			}
		},
		"aborts": func() change {
			return first("start", func(line) []any { signal(syscall.SIGABRT); select {} })
		},
		"killed": func() change {
			return first("start", func(line) []any { signal(os.Kill); select {} })
		},
		"leaves": func() change { return first("start", func(line) []any { os.Exit(0); return nil }) },
		"blocks": func() change { return first("start", func(line) []any { select {} }) },
		"flood": func() change {
			return func(l line) []any {
				_, _ = os.Stderr.WriteString(strings.Repeat("so it goes\n", 8<<20/11/200))
				return same(l)
			}
		},
		"same stamp": func() change {
			return rows(func(r [][]int64, l [][]int) ([][]int64, [][]int) { r[1][0] = r[0][0]; return r, l })
		},
		"no row": func() change {
			return rows(func(r [][]int64, l [][]int) ([][]int64, [][]int) { return r[1:], l })
		},
		"no stamp": func() change {
			return rows(func(r [][]int64, l [][]int) ([][]int64, [][]int) { r[len(r)-1][3] += 5; return r, l })
		},
		"long list": func() change {
			return rows(func(r [][]int64, l [][]int) ([][]int64, [][]int) { l[0] = append(l[0], 0); return r, l })
		},
		"other list": func() change {
			return rows(func(r [][]int64, l [][]int) ([][]int64, [][]int) { slices.Reverse(l[0]); return r, l })
		},
		"tidy": func() change { return rows(tidied) },
		"lies": func() change { return rows(tidied) }, // of a queue that takes the newest job first
		"ignores": func() change {
			return func(l line) []any {
				if l["op"] == "error" {
					return nil
				}
				if l["op"] == "hello" {
					l["claims"] = line{"try": "yes", "caller": "no"}
				}
				return same(l)
			}
		},
		"sleeps":         func() change { return same },
		"says it sleeps": func() change { return first("hello", with("quiet_ms", 4500)) },
		"child": func() change {
			return first("hello", func(l line) []any {
				cmd := exec.Command("sleep", "1000")
				if err := cmd.Start(); err != nil {
					panic(err)
				}
				fmt.Fprintln(os.Stderr, "the child is", cmd.Process.Pid)
				if err := os.WriteFile(os.Getenv("CHILD"), fmt.Append(nil, cmd.Process.Pid), 0o600); err != nil {
					panic(err)
				}
				return same(l)
			})
		},
	}
}

// sleepy sleeps for four seconds before one of its jobs.
type sleepy struct{ lifo }

var jobs atomic.Int64

func (s *sleepy) Async(job func(*conformance.State)) {
	s.lifo.Async(func(st *conformance.State) {
		if jobs.Add(1) == 8 { // META-2 has six
			time.Sleep(4 * time.Second)
		}
		job(st)
	})
}

func (s *sleepy) Do(job func(*conformance.State)) {
	done := make(chan struct{})
	s.Async(func(st *conformance.State) { defer close(done); job(st) })
	<-done
}

// beBroken is all that the test binary does as a peer.
func beBroken(name string) {
	if name, ok := strings.CutPrefix(name, "serve:"); ok {
		os.Exit(Main(context.Background(), []string{"serve", "--subject=" + name}, os.Stdin, os.Stdout, os.Stderr, Builtin()))
	}
	f := reference.MutexDeque()
	f.Features = map[conformance.Feature]conformance.Claim{}
	f.New = func(s conformance.Setup) (conformance.Object, error) {
		o, err := reference.MutexDeque().New(s)
		return plain{o}, err
	}
	switch name {
	case "sleeps", "says it sleeps":
		f.New = func(conformance.Setup) (conformance.Object, error) { return new(sleepy), nil }
		f.Features[conformance.FeatureCaller] = conformance.Unsupported("jobs run on a goroutine of the queue")
	case "lies":
		f.New = func(conformance.Setup) (conformance.Object, error) { return new(lifo), nil }
		f.Features[conformance.FeatureCaller] = conformance.Unsupported("jobs run on a goroutine of the queue")
	}
	if err := conformance.ServePeer(os.Stdin, &changed{w: os.Stdout, change: brokenPeers()[name]()}, f); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// plain has no more than an object must.
type plain struct{ conformance.Object }
