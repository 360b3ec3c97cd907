package rows

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/go-desync/go-desync/adapters/natsmap"
)

// retention hands over many times what the log has room for.
func retention(ctx context.Context, e *env) error {
	const bound = 2 << 20
	f := e.family("retention")
	f.MaxLog = bound
	if e.Fault == "roomy" {
		f.MaxLog *= 10
	}
	cl, err := e.client(ctx, f)
	if err != nil {
		return err
	}
	var looking sync.WaitGroup
	look, stop := context.WithCancel(ctx)
	defer stop()
	var most, looks, last uint64
	looking.Go(func() {
		for wait(look, 5*time.Millisecond) {
			s, err := cl.js.Stream(look, f.Name+"-log")
			if err != nil {
				continue
			}
			state := s.CachedInfo().State
			// The checkpoints are read after the log, and only grow.
			low, err := e.lowest(look, cl)
			if err != nil {
				continue
			}
			looks++
			most, last = max(most, state.Bytes), state.FirstSeq
			e.require(state.FirstSeq == 0 || state.FirstSeq-1 <= low, "the log begins at %d, and the lowest checkpoint is %d", state.FirstSeq, low)
		}
	})
	l := cl.hand(ctx, &load{commands: e.pick(100_000, 30_000), keys: 100})
	for l.full.Load() == 0 && l.handed.Load() < int64(l.commands) && wait(ctx, 5*time.Millisecond) {
	} // nobody serves until the log is full
	_, _, err = e.pair(ctx, f)
	err = errors.Join(err, e.finish(ctx, l))
	stop()
	looking.Wait()
	if err != nil {
		return err
	}
	e.figure("log at most %.2f of %.2f MB, begins at %d, in %d looks", float64(most)/megabyte, float64(bound)/megabyte, last, looks)
	e.figure("refused %d times", l.full.Load())
	e.require(most <= bound, "the log had %d bytes; at most %d are allowed", most, bound)
	e.require(looks > 0 && last > 1, "the log was not cut")
	return nil
}

// lowest returns the lowest checkpoint, as the leader of the stream knows it.
func (e *env) lowest(ctx context.Context, cl *client) (uint64, error) {
	low := uint64(math.MaxUint64)
	for p := range cl.c.Partitions {
		request := fmt.Sprintf(`{"last_by_subj":"%s.o.%d"}`, cl.c.Name, p)
		reply, err := cl.nc.RequestWithContext(ctx, "$JS.API.STREAM.MSG.GET."+cl.c.Name+"-state", []byte(request))
		if err != nil {
			return 0, err
		}
		var found struct {
			Message struct {
				Data []byte `json:"data"`
			} `json:"message"`
		}
		var owner struct {
			Checkpoint uint64 `json:"checkpoint"`
		}
		if err := json.Unmarshal(reply.Data, &found); err != nil {
			return 0, err
		}
		if err := json.Unmarshal(found.Message.Data, &owner); err != nil {
			return 0, err
		}
		low = min(low, owner.Checkpoint)
	}
	return low, nil
}

