package natsmap

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/go-desync/go-desync/desync"
)

// A Family is what the objects of a program have in common: the type of their state, the
// commands that change it, and where they are kept. Make it with [New], usually in a variable
// of a package, and give it its commands with [Family.Command] before [Family.Open].
type Family[T any] struct {
	name   string
	config config

	mu       sync.Mutex
	opened   bool // no command can be added any more
	commands map[string]handler[T]
}

// A handler runs a command on the state of a key, and returns its encoded result. An error is
// one of the command's function, or a *BadInputError.
type handler[T any] func(t *Turn, state *T, in []byte) (out []byte, sent []follow, err error)

type config struct {
	partitions int
	codec      Codec
	replicas   int
	maxLog     int64
	lease      time.Duration
	running    int
	attempts   int
	version    int
	upgrade    func(from int, state []byte) ([]byte, error)
	observers  []desync.Observer
}

// An Option sets a property of a family in [New].
type Option func(*config)

// New returns a family of objects. It does nothing on a server: that is what [Family.Open]
// does.
//
// New panics if the name is not made of the letters A to Z, with or without capitals, digits,
// - and _, or is longer than 40 bytes.
func New[T any](name string, opts ...Option) *Family[T] {
	if !plain(name) || len(name) > maxName {
		panic(fmt.Sprintf("natsmap: New(%q): a name has 1 to %d letters, digits, - and _", name, maxName))
	}
	f := &Family[T]{name: name, commands: map[string]handler[T]{}}
	f.config = config{partitions: 32, codec: JSON{}, replicas: 1, maxLog: 1 << 30, lease: 5 * time.Second, running: 1024, attempts: 10, version: 1}
	for _, o := range opts {
		o(&f.config)
	}
	return f
}

// Partitions sets into how many parts the keys are divided among the processes that serve the
// family: 32 without it. A family keeps the number that it was first opened with.
//
// Partitions panics if n is less than 1 or more than 1,024.
func Partitions(n int) Option {
	if n < 1 || n > 1024 {
		panic(fmt.Sprintf("natsmap: Partitions(%d): the number must be from 1 to 1,024", n))
	}
	return func(c *config) { c.partitions = n }
}

// Replicas sets on how many servers of a cluster each message is: 1 without it. With 3, one of
// them may be lost.
//
// Replicas panics if n is not 1, 3 or 5.
func Replicas(n int) Option {
	if n != 1 && n != 3 && n != 5 {
		panic(fmt.Sprintf("natsmap: Replicas(%d): the number must be 1, 3 or 5", n))
	}
	return func(c *config) { c.replicas = n }
}

// MaxLog sets how many bytes the log of the commands may take: 1 GiB without it. When it is
// full, calls return [ErrFull].
//
// MaxLog panics if n is less than 1 MiB.
func MaxLog(n int64) Option {
	if n < 1<<20 {
		panic(fmt.Sprintf("natsmap: MaxLog(%d): the log needs at least %d bytes", n, 1<<20))
	}
	return func(c *config) { c.maxLog = n }
}

// Lease sets for how long a process that serves may be silent until others take its
// partitions: 5 seconds without it. All processes of a family must have the same.
//
// Lease panics if d is less than 1 second.
func Lease(d time.Duration) Option {
	if d < time.Second {
		panic(fmt.Sprintf("natsmap: Lease(%v): it must be at least 1s", d))
	}
	return func(c *config) { c.lease = d }
}

// Running sets how many commands a process has at work at once, those that wait for another
// of their key included: 1,024 without it. A key of which 128 wait for long is behind, as is
// one that takes most of the room while there is none for others: its further commands are read
// again later, so that they take no memory and the other keys go on. See [Stats].
//
// Running panics if n is less than 1.
func Running(n int) Option {
	if n < 1 {
		panic(fmt.Sprintf("natsmap: Running(%d): the number must be at least 1", n))
	}
	return func(c *config) { c.running = n }
}

// WithObserver makes o an observer of the objects of the keys that this process serves. Each
// command is a job. The option may be given several times.
//
// WithObserver panics if o is nil.
func WithObserver(o desync.Observer) Option {
	if o == nil {
		panic("natsmap: WithObserver: the observer is nil")
	}
	return func(c *config) { c.observers = append(c.observers, o) }
}

