package rows

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/go-desync/go-desync/adapters/natsmap"
	"github.com/go-desync/go-desync/adapters/natsmap/scale/internal/child"
	"github.com/go-desync/go-desync/adapters/natsmap/scale/internal/tally"
)

// poison hands over commands that cannot run.
func poison(ctx context.Context, e *env) error {
	f := e.family("poison")
	newer := f
	newer.Version = 2 // the worker does not know its command Newer
	cl, err := e.client(ctx, newer)
	if err != nil {
		return err
	}
	w, err := e.worker(ctx, f)
	if err != nil {
		return err
	}
	bad, err := e.badBytes(ctx, f)
	if err != nil {
		return err
	}
	l := cl.hand(ctx, &load{commands: e.pick(20_000, 2_000), keys: e.pick(200, 50)})
	kinds := map[string]func(ctx context.Context, key string) error{
		"panics": func(ctx context.Context, key string) error {
			_, err := cl.Sync(ctx, key, cl.f.Odd, "panic")
			return err
		},
		"retries": func(ctx context.Context, key string) error {
			_, err := cl.Sync(ctx, key, cl.f.Odd, "retry")
			return err
		},
		"unknown": func(ctx context.Context, key string) error { _, err := cl.Sync(ctx, key, cl.f.Newer, 1); return err },
		"bytes":   bad,
	}
	seqs := map[string]uint64{}
	want := map[string]tally.Tally{}
	for key, hand := range kinds {
		if _, err := cl.Sync(ctx, key, cl.f.Count, 1); err != nil {
			return err
		}
		soon, cancel := context.WithTimeout(ctx, 10*time.Second)
		err := hand(soon, key)
		cancel()
		p, ok := errors.AsType[*natsmap.ParkedError](err)
		if !ok {
			return fmt.Errorf("the key %s should be parked, and gave %w", key, err)
		}
		seqs[key] = p.Seq
		if err := cl.Async(ctx, key, cl.f.Count, 2); err != nil {
			return err
		}
		y := tally.Tally{}
		y.Add(1)
		if key == "panics" || key == "retries" {
			y.Add(5)
		}
		y.Add(2)
		want[key] = y
	}
	if err := e.finish(ctx, l); err != nil { // the others have gone on
		return err
	}
	if err := e.parked(ctx, cl, len(kinds)); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	if w, err = e.worker(ctx, f); err != nil {
		return err
	}
	if _, err := w.Tell(ctx, "mend"); err != nil {
		return err
	}
	if err := e.parked(ctx, cl, len(kinds)); err != nil {
		return err
	}
	if err := errors.Join(
		cl.Resume(ctx, "panics"), cl.Resume(ctx, "retries"),
		cl.Skip(ctx, "unknown", seqs["unknown"]), cl.Skip(ctx, "bytes", seqs["bytes"]),
	); err != nil {
		return err
	}
	if err := e.judge(ctx, cl, want); err != nil {
		return fmt.Errorf("after Resume and Skip: %w", err)
	}
	if err := e.parked(ctx, cl, 0); err != nil {
		return err
	}
	return e.restartBehind(ctx, cl, f, w)
}

// parked checks how many keys are parked.
func (e *env) parked(ctx context.Context, cl *client, want int) error {
	for n := 0; ; n = 0 {
		for _, err := range cl.Parked(ctx) {
			if err != nil {
				return err
			}
			n++
		}
		if n == want {
			return nil
		}
		if e.Servers == 1 || !wait(ctx, 50*time.Millisecond) { // a replica may be behind
			return fmt.Errorf("%d keys are parked; want %d", n, want)
		}
	}
}

// badBytes returns a call whose input the workers cannot decode: it is text, where a number
// belongs.
func (e *env) badBytes(ctx context.Context, c tally.Config) (func(ctx context.Context, key string) error, error) {
	nc, _, err := e.connect()
	if err != nil {
		return nil, err
	}
	other := natsmap.New[tally.Tally](c.Name, natsmap.Partitions(c.Partitions), natsmap.Replicas(c.Replicas))
	count := other.Command("count", func(*natsmap.Turn, *tally.Tally, string) (int, error) { return 0, nil })
	m, err := other.Open(ctx, nc)
	if err != nil {
		return nil, err
	}
	e.cleanup(func() error { m.Close(); return nil })
	return func(ctx context.Context, key string) error {
		_, err := m.Sync(ctx, key, count, "one")
		return err
	}, nil
}

// restartBehind parks a key, lets a million of its commands wait, and starts another worker.
func (e *env) restartBehind(ctx context.Context, cl *client, f tally.Config, w *child.Process) error {
	const key = "stands"
	if _, err := cl.Sync(ctx, key, cl.f.Newer, 1); err == nil {
		return errors.New("the key stands is not parked")
	}
	if err := cl.Async(ctx, key, cl.f.Count, 1); err != nil {
		return err
	}
	n := e.million(20_000)
	if err := e.copies(ctx, cl, key, n); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	again := e.watch(nil)
	if _, err := e.worker(ctx, f); err != nil {
		return err
	}
	for _, other := range []string{"panics", "k000000", "new"} {
		if _, err := cl.Sync(ctx, other, cl.f.Count, 1); err != nil {
			return err
		}
	}
	again.within(2*time.Second, fmt.Sprintf("restarted, behind %d commands of a parked key,", n))
	begun := time.Now()
	if err := cl.Delete(ctx, key); err != nil {
		return err
	}
	e.figure("deleted in %v", round(time.Since(begun)))
	return e.parked(ctx, cl, 0)
}

// copies writes copies of the last command of a key to the log, many at once.
func (e *env) copies(ctx context.Context, cl *client, key string, n int) error {
	pattern, err := lastCommand(ctx, cl, key)
	if err != nil {
		return err
	}
	failed := make(chan error, 1)
	js, err := jetstream.New(cl.nc, jetstream.WithPublishAsyncMaxPending(4000),
		jetstream.WithPublishAsyncErrHandler(func(_ jetstream.JetStream, _ *nats.Msg, err error) {
			select {
			case failed <- err:
			default:
			}
		}))
	if err != nil {
		return err
	}
	for i := range n {
		msg := &nats.Msg{Subject: pattern.Subject, Data: pattern.Data, Header: nats.Header{}}
		for name := range pattern.Header {
			msg.Header.Set(name, pattern.Header.Get(name))
		}
		msg.Header.Set(nats.MsgIdHdr, fmt.Sprint("copy-", i))
		if _, err := js.PublishMsgAsync(msg, jetstream.WithStallWait(30*time.Second)); err != nil {
			return err
		}
		if i%100_000 == 99_999 {
			e.progress("%d commands are in the log", i+1)
		}
	}
	select {
	case <-js.PublishAsyncComplete():
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	select {
	case err := <-failed:
		return err
	default:
		return nil
	}
}

// lastCommand returns the last command of the log, which must be of the key.
func lastCommand(ctx context.Context, cl *client, key string) (*jetstream.RawStreamMsg, error) {
	log, err := cl.js.Stream(ctx, cl.c.Name+"-log")
	if err != nil {
		return nil, err
	}
	msg, err := log.GetMsg(ctx, log.CachedInfo().State.LastSeq)
	if err == nil && !strings.Contains(msg.Subject, key) {
		err = fmt.Errorf("the last command is of %s, not of %s", msg.Subject, key)
	}
	return msg, err
}
