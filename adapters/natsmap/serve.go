package natsmap

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Serve runs the commands of this process's share of the partitions, beside the other
// processes that serve the family, until ctx ends. Then it finishes what is at work, for at
// most the time of the lease, hands its partitions over, and returns nil. It returns an error
// if it cannot begin, if it is called while it runs, if the connection is closed, if the server
// refuses something to the user, or if the log is not the one that was served before; see
// [LogChangedError].
//
// Serve runs commands on goroutines of its own. When it returns, none is left.
func (m *Map[T]) Serve(ctx context.Context) error {
	if !m.serving.busy.CompareAndSwap(false, true) {
		return fmt.Errorf("natsmap: serve %s: this Map serves already", m.family.name)
	}
	defer m.serving.busy.Store(false)
	l := &loop[T]{m: m, alive: map[string]sign{}, owners: map[int]owned{}, parts: map[int]*part[T]{}, wake: make(chan struct{}, 1), view: logView{failed: make(chan error, 1)}}
	nc, err := m.connect(l.view.report)
	if err != nil {
		return fmt.Errorf("natsmap: serve %s: %w", m.family.name, err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		return fmt.Errorf("natsmap: serve %s: %w", m.family.name, err)
	}
	l.s = &server{nc: nc, js: js, room: make(chan struct{}, m.family.config.running), rereads: make(chan struct{}, manyAgain), most: map[int]func() (int, func()){}}
	return l.run(ctx)
}

// A loop takes and gives partitions. Nobody coordinates the processes: each computes from the
// same signs of life which partitions are its own. If two are of another opinion for a while,
// the record of the partition decides, and the state of each key refuses whoever is behind.
type loop[T any] struct {
	m *Map[T]
	s *server

	mu     sync.Mutex
	alive  map[string]sign
	owners map[int]owned
	wake   chan struct{} // something of these has changed

	watcher *reader
	hears   time.Time // from when on this process has heard its own signs of life; with mu
	kicked  time.Time // when the watcher was last opened again because it heard nothing; with mu

	confirmed atomic.Pointer[time.Time] // when the last sign of life was sent that the server has confirmed

	parts   map[int]*part[T] // those of this process; owned by run
	ending  sync.Map         // of int: partitions that are handed over now
	view    logView
	cutting atomic.Bool
	freeing atomic.Bool
	below   uint64    // the log was cut there; owned by run
	cutAt   time.Time // and then; owned by run
	working sync.WaitGroup
}

func (l *loop[T]) run(ctx context.Context) error {
	f := l.m.family
	work, stop := context.WithCancel(context.WithoutCancel(ctx)) // it ends after ctx
	defer stop()
	l.kicked = time.Now()
	l.watcher = &reader{js: l.s.js, stream: f.stateStream(), filter: []string{f.subject("o", "*"), f.subject("h", "*")}, ahead: 256}
	var beside sync.WaitGroup
	beating, stopBeating := context.WithCancel(work)
	beside.Go(func() { l.beat(beating) })
	beside.Go(func() { l.watch(beating) })
	tick := time.NewTicker(f.config.lease / 10)
	defer tick.Stop()
	l.m.serving.tell(l.ownersNow)
	defer l.m.serving.tell(nil)
	var err error
	for ctx.Err() == nil && err == nil {
		select {
		case <-ctx.Done():
		case err = <-l.view.failed:
		case <-tick.C:
			l.look(work)
		case <-l.wake:
			l.look(work)
		}
	}
	l.leave(work)
	stopBeating()
	beside.Wait()
	l.bye()
	return err
}

// signal makes run look.
func (l *loop[T]) signal() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// leave hands all partitions over.
func (l *loop[T]) leave(work context.Context) {
	ctx, cancel := context.WithTimeout(work, l.m.family.config.lease)
	defer cancel()
	for n := range l.parts {
		l.let(n, func(p *part[T]) { p.drain(ctx) })
	}
	l.working.Wait()
}

// bye tells the others that this process has ended, so that they need not wait for the lease.
func (l *loop[T]) bye() {
	ctx, cancel := context.WithTimeout(context.Background(), publishWait)
	defer cancel()
	own := l.m.family.subject("h", l.m.self)
	if _, err := l.s.js.Publish(ctx, own, nil); err == nil {
		l.forget(own)
	}
}
