package kafka_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/sasl/plain"

	"github.com/go-desync/go-desync/adapters/kafka"
)

func nothing(context.Context, *kgo.Record) error { return nil }

// What makes no sense is refused before anything is dialed, with a message that says what to
// do. The options are known from what franz-go says of a client that is being made: if a new
// version changes that, this test fails.
func TestRunRefusesBeforeItConnects(t *testing.T) {
	callback := func(context.Context, *kgo.Client, map[string][]int32) {}
	for want, test := range map[string]struct {
		consumer *kafka.Consumer
		options  []kgo.Opt
	}{
		"there is no group; add kgo.ConsumerGroup":         {options: []kgo.Opt{kgo.ConsumerGroup("")}},
		"there is no topic; add kgo.ConsumeTopics":         {options: []kgo.Opt{kgo.ConsumeTopics()}},
		"kgo.TransactionalID is set":                       {options: []kgo.Opt{kgo.TransactionalID("t")}},
		"kgo.ShareGroup is set":                            {options: []kgo.Opt{kgo.ConsumerGroup(""), kgo.ShareGroup("s")}},
		"remove kgo.OnPartitionsAssigned from the options": {options: []kgo.Opt{kgo.OnPartitionsAssigned(callback)}},
		"remove kgo.OnPartitionsRevoked from the options":  {options: []kgo.Opt{kgo.OnPartitionsRevoked(callback)}},
		"remove kgo.OnPartitionsLost from the options":     {options: []kgo.Opt{kgo.OnPartitionsLost(callback)}},
		"remove kgo.OnOffsetsFetched from the options":     {options: []kgo.Opt{kgo.OnOffsetsFetched(func(context.Context, *kgo.Client, *kmsg.OffsetFetchResponse) error { return nil })}},
		"remove kgo.AdjustFetchOffsetsFn from the options": {options: []kgo.Opt{kgo.AdjustFetchOffsetsFn(func(_ context.Context, o map[string]map[int32]kgo.Offset) (map[string]map[int32]kgo.Offset, error) {
			return o, nil
		})}},
		"remove kgo.AutoCommitCallback from the options":    {options: []kgo.Opt{kgo.AutoCommitCallback(func(*kgo.Client, *kmsg.OffsetCommitRequest, *kmsg.OffsetCommitResponse, error) {})}},
		"remove kgo.AutoCommitMarks from the options":       {options: []kgo.Opt{kgo.AutoCommitMarks()}},
		"remove kgo.GreedyAutoCommit from the options":      {options: []kgo.Opt{kgo.GreedyAutoCommit()}},
		"remove kgo.AutoCommitInterval from the options":    {options: []kgo.Opt{kgo.AutoCommitInterval(5 * time.Second)}}, // even if it is the default
		"Consumer.Drain is 1m0s":                            {consumer: &kafka.Consumer{Drain: time.Minute}},
		"Consumer.Drain is 5s":                              {consumer: &kafka.Consumer{Drain: 5 * time.Second}, options: []kgo.Opt{kgo.RebalanceTimeout(5 * time.Second)}},
		"Consumer.Concurrency is -1; it must be positive":   {consumer: &kafka.Consumer{Concurrency: -1}},
		"Consumer.Buffer is -1; it must be positive":        {consumer: &kafka.Consumer{Buffer: -1}},
		"Consumer.BufferBytes is -1; it must be positive":   {consumer: &kafka.Consumer{BufferBytes: -1}},
		"Consumer.Attempts is -1; it must be positive":      {consumer: &kafka.Consumer{Attempts: -1}},
		"Consumer.CommitEvery is -1s; it must be positive":  {consumer: &kafka.Consumer{CommitEvery: -time.Second}},
		"Consumer.Drain is -1s; it must be positive":        {consumer: &kafka.Consumer{Drain: -time.Second}},
		"invalid empty topic name":                          {options: []kgo.Opt{kgo.ConsumeTopics("")}}, // kgo's own checks
		"invalid direct-partition consuming option":         {options: []kgo.Opt{kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{"t": {0: kgo.NewOffset()}})}},
		"cannot both disable autocommitting and enable mar": {options: []kgo.Opt{kgo.DisableAutoCommit(), kgo.AutoCommitMarks()}},
	} {
		t.Run(want, func(t *testing.T) {
			hook := new(newClients)
			options := []kgo.Opt{
				kgo.ConsumerGroup(group), kgo.ConsumeTopics(topic), kgo.WithHooks(hook),
				kgo.Dialer(func(context.Context, string, string) (net.Conn, error) {
					t.Error("Run has connected")
					return nil, errNo
				}),
			}
			c := test.consumer
			if c == nil {
				c = new(kafka.Consumer)
			}
			c.Handle = nothing
			err := c.Run(t.Context(), append(options, test.options...)...)
			if err == nil || !strings.HasPrefix(err.Error(), "kafka: Run: ") || !strings.Contains(err.Error(), want) {
				t.Errorf("Run has returned %v", err)
			}
			if *hook != 0 {
				t.Error("a client was made")
			}
		})
	}
	for want, run := range map[string]func() error{
		"Consumer.Handle is nil": func() error { return new(kafka.Consumer).Run(t.Context()) },
		"the context is nil":     func() error { return (&kafka.Consumer{Handle: nothing}).Run(nil) },
	} {
		if err := run(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Run has returned %v, want %s", err, want)
		}
	}
}

