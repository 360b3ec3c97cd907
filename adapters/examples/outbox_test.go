package examples_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"sync"
	"time"

	"github.com/go-desync/go-desync/adapters/bounded"
	"github.com/go-desync/go-desync/adapters/retry"
	"github.com/go-desync/go-desync/desync"
)

// An outbox sends the messages of each customer in order. A message that could not be sent is
// tried again before the next one of that customer. When the outbox is shut down nothing is
// lost: what has not been sent comes back in order.
type outbox struct {
	room    *bounded.Bound // for the messages that wait
	policy  retry.Policy
	inboxes *desync.Map[string, inbox]
	post    func(customer, text string) error
	refund  func(m *message) // told of each message that comes back
}

type inbox struct{ sent []string }

// A message is a job of its customer's inbox.
type message struct {
	outbox         *outbox
	customer, text string
}

func (m *message) Run(in *inbox) {
	err := m.outbox.policy.Run(context.Background(), func(context.Context) error { return m.outbox.post(m.customer, m.text) })
	if err != nil {
		log.Printf("to %s: %v", m.customer, err)
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

// Shutdown sends what it can until ctx ends, and returns the rest in the order of the calls of
// Send.
func (o *outbox) Shutdown(ctx context.Context) (rest []*message) {
	if err := o.room.Close(ctx); err == nil {
		return nil
	}
	for _, back := range o.room.TakeBack() {
		rest = append(rest, back.Job.(*message))
	}
	_ = o.room.Close(context.Background()) // the messages that are just being sent
	return rest
}

// Outbox: the messages of a customer stay in order through failures, and those that could not be
// sent before the shutdown come back.
func Example_outbox() {
	failures := 2
	hangs, network := make(chan struct{}), make(chan struct{})
	repair := sync.OnceFunc(func() { close(network) })
	o := &outbox{
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
