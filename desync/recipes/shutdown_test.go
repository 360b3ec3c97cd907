package recipes_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/go-desync/go-desync/desync"
)

// An outbox delivers messages in the background. The messages to one recipient are
// delivered in the order in which they were accepted. An accepted message is delivered at
// least once, or Shutdown hands it back.
type outbox struct {
	deliver func(ctx context.Context, to, message string) error // returns when ctx ends
	closed  desync.Desync[bool]
	queues  *desync.Map[string, outQueue] // by recipient
	ctx     context.Context               // of the deliveries
	stop    context.CancelFunc
}

type outQueue struct {
	messages []string
	err      error // why the first could not be delivered
}

var errOutboxClosed = errors.New("the outbox is closed")

func newOutbox(deliver func(ctx context.Context, to, message string) error) *outbox {
	o := &outbox{
		deliver: deliver,
		queues:  desync.NewMap(func(string) outQueue { return outQueue{} }),
	}
	o.ctx, o.stop = context.WithCancel(context.Background())
	return o
}

// Send accepts a message, unless it returns an error.
func (o *outbox) Send(ctx context.Context, to, message string) error {
	return o.closed.DoContext(ctx, func(_ context.Context, closed *bool) error {
		if *closed {
			return errOutboxClosed
		}
		// The same job that finds the outbox open hands over the message. So when
		// Shutdown has had its turn, all accepted messages are in the queues.
		o.queues.At(to).Async(func(q *outQueue) {
			q.messages = append(q.messages, message)
			o.flush(to, q)
		})
		return nil
	})
}

// flush delivers until there is an error. The other messages are tried again with the
// next message to that recipient, and by Shutdown.
func (o *outbox) flush(to string, q *outQueue) {
	for len(q.messages) > 0 {
		if q.err = o.deliver(o.ctx, to, q.messages[0]); q.err != nil {
			return
		}
		q.messages = q.messages[1:]
	}
}

// Shutdown accepts no more messages and returns when all are delivered. If ctx ends
// first, or if the last try fails, it returns the messages that are left, for the caller
// to keep, and an error that says why.
func (o *outbox) Shutdown(ctx context.Context) (left map[string][]string, err error) {
	o.closed.Do(func(closed *bool) { *closed = true })
	defer o.stop()
	defer context.AfterFunc(ctx, o.stop)() // when the time is up, deliveries fail and the queues become idle

	left = make(map[string][]string)
	// Each visit takes its turn behind the messages that were accepted.
	o.queues.Range(func(to string, q *outQueue) bool {
		o.flush(to, q)
		if len(q.messages) > 0 {
			left[to], q.messages = q.messages, nil // moved out, not shared
			err = errors.Join(err, fmt.Errorf("to %s: %w", to, q.err))
		}
		return true
	})
	return left, err
}

// Graceful shutdown that loses nothing.
func Example_gracefulShutdown() {
	delivered := desync.New(make(map[string][]string))
	o := newOutbox(func(ctx context.Context, to, message string) error {
		if to == "carl" {
			return errors.New("no such host")
		}
		return delivered.DoContext(ctx, func(_ context.Context, d *map[string][]string) error {
			(*d)[to] = append((*d)[to], message)
			return nil
		})
	})

	var requests sync.WaitGroup
	for _, to := range []string{"ann", "bob", "carl"} {
		requests.Go(func() {
			for _, message := range []string{"hello", "how are you?", "bye"} {
				if err := o.Send(context.Background(), to, message); err != nil {
					fmt.Println(err)
				}
			}
		})
	}
	requests.Wait()

	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	left, err := o.Shutdown(ctx)
	delivered.Do(func(d *map[string][]string) { fmt.Printf("delivered: %q\n", *d) })
	fmt.Printf("to keep: %q\n", left)
	fmt.Println("because:", err)
	fmt.Println("afterwards:", o.Send(ctx, "ann", "too late"))
	// Output:
	// delivered: map["ann":["hello" "how are you?" "bye"] "bob":["hello" "how are you?" "bye"]]
	// to keep: map["carl":["hello" "how are you?" "bye"]]
	// because: to carl: no such host
	// afterwards: the outbox is closed
}