// newClients counts clients that are made.
type newClients int

func (n *newClients) OnNewClient(*kgo.Client) { *n++ }

// The user's hooks are told of one client, and sizes of zero are the defaults.
func TestRunMakesOneClient(t *testing.T) {
	inBubble(t, 1, func(b *bed) {
		hook := new(newClients)
		s := newSeen()
		c := &kafka.Consumer{Handle: func(_ context.Context, r *kgo.Record) error { return s.handle(r, func() error { return nil }) }}
		stop := b.start(c, kgo.WithHooks(hook), kgo.DisableAutoCommit())
		b.produce(0, "k", 1, 1)
		b.until("the record is handled", func() bool { return s.count() == 1 })
		if err := c.Run(b.Context()); err == nil || !strings.Contains(err.Error(), "runs already") {
			b.Errorf("a second Run has returned %v", err)
		}
		b.stopped(stop)
		if *hook != 1 {
			b.Errorf("the hook was told of %d clients", *hook)
		}
		if stats := c.Stats(); stats.Partitions != nil {
			b.Errorf("after Run, Stats has %+v", stats)
		}
		b.stopped(b.start(c)) // once more
	})
}

func TestRunNeedsABroker(t *testing.T) {
	inBubble(t, 1, func(b *bed) {
		for name, dial := range map[string]func(ctx context.Context, network, host string) (net.Conn, error){
			"refused": func(context.Context, string, string) (net.Conn, error) { return nil, errNo },
			"silent":  func(ctx context.Context, _, _ string) (net.Conn, error) { <-ctx.Done(); return nil, ctx.Err() },
		} {
			began := time.Now()
			err := b.start(&kafka.Consumer{Handle: nothing}, kgo.SeedBrokers("nowhere:9092"), kgo.Dialer(dial))
			time.Sleep(time.Minute)
			if e := err(); e == nil || !strings.Contains(e.Error(), "no broker answers at nowhere:9092") {
				b.Errorf("%s: Run has returned %v", name, e)
			}
			if took := time.Since(began); took > 2*time.Minute {
				b.Errorf("%s: it took %v", name, took)
			}
		}
	})
}

