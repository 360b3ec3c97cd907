package examples_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/go-desync/go-desync/adapters/bounded"
	"github.com/go-desync/go-desync/adapters/retry"
	"github.com/go-desync/go-desync/desync"
)

// An outbox sends the messages of each customer in order. A message that could not be sent is
// tried again before the next one of that customer. When the outbox is shut down nothing is
// lost: what has not been sent comes back in order.
type outbox struct {
	room    *bounded.Bound  // for the messages that wait
	sending context.Context // ends when no message is to be tried again
	stop    context.CancelFunc
	policy  retry.Policy
	inboxes *desync.Map[string, inbox]
	unsent  desync.Desync[[]*message] // those that were tried
	post    func(customer, text string) error
	refund  func(m *message) // told of each message that comes back without having been tried
}

type inbox struct{ sent []string }

// A message is a job of its customer's inbox.
type message struct {
	outbox         *outbox
	customer, text string
}

func (m *message) Run(in *inbox) {
	err := m.outbox.policy.Run(m.outbox.sending, func(context.Context) error { return m.outbox.post(m.customer, m.text) })
	if err != nil {
		m.outbox.unsent.Async(func(all *[]*message) { *all = append(*all, m) })
		return
	}
	in.sent = append(in.sent, m.text)
}

// Ended is called when the message was sent or comes back.
func (m *message) Ended(err error) {
	if errors.Is(err, bounded.ErrReturned) {
		m.outbox.refund(m)
	}
}

// Send returns when there is room for the message.
func (o *outbox) Send(ctx context.Context, customer, text string) error {
	return o.room.Submit(ctx, o.inboxes.At(customer), 1, &message{o, customer, text})
}

// Shutdown sends what it can until ctx ends, and returns the rest, for each customer in the order
// of the calls of Send: first what was tried, and then what was not.
func (o *outbox) Shutdown(ctx context.Context) (rest []*message) {
	var back []bounded.Returned
	if err := o.room.Close(ctx); err != nil {
		back = o.room.TakeBack()
		o.stop()                               // no pause until the next attempt is waited for
		_ = o.room.Close(context.Background()) // the messages that are just being sent
	}
	rest = o.unsent.Sync(func(all *[]*message) []*message {
		tried := *all
		*all = nil
		return tried
	})
	for _, b := range back {
		rest = append(rest, b.Job.(*message))
	}
	return rest
}

// Outbox: the messages of a customer stay in order through failures, and those that could not be
// sent before the shutdown come back.
func Example_outbox() {
	failures := 2
	hangs, network := make(chan struct{}), make(chan struct{})
	repair := sync.OnceFunc(func() { close(network) })
	sending, stop := context.WithCancel(context.Background())
	o := &outbox{
		sending: sending,
		stop:    stop,
		room:    bounded.New(100),
		policy:  retry.Policy{Attempts: 5, Pause: retry.Exponential(time.Microsecond, time.Millisecond)},
		inboxes: desync.NewMap(func(string) inbox { return inbox{} }),
		post: func(_, text string) error {
			if failures > 0 {
				failures--
				return errors.New("no connection")
			}
			if text == "three" {
				close(hangs)
				<-network
			}
			return nil
		},
		refund: func(*message) { repair() },
	}
	for _, text := range []string{"one", "two", "three", "four", "five"} {
		if err := o.Send(context.Background(), "ann", text); err != nil {
			fmt.Println(err)
		}
	}
	<-hangs
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	for _, m := range o.Shutdown(ctx) {
		fmt.Println("back:", m.text)
	}
	fmt.Println("late:", errors.Is(o.Send(context.Background(), "ann", "six"), bounded.ErrClosed))
	// Output:
	// back: four
	// back: five
	// late: true
}

// A message that cannot be sent, and is tried again after a long pause, does not keep the outbox
// from being shut down: it comes back first, in its place.
func TestOutboxIsShutDownInAPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sending, stop := context.WithCancel(context.Background())
		o := &outbox{
			sending: sending,
			stop:    stop,
			room:    bounded.New(100),
			policy:  retry.Policy{Pause: retry.Constant(time.Hour)},
			inboxes: desync.NewMap(func(string) inbox { return inbox{} }),
			post:    func(string, string) error { return errors.New("no connection") },
			refund:  func(*message) {},
		}
		for _, text := range []string{"one", "two", "three"} {
			require.NoError(t, o.Send(t.Context(), "ann", text))
		}
		began := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		var texts []string
		for _, m := range o.Shutdown(ctx) {
			texts = append(texts, m.text)
		}
		require.Equal(t, []string{"one", "two", "three"}, texts)
		require.Equal(t, time.Minute, time.Since(began))
	})
}
