package natsmap

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"
)

// A Turn is what a command knows about its call. It is valid while the command runs.
type Turn struct {
	Family  string
	Key     string
	Seq     uint64 // of the command in the log
	Attempt int    // 1 at first, in this process

	ctx   context.Context
	codec Codec
	sent  []follow
	size  int   // of sent
	err   error // of a Send
}

// Context returns a context that ends when this process loses the key, because another has
// taken it or because the process stops to serve. context.Cause says why. What the command
// changes after that is not saved.
//
// A call of a [Map] of the family with this context, or one derived from it, returns an error
// that matches [*desync.DeadlockError], and so [desync.ErrNotRun]: the command would hold its
// key while it waits. Use [Turn.Send].
func (t *Turn) Context() context.Context { return t.ctx }

// Token returns a string that is the same whenever this command runs, and that no other
// command has: family/key/seq. A store of yours can tell by it what it has done already.
func (t *Turn) Token() string {
	return t.Family + "/" + token(t.Key) + "/" + strconv.FormatUint(t.Seq, 10)
}

// Sent is a command that another has sent by [Turn.Send].
type Sent struct {
	Key     string
	Command string
	Input   []byte // encoded
}

// A follow is a command to be sent once the state is saved. It is in the record of the state
// until the log has it.
type follow struct {
	ID      string `json:"id"`
	Key     string `json:"key"`
	Command string `json:"command"`
	Input   []byte `json:"input"`
}

// Send sends a command to a key, which may be another or the same, once the state of this one
// is saved. The command that runs does not wait for it. If it fails or its process ends before
// the state is saved, nothing is sent. Those of one command to the same key keep their order.
//
// If the input cannot be encoded, the key is not valid, or what the command sends takes more
// than 24 KB together, the command that runs fails with that.
func (t *Turn) Send[T, In, Out any](key string, c *Command[T, In, Out], in In) {
	if t.err != nil {
		return
	}
	if t.err = checkKey(key); t.err != nil {
		return
	}
	data, err := t.codec.Marshal(in)
	if err != nil {
		t.err = &BadInputError{Command: c.name, Err: err}
		return
	}
	id := t.Token() + "/" + strconv.Itoa(len(t.sent))
	f := follow{id, key, c.name, data}
	if t.size += f.size(); t.size > mostSent {
		t.err = fmt.Errorf("natsmap: what the command sends takes more than %d bytes", mostSent)
		return
	}
	t.sent = append(t.sent, f)
}

func checkKey(key string) error {
	switch {
	case key == "":
		return &KeyError{Key: key, Reason: "it is empty"}
	case len(key) > maxKey:
		return &KeyError{Key: key, Reason: fmt.Sprintf("it has %d bytes; %d are allowed", len(key), maxKey)}
	}
	return nil
}

// guard runs a handler, on a goroutine of its own: the job has to save what came before,
// whatever the command does. A panic or runtime.Goexit becomes an error.
//
// early is called if the handler takes long.
func guard[T any](h handler[T], t *Turn, state *T, in []byte, early func()) (out []byte, sent []follow, err error) {
	ended := make(chan struct{})
	go func() {
		returned := false
		defer close(ended)
		defer func() {
			if v := recover(); v != nil {
				out, sent, err = nil, nil, &panicError{fmt.Sprintf("the command has panicked: %v", v)}
			} else if !returned {
				out, sent, err = nil, nil, &panicError{"the command has called runtime.Goexit"}
			}
		}()
		out, sent, err = h(t, state, in)
		returned = true
	}()
	long := time.NewTimer(earlyAfter)
	defer long.Stop()
	select {
	case <-ended:
	case <-long.C:
		early()
		<-ended
	}
	return out, sent, err
}

type panicError struct{ text string }

func (e *panicError) Error() string { return e.text }

// backoff returns the pause after an attempt: 100 ms, doubling up to 30 s, and up to a half
// more by chance, so that keys that fail for one reason do not come back at once.
func backoff(attempt int) time.Duration {
	pause := min(100*time.Millisecond<<min(attempt-1, 20), 30*time.Second)
	return pause + rand.N(pause/2)
}

func jsonOf(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		panic("natsmap: " + err.Error()) // strings, bytes and numbers only
	}
	return string(data)
}

// mostOwed is how many bytes of commands a key may owe, or may have to send, before the next of
// its commands runs; and mostSent how many one command may send. They are in the header of the
// state, which may have 64 KB.
const (
	mostOwed = 16 << 10
	mostSent = 24 << 10
)

func sizeOf(all []follow) (n int) {
	for _, f := range all {
		n += f.size()
	}
	return n
}

// size is at least what a follow takes as JSON.
func (f *follow) size() int {
	return 64 + 2*(len(f.ID)+len(f.Command)) + 6*len(f.Key) + (len(f.Input)+2)/3*4
}

// earlyAfter is how long a command may run before what came before it is saved.
const earlyAfter = 5 * time.Millisecond