func TestRunNeedsItsTopics(t *testing.T) {
	inBubble(t, 1, func(b *bed) {
		c := &kafka.Consumer{Handle: nothing}
		err := c.Run(b.Context(), b.options(kgo.ConsumerGroup(group), kgo.ConsumeTopics(topic, "missing"))...)
		if !errors.Is(err, kerr.UnknownTopicOrPartition) || !strings.Contains(err.Error(), `the topic "missing" does not exist`) {
			b.Errorf("Run has returned %v", err)
		}
		// A broker may not know yet of a topic that was just created.
		ctx, cancel := context.WithCancel(b.Context())
		var later sync.WaitGroup
		later.Go(func() {
			time.Sleep(2 * time.Second)
			if err := b.cluster.CreateTopic("late", 1, nil); err != nil {
				b.Error(err)
			}
			time.Sleep(10 * time.Second)
			cancel()
		})
		if err := c.Run(ctx, b.options(kgo.ConsumerGroup(group), kgo.ConsumeTopics("late"))...); err != nil {
			b.Errorf("Run has returned %v", err)
		}
		later.Wait()
		// With a pattern, a topic may come later.
		s := newSeen()
		c.Handle = func(_ context.Context, r *kgo.Record) error { return s.handle(r, func() error { return nil }) }
		b.produce(0, "k", 1, 1)
		stop := b.start(c, kgo.ConsumeTopics("ord.*", "mis.*"), kgo.ConsumeRegex())
		b.until("the record is handled", func() bool { return s.count() == 1 })
		b.stopped(stop)
	})
}

func TestRunEndsWhereItIsDenied(t *testing.T) {
	allow := func(resource kmsg.ACLResourceType, name string, ops ...kmsg.ACLOperation) (acls []kfake.ACL) {
		for _, op := range ops {
			acls = append(acls, kfake.ACL{Resource: resource, Name: name, Pattern: kmsg.ACLResourcePatternTypeLiteral, Operation: op, Allow: true})
		}
		return acls
	}
	const describe, read = kmsg.ACLOperationDescribe, kmsg.ACLOperationRead
	for name, test := range map[string]struct {
		acls []kfake.ACL
		want error // nil for any: in memory, a connection with a wrong password is just closed
		text string
	}{
		"group":    {allow(kmsg.ACLResourceTypeTopic, topic, describe, read), kerr.GroupAuthorizationFailed, "the broker refuses the consumer"},
		"topic":    {allow(kmsg.ACLResourceTypeGroup, group, describe, read), kerr.TopicAuthorizationFailed, `the topic "orders" cannot be consumed`},
		"password": {nil, nil, "kgo.DialTLS and kgo.SASL if they are needed"},
	} {
		t.Run(name, func(t *testing.T) {
			password := map[bool]string{true: "wrong", false: "right"}[name == "password"]
			inBubbleWithUsers(t, test.acls, func(b *bed) {
				c := &kafka.Consumer{Handle: nothing}
				err := c.Run(b.Context(), b.options(kgo.ConsumerGroup(group), kgo.ConsumeTopics(topic), kgo.SASL(plain.Auth{User: "me", Pass: password}.AsMechanism()))...)
				if err == nil || test.want != nil && !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.text) {
					b.Errorf("Run has returned %v, want %v and %q", err, test.want, test.text)
				}
			})
		})
	}
}

func inBubbleWithUsers(t *testing.T, acls []kfake.ACL, test func(b *bed)) {
	t.Helper()
	inBubble(t, 1, test, kfake.EnableSASL(), kfake.EnableACLs(), kfake.Superuser("PLAIN", "admin", "admin"), kfake.User("PLAIN", "me", "right", acls...))
}

func TestDeadLetterNeedsATopic(t *testing.T) {
	for _, make := range []func(){
		func() { kafka.DeadLetter(nil, "dead") },
		func() { kafka.DeadLetter(new(kgo.Client), "") },
	} {
		func() {
			defer func() {
				if v := recover(); v == nil {
					t.Error("DeadLetter has not panicked")
				}
			}()
			make()
		}()
	}
}
