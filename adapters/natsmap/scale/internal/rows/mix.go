package rows

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/go-desync/go-desync/adapters/natsmap"
	"github.com/go-desync/go-desync/adapters/natsmap/scale/internal/tally"
	"github.com/go-desync/go-desync/desync"
)

// mix uses the saves that counting does not: commands that send others, keys that are parked
// and skipped or resumed, and keys that are deleted. It goes on until until ends, finishes the
// round it is in, and then the function that it returns says what was done.
func mix(until, ctx context.Context, cl *client) (ended func() (done string, err error)) {
	rounds := []func(ctx context.Context, cl *client, i int) error{passOn, parkAndSkip, parkAndResume, countAndDelete}
	errs, counts := make([]error, len(rounds)), make([]int, len(rounds))
	var all sync.WaitGroup
	for k, round := range rounds {
		all.Go(func() {
			for until.Err() == nil && errs[k] == nil {
				errs[k] = round(ctx, cl, counts[k])
				counts[k]++
			}
		})
	}
	return func() (string, error) {
		all.Wait()
		return fmt.Sprintf("beside them %d sent on, %d skipped, %d resumed, %d deleted", counts[0], counts[1], counts[2], counts[3]), errors.Join(errs...)
	}
}

// passOn has one key send to another, and waits until that has it.
func passOn(ctx context.Context, cl *client, i int) error {
	id := fmt.Sprint("pass-", i)
	if n, err := call(ctx, cl, "sender", id, func(o natsmap.CallOption) (int, error) {
		return cl.Sync(ctx, "sender", cl.f.Pass, "receiver", o)
	}); err != nil || n != i+1 {
		return fmt.Errorf("the command %d that sends on gave %d, %v; want %d", i, n, err, i+1)
	}
	for {
		y, _, err := cl.get(ctx, "receiver")
		if err == nil && y.N > i+1 {
			return fmt.Errorf("the receiver has %d commands, and %d were sent", y.N, i+1)
		}
		if err == nil && y.N == i+1 {
			return nil
		}
		if !wait(ctx, pauseOfPolls) {
			return fmt.Errorf("the receiver has %d of %d commands: %w, %v", y.N, i+1, context.Cause(ctx), err)
		}
	}
}

// get asks for a state, not longer than a server that lives needs to answer: what one is asked
// that is just killed is not answered at all.
func (cl *client) get(ctx context.Context, key string) (tally.Tally, natsmap.Info, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	return cl.Get(ctx, key)
}

const pauseOfPolls = 2 * time.Millisecond

// call calls until it is known what became of the command. A key may be between two owners.
func call(ctx context.Context, cl *client, key, id string, f func(natsmap.CallOption) (int, error)) (int, error) {
	for {
		n, err := f(natsmap.WithID(id))
		_, unknown := errors.AsType[*natsmap.UnknownError](err)
		if ctx.Err() != nil || !unknown && !errors.Is(err, desync.ErrNotRun) {
			return n, err
		}
	}
}

// park parks a key by a command that fails.
func park(ctx context.Context, cl *client, key, how, id string) (seq uint64, err error) {
	_, err = call(ctx, cl, key, id, func(o natsmap.CallOption) (int, error) { return cl.Sync(ctx, key, cl.f.Odd, how, o) })
	p, ok := errors.AsType[*natsmap.ParkedError](err)
	if !ok {
		return 0, fmt.Errorf("the key %s is not parked, but its command gave %w", key, err)
	}
	return p.Seq, nil
}

// steer resumes, skips or deletes, and tries again when it is not known whether that was done. An
// owner that ends after it was done and before the caller knows leaves it to the next one, which
// finds nothing to do: what counts is the key, which is looked at afterwards.
func steer(ctx context.Context, f func(ctx context.Context) error) error {
	for {
		attempt, cancel := context.WithTimeout(ctx, 10*time.Second)
		err := f(attempt)
		cancel()
		if refused, ok := errors.AsType[*natsmap.RefusedError](err); ok && strings.Contains(refused.Text, "is not parked") {
			return nil
		}
		_, unknown := errors.AsType[*natsmap.UnknownError](err)
		if ctx.Err() != nil || !unknown && !errors.Is(err, desync.ErrNotRun) {
			return err
		}
	}
}

// parkAndSkip skips a command at which a key is parked; the key goes on.
func parkAndSkip(ctx context.Context, cl *client, i int) error {
	seq, err := park(ctx, cl, "skipped", "retry", fmt.Sprint("skip-", i))
	if err == nil {
		err = steer(ctx, func(ctx context.Context) error { return cl.Skip(ctx, "skipped", seq) })
	}
	if err != nil {
		return fmt.Errorf("skip %d: %w", i, err)
	}
	return expect(ctx, cl, "skipped", fmt.Sprint("skip-count-", i), i+1)
}

// parkAndResume resumes a key, which is parked again at the same command, and then skips it.
func parkAndResume(ctx context.Context, cl *client, i int) error {
	seq, err := park(ctx, cl, "resumed", "retry", fmt.Sprint("resume-", i))
	if err == nil {
		err = steer(ctx, func(ctx context.Context) error { return cl.Resume(ctx, "resumed") })
	}
	if err != nil {
		return fmt.Errorf("resume %d: %w", i, err)
	}
	_, info, err := cl.get(ctx, "resumed")
	if err == nil && cl.c.Replicas == 1 && (info.Parked == nil || info.Parked.Seq != seq) { // a replica may be behind
		return fmt.Errorf("the key resumed should be parked at %d again, and has %+v", seq, info.Parked)
	}
	if err := steer(ctx, func(ctx context.Context) error { return cl.Skip(ctx, "resumed", seq) }); err != nil {
		return fmt.Errorf("skip after resume %d: %w", i, err)
	}
	return expect(ctx, cl, "resumed", fmt.Sprint("resume-count-", i), i+1)
}

// countAndDelete deletes a key, which begins again.
func countAndDelete(ctx context.Context, cl *client, i int) error {
	if err := expect(ctx, cl, "deleted", fmt.Sprint("delete-", i), 1); err != nil {
		return err
	}
	if err := steer(ctx, func(ctx context.Context) error { return cl.Delete(ctx, "deleted") }); err != nil {
		return fmt.Errorf("delete %d: %w", i, err)
	}
	return nil
}

// expect counts, and says how many commands the key must have then.
func expect(ctx context.Context, cl *client, key, id string, want int) error {
	n, err := call(ctx, cl, key, id, func(o natsmap.CallOption) (int, error) { return cl.Sync(ctx, key, cl.f.Count, 1, o) })
	if err != nil || n != want {
		return fmt.Errorf("the key %s has %d commands, %v; want %d", key, n, err, want)
	}
	return nil
}
