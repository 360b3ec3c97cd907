package rows

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-desync/go-desync/adapters/natsmap"
	"github.com/go-desync/go-desync/adapters/natsmap/scale/internal/child"
)

// server kills the server, or stops the leaders of the streams, and cuts a worker off, while
// all kinds of saves go on.
func server(ctx context.Context, e *env) error {
	f := e.family("server")
	cl, err := e.client(ctx, f)
	if err != nil {
		return err
	}
	wire, err := newProxy(e.config.Ports[0])
	if err != nil {
		return err
	}
	e.cleanup(wire.close)
	first, err := e.workerAt(ctx, f, child.Config{URL: wire.url(), OnlyThese: true})
	if err != nil {
		return err
	}
	second, err := e.worker(ctx, f)
	if err != nil {
		return err
	}
	if err := e.shared(ctx, f, first, second); err != nil {
		return err
	}
	mixed, stopMixed := context.WithCancel(ctx)
	defer stopMixed()
	others := mix(mixed, ctx, cl)
	// Not more than the servers can write to the disk, so that the others need not wait long.
	l := cl.hand(ctx, &load{keys: e.pick(200, 50), rest: 100 * time.Millisecond})
	if err := l.reach(ctx, e.pick(2000, 300)); err != nil {
		return err
	}
	wire.cut()
	err = e.takenOver(ctx, e.watch(second))
	if err == nil {
		err = l.more(ctx, 300)
	}
	wire.heal()
	if err != nil {
		return fmt.Errorf("a worker was cut off: %w", err)
	}
	if err := e.shared(ctx, f, first, second); err != nil {
		return fmt.Errorf("a worker was cut off, and is back: %w", err)
	}
	e.figure("%d of its saves were refused", first.Last().Refused)
	e.progress("a worker was cut off and is back")
	if err := e.disturb(ctx, cl, l); err != nil {
		return err
	}
	stopMixed()
	done, err := others()
	if err != nil {
		return err
	}
	e.figure("%v", done)
	e.figure("at most %v without a confirmation", round(time.Duration(l.gap.Load())))
	return e.finish(ctx, l)
}

// disturb kills the server three times, or stops the leader of each stream once.
func (e *env) disturb(ctx context.Context, cl *client, l *load) error {
	between := func() error { return l.more(ctx, e.pick(1500, 300)) }
	if e.Servers == 1 {
		for range e.pick(3, 2) {
			if err := errors.Join(e.killServers(ctx), between()); err != nil {
				return fmt.Errorf("the server was killed: %w", err)
			}
			e.progress("the server was killed and is back")
		}
		return nil
	}
	for _, stream := range []string{cl.c.Name + "-log", cl.c.Name + "-state"} {
		if err := errors.Join(e.stopLeader(ctx, cl.js, stream, between), between()); err != nil {
			return fmt.Errorf("the leader of %s was stopped: %w", stream, err)
		}
		e.progress("the leader of %s was stopped and is back", stream)
	}
	return nil
}

// producer sends all IDs twice, while the log loses its server.
func producer(ctx context.Context, e *env) error {
	cl, _, _, err := e.start(ctx, "producer")
	if err != nil {
		return err
	}
	const batch = 8 // the same IDs come again so far behind
	l := cl.hand(ctx, &load{
		commands: e.pick(40_000, 4_000), keys: e.pick(100, 25),
		give: func(ctx context.Context, key string, n int) error {
			send := func(n int, again string) error {
				id := fmt.Sprintf("%s-%d", key, n)
				if e.Fault == "twice" {
					id += again
				}
				return cl.Async(ctx, key, cl.f.Count, n, natsmap.WithID(id))
			}
			err := send(n, "")
			for i := n - batch + 1; err == nil && n%batch == batch-1 && i <= n; i++ {
				err = send(i, "again")
			}
			return err
		},
	})
	for i := range 2 {
		if err := l.reach(ctx, (i+1)*l.commands/4); err != nil {
			return err
		}
		if e.Servers == 1 {
			err = e.killServers(ctx)
		} else {
			err = e.stopLeader(ctx, cl.js, cl.c.Name+"-log", func() error { return nil })
		}
		if err != nil {
			return err
		}
	}
	if err := e.finish(ctx, l); err != nil {
		return err
	}
	e.figure("each sent twice, at most %v without a confirmation", round(time.Duration(l.gap.Load())))
	return nil
}
