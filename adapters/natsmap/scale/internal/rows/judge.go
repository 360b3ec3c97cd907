package rows

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/go-desync/go-desync/adapters/natsmap/scale/internal/tally"
)

// states reads the states of all keys.
func states(ctx context.Context, js jetstream.JetStream, family string) (map[string]tally.Tally, error) {
	c, err := js.OrderedConsumer(ctx, family+"-state", jetstream.OrderedConsumerConfig{
		FilterSubjects: []string{family + ".s.>"}, InactiveThreshold: 10 * time.Second,
	})
	if err != nil {
		return nil, err
	}
	found := map[string]tally.Tally{}
	if c.CachedInfo().NumPending == 0 {
		return found, nil
	}
	all, err := c.Messages(jetstream.PullMaxMessages(2000))
	if err != nil {
		return nil, err
	}
	defer all.Stop()
	for {
		msg, err := all.Next(jetstream.NextContext(ctx))
		if err != nil {
			return nil, err
		}
		meta, err := msg.Metadata()
		if err != nil {
			return nil, err
		}
		y, err := tally.Decode(msg.Data())
		if err != nil && len(msg.Data()) > 0 {
			return nil, err
		}
		if msg.Headers().Get("Desync-Deleted") == "" { // there is no such key
			found[msg.Subject()[strings.LastIndexByte(msg.Subject(), '.')+1:]] = y
		}
		if meta.NumPending == 0 {
			return found, nil
		}
	}
}

// judge waits until all keys have seen what they should, and no more. It fails as soon as one
// has seen something else, or when nothing changes for a while.
func (e *env) judge(ctx context.Context, cl *client, want map[string]tally.Tally) error {
	patience := time.Duration(e.pick(30, 12)) * time.Second
	before, changed := -1, time.Now()
	var unread error
	for pause := 20 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		attempt, cancel := context.WithTimeout(ctx, patience)
		found, err := states(attempt, cl.js, cl.c.Name)
		cancel()
		unread = err
		if err == nil {
			seen, missing, wrong := compare(found, want)
			if len(wrong) > 0 {
				return fmt.Errorf("%d of %d keys are wrong: %s", len(wrong), len(want), some(wrong))
			}
			if len(missing) == 0 {
				return nil
			}
			if seen != before {
				before, changed = seen, time.Now()
			} else if time.Since(changed) > patience {
				return fmt.Errorf("nothing has changed for %v, and %d of %d keys lack commands: %s%s", patience, len(missing), len(want), some(missing), e.stuck(ctx))
			}
			e.progress("%d of %d keys have all their commands", len(want)-len(missing), len(want))
		}
		if !wait(ctx, pause) {
			return errors.Join(fmt.Errorf("the keys have not got all their commands: %w", context.Cause(ctx)), unread)
		}
	}
}

// compare returns how many commands all keys have seen, and the keys that lack some, and those
// that have seen too many or others.
func compare(found, want map[string]tally.Tally) (seen int, missing, wrong []string) {
	for key, w := range want {
		y := found[key]
		seen += y.N
		switch {
		case y.Same(w):
		case y.N < w.N:
			missing = append(missing, fmt.Sprintf("%s has %v; want %v", key, y, w))
		default:
			wrong = append(wrong, fmt.Sprintf("%s has %v; want %v", key, y, w))
		}
	}
	return seen, missing, wrong
}

// some joins the first few.
func some(all []string) string {
	if len(all) > 3 {
		all = append(all[:3:3], "…")
	}
	return strings.Join(all, "; ")
}
