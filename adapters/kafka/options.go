package kafka

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// checkOptions returns the group of the options, or why Run cannot do with them. It does not
// connect.
func checkOptions(opts []kgo.Opt, drain time.Duration) (group string, err error) {
	err = look(opts, func(cl *kgo.Client) error {
		group, _ = cl.OptValue(kgo.ConsumerGroup).(string)
		return refusal(cl, group, drain)
	})
	return group, err
}

// look calls check with a client that is being made of the options, and then breaks off: no
// goroutine is started and no hook of the user is called. The hooks of new clients are called
// in the order of the options, before anything else is done with the client.
func look(opts []kgo.Opt, check func(*kgo.Client) error) (err error) {
	p := &probe{check: check}
	defer func() {
		if p.seen {
			_ = recover() // what the probe has panicked with
			err = p.err
		}
	}()
	first := []kgo.Opt{kgo.WithHooks(p), kgo.AutoCommitInterval(untouched)}
	cl, err := kgo.NewClient(append(append(first, opts...), kgo.WithContext(context.Background()))...)
	if err != nil {
		return fmt.Errorf("kafka: Run: %w", err)
	}
	cl.Close()
	return errors.New("kafka: Run: this version of franz-go does not call the hooks of a new client, so its options cannot be checked")
}

// untouched is an interval that nobody else sets.
const untouched = 1000*time.Hour + 1

type probe struct {
	check func(*kgo.Client) error
	seen  bool
	err   error
}

func (p *probe) OnNewClient(cl *kgo.Client) {
	p.err = p.check(cl)
	p.seen = true
	panic("the options are known")
}

func refusal(cl *kgo.Client, group string, drain time.Duration) error {
	if cl.OptValue(kgo.ShareGroup) != "" {
		return errors.New("kafka: Run: kgo.ShareGroup is set: the records of a share group have no order; use kgo.ConsumerGroup")
	}
	if group == "" {
		return errors.New("kafka: Run: there is no group; add kgo.ConsumerGroup to the options")
	}
	if topics, _ := cl.OptValue(kgo.ConsumeTopics).([]string); len(topics) == 0 {
		return errors.New("kafka: Run: there is no topic; add kgo.ConsumeTopics to the options")
	}
	if id := cl.OptValues(kgo.TransactionalID); len(id) == 2 && id[1] == true {
		return errors.New("kafka: Run: kgo.TransactionalID is set: Run commits without transactions; use a client of its own to produce")
	}
	for _, own := range []struct {
		option any
		name   string
		why    string
	}{
		{kgo.OnPartitionsAssigned, "OnPartitionsAssigned", itself},
		{kgo.OnPartitionsRevoked, "OnPartitionsRevoked", itself},
		{kgo.OnPartitionsLost, "OnPartitionsLost", itself},
		{kgo.OnOffsetsFetched, "OnOffsetsFetched", itself},
		{kgo.AdjustFetchOffsetsFn, "AdjustFetchOffsetsFn", "what is done beyond the committed offset would not fit another one; change the committed offsets of the group before Run"},
		{kgo.AutoCommitCallback, "AutoCommitCallback", commits},
		{kgo.AutoCommitMarks, "AutoCommitMarks", commits},
		{kgo.GreedyAutoCommit, "GreedyAutoCommit", commits},
	} {
		if v := reflect.ValueOf(cl.OptValue(own.option)); v.IsValid() && !v.IsZero() {
			return fmt.Errorf("kafka: Run: remove kgo.%s from the options: %s", own.name, own.why)
		}
	}
	if cl.OptValue(kgo.AutoCommitInterval) != untouched {
		return fmt.Errorf("kafka: Run: remove kgo.AutoCommitInterval from the options: %s", commits)
	}
	if limit, _ := cl.OptValue(kgo.RebalanceTimeout).(time.Duration); drain >= limit {
		return fmt.Errorf("kafka: Run: Consumer.Drain is %v, and a rebalance takes the partitions away after kgo.RebalanceTimeout, which is %v: it must be less", drain, limit)
	}
	return nil
}

const (
	itself  = "Run sets it itself"
	commits = "Run commits itself what the handler has done, and turns automatic commits off; see Consumer.CommitEvery"
)