// forget deletes a key, and looks for a marker that its states, its inputs and its results have,
// and for its name.
func forget(ctx context.Context, e *env) error {
	cl, _, _, err := e.start(ctx, "forget")
	if err != nil {
		return err
	}
	const marker, name = "MARKER", "NAMED"
	key := "key-" + name
	for i := range e.pick(200, 20) {
		if _, err := cl.Sync(ctx, key, cl.f.Say, fmt.Sprint(marker, i)); err != nil {
			return err
		}
	}
	if _, err := cl.Sync(ctx, key, cl.f.Say, "refuse "+marker); err == nil {
		return errors.New("the command that refuses has not")
	}
	for range 2 { // one goes to the dead letters, and at the other the key is parked
		_, err := cl.Sync(ctx, key, cl.f.Odd, "retry")
		p, ok := errors.AsType[*natsmap.ParkedError](err)
		if !ok {
			return fmt.Errorf("the key should be parked, and gave %w", err)
		}
		if parked, err := e.found(ctx, cl, marker); err != nil || len(parked) < 3 {
			return fmt.Errorf("the marker is at %v, %v; want it in the log, the states and the list of parked keys", parked, err)
		}
		if err := cl.Async(ctx, key, cl.f.Say, marker); err != nil {
			return err
		}
		if err := cl.Skip(ctx, key, p.Seq); err != nil {
			return err
		}
	}
	if _, err := cl.Sync(ctx, key, cl.f.Odd, "panic"); err == nil {
		return errors.New("the key should be parked")
	}
	before, err := e.found(ctx, cl, marker)
	if err != nil {
		return err
	}
	if e.Fault != "keep" {
		if err := cl.Delete(ctx, key); err != nil {
			return err
		}
	}
	after, err := e.found(ctx, cl, marker)
	if err != nil {
		return err
	}
	e.figure("%d messages had the marker, %d after Delete", len(before), len(after))
	e.require(len(after) == 0, "after Delete the marker is at %s", some(after))
	if err := e.nameless(ctx, cl, name); err != nil {
		return err
	}
	if _, info, err := cl.Get(ctx, key); err != nil || info.Exists || info.Parked != nil {
		return fmt.Errorf("after Delete there is %+v, %v", info, err)
	}
	if n, err := cl.Sync(ctx, key, cl.f.Count, 1); err != nil || n != 1 {
		return fmt.Errorf("the first command after Delete gave %d, %v; want 1", n, err)
	}
	return nil
}

// nameless waits until the name of a deleted key is nowhere. Until then it may be in the subject
// of the empty record and in the list of those.
func (e *env) nameless(ctx context.Context, cl *client, name string) error {
	for begun := time.Now(); ; {
		left, err := e.found(ctx, cl, name)
		if err != nil || len(left) == 0 {
			e.figure("its name after %v", round(time.Since(begun)))
			return err
		}
		left = slices.DeleteFunc(left, func(s string) bool {
			return time.Since(begun) < 8*lease && (strings.HasPrefix(s, cl.c.Name+".s.") || strings.HasPrefix(s, cl.c.Name+".g."))
		})
		e.require(len(left) == 0, "after Delete the name of the key is at %s", some(left))
		if len(left) > 0 || !wait(ctx, 100*time.Millisecond) {
			return context.Cause(ctx)
		}
	}
}

// found returns the subjects of the messages that have a text, read one by one, by all servers
// that may answer, and through a consumer.
func (e *env) found(ctx context.Context, cl *client, text string) (subjects []string, err error) {
	for _, name := range []string{cl.c.Name + "-log", cl.c.Name + "-state"} {
		s, err := cl.js.Stream(ctx, name)
		if err != nil {
			return nil, err
		}
		info, err := s.Info(ctx, jetstream.WithSubjectFilter(">"))
		if err != nil {
			return nil, err
		}
		state := info.State
		for subject := range state.Subjects {
			if strings.Contains(subject, text) {
				subjects = append(subjects, subject)
			}
		}
		for range e.Servers { // whichever answers
			for seq := max(state.FirstSeq, 1); seq <= state.LastSeq; seq++ {
				msg, err := s.GetMsg(ctx, seq)
				if errors.Is(err, jetstream.ErrMsgNotFound) {
					continue
				} else if err != nil {
					return nil, err
				}
				if strings.Contains(msg.Subject+string(msg.Data)+fmt.Sprint(msg.Header), text) {
					subjects = append(subjects, fmt.Sprint(msg.Subject, " at ", seq))
				}
			}
		}
		if state.Msgs == 0 {
			continue
		}
		c, err := cl.js.OrderedConsumer(ctx, name, jetstream.OrderedConsumerConfig{})
		if err != nil {
			return nil, err
		}
		batch, err := c.FetchNoWait(int(state.Msgs))
		if err != nil {
			return nil, err
		}
		for msg := range batch.Messages() {
			if strings.Contains(msg.Subject()+string(msg.Data())+fmt.Sprint(msg.Headers()), text) {
				subjects = append(subjects, msg.Subject()+" by a consumer")
			}
		}
	}
	return subjects, nil
}