// A Command is a kind of step on the state of a key. Make it with [Family.Command].
type Command[T, In, Out any] struct {
	family *Family[T]
	name   string
	run    func(t *Turn, state *T, in In) (Out, error)
}

// Command adds a command to the family. The name is in each message, so it must keep its
// meaning: a new meaning gets a new name, such as deposit/2.
//
// run is called in the turn of the key: no other command of the key runs, on any machine. It
// may change the state, and what it has changed is saved before the caller gets the result. If
// it returns an error or panics, the state stays as it was; the caller gets a [*RefusedError].
// It may be called again for the same command if the process ends, or loses the key, before
// the state is saved; then what the first call has changed is gone. So it should do nothing
// that cannot be done twice, except by [Turn.Send], and to other systems with [Turn.Token].
//
// Command panics if the name is empty, longer than 40 bytes or used twice, if run is nil, or
// after [Family.Open].
func (f *Family[T]) Command[In, Out any](name string, run func(t *Turn, state *T, in In) (Out, error)) *Command[T, In, Out] {
	switch {
	case name == "" || len(name) > maxName:
		panic(fmt.Sprintf("natsmap: Command(%q): a name has 1 to %d bytes", name, maxName))
	case run == nil:
		panic(fmt.Sprintf("natsmap: Command(%q): the function is nil", name))
	}
	c := &Command[T, In, Out]{f, name, run}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.opened {
		panic(fmt.Sprintf("natsmap: Command(%q): the family %s is open already", name, f.name))
	}
	if f.commands[name] != nil {
		panic(fmt.Sprintf("natsmap: Command(%q): the family %s has a command of this name", name, f.name))
	}
	f.commands[name] = c.handle
	return c
}

// handle decodes, runs and encodes.
func (c *Command[T, In, Out]) handle(t *Turn, state *T, data []byte) (result []byte, sent []follow, err error) {
	codec := c.family.config.codec
	var in In
	if err := codec.Unmarshal(data, &in); err != nil {
		return nil, nil, &BadInputError{Command: c.name, Err: err}
	}
	out, err := c.run(t, state, in)
	if err == nil {
		err = t.err
	}
	if err != nil {
		return nil, nil, err
	}
	if result, err = codec.Marshal(out); err != nil {
		return nil, nil, fmt.Errorf("natsmap: the result of the command %s cannot be encoded: %w", c.name, err)
	}
	return result, t.sent, nil
}

// Try runs the command on state, here and now, as it would run on a server: what it gets and
// what it leaves goes through the codec. It returns what would be sent after it. It is for
// tests; it needs no server. If the command fails, the state stays as it was.
func (c *Command[T, In, Out]) Try(state *T, in In) (out Out, sent []Sent, err error) {
	codec := c.family.config.codec
	data, err := codec.Marshal(in)
	if err != nil {
		return out, nil, &BadInputError{Command: c.name, Err: err}
	}
	before, err := codec.Marshal(state)
	if err != nil {
		return out, nil, fmt.Errorf("natsmap: the state cannot be encoded: %w", err)
	}
	work := new(T)
	if err := codec.Unmarshal(before, work); err != nil {
		return out, nil, fmt.Errorf("natsmap: the state cannot be decoded: %w", err)
	}
	t := &Turn{Family: c.family.name, Attempt: 1, ctx: context.Background(), codec: codec}
	result, follows, err := c.handle(t, work, data)
	if err != nil {
		return out, nil, err
	}
	if err := codec.Unmarshal(result, &out); err != nil {
		return out, nil, fmt.Errorf("natsmap: the result of the command %s cannot be decoded: %w", c.name, err)
	}
	after, err := codec.Marshal(work)
	if err != nil {
		return out, nil, fmt.Errorf("natsmap: the state cannot be encoded: %w", err)
	}
	saved := new(T)
	if err := codec.Unmarshal(after, saved); err != nil {
		return out, nil, fmt.Errorf("natsmap: the state cannot be decoded: %w", err)
	}
	*state = *saved
	for _, s := range follows {
		sent = append(sent, Sent{Key: s.Key, Command: s.Command, Input: s.Input})
	}
	return out, sent, nil
}
