package examples_test

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

// A bus hands the events that are published under a topic to those who have subscribed to
// it, as the package github.com/asaskevich/EventBus does with handlers that are called in
// the background. Each handler gets the events of a topic in the order in which they were
// published, one at a time. A slow handler delays nobody else. Handlers may call all
// methods of the bus but Wait.
type bus[E any] struct {
	topics *desync.Map[string, []*subscription[E]]
	flying desync.Desync[flying]
	report func(*desync.PanicError)
}

// A subscription is a handler of a topic, and owns the turns of the handler.
type subscription[E any] struct {
	bus     *bus[E]
	topic   string
	once    bool
	taken   bool // a once has got its event; used in the turn of the topic only
	ended   atomic.Bool
	handler *desync.Desync[func(E)]
}

// flying counts events that have not come to all of their handlers, and calls of handlers
// that have not ended.
type flying struct {
	n     int
	quiet *futures.Promise[struct{}] // settled when n is 0 again; nil if nobody waits
}

// newBus returns a bus that goes on after a handler that panics, and calls report.
func newBus[E any](report func(*desync.PanicError)) *bus[E] {
	return &bus[E]{
		topics: desync.NewMap(func(string) []*subscription[E] { return nil }, desync.WithName("bus")),
		report: report,
	}
}

// Subscribe makes handler get the events of the topic that are published from now on.
func (b *bus[E]) Subscribe(topic string, handler func(E)) *subscription[E] {
	return b.subscribe(topic, false, handler)
}

// SubscribeOnce makes handler get the next event of the topic, and only that.
func (b *bus[E]) SubscribeOnce(topic string, handler func(E)) *subscription[E] {
	return b.subscribe(topic, true, handler)
}

func (b *bus[E]) subscribe(topic string, once bool, handler func(E)) *subscription[E] {
	if handler == nil {
		panic("bus: subscribe with a nil handler")
	}
	s := &subscription[E]{bus: b, topic: topic, once: once, handler: desync.New(handler, desync.WithPanicHandler(b.report))}
	// In the background, so that a handler that subscribes waits for nobody. What is
	// published after this call has its turn after it.
	b.topics.At(topic).Async(func(all *[]*subscription[E]) { *all = append(*all, s) })
	return s
}

// Cancel ends the subscription. No call of the handler begins after Cancel has returned,
// also for events that were published before. It does not wait for one that goes on.
func (s *subscription[E]) Cancel() {
	s.ended.Store(true)
	s.leave()
}

// leave takes the subscription from its topic, and removes the topic with its last one.
// It waits for the turn of the topic, in which nobody waits for anything.
func (s *subscription[E]) leave() {
	s.bus.topics.At(s.topic).DeleteIf(func(all *[]*subscription[E]) bool {
		rest := (*all)[:0]
		for _, other := range *all {
			if other != s {
				rest = append(rest, other)
			}
		}
		clear((*all)[len(rest):])
		*all = rest
		return len(rest) == 0
	})
}

// Publish hands event to the handlers of the topic in the background.
func (b *bus[E]) Publish(topic string, event E) {
	b.begin()
	// A topic without subscriptions is not made for this.
	delivered := b.topics.At(topic).FutureIfPresent(func(all *[]*subscription[E]) bool {
		for _, s := range *all {
			s.deliver(event)
		}
		return true
	})
	delivered.AfterFunc(func(bool, error) { b.end() })
}

// deliver is a part of jobs of the topic. It queues a call of the handler, so that the
// calls are in the order of the events.
func (s *subscription[E]) deliver(event E) {
	if s.once && s.taken {
		return
	}
	s.taken = true
	s.bus.begin()
	s.handler.Async(func(handle *func(E)) {
		defer s.bus.end() // after a panic too
		if s.ended.Load() {
			return
		}
		if s.once {
			s.leave()
		}
		(*handle)(event)
	})
}

// Wait waits until nothing is left to do: all events have come to their handlers, also
// those that the handlers have published. It returns an error if ctx ends first.
func (b *bus[E]) Wait(ctx context.Context) error {
	quiet := b.flying.Sync(func(f *flying) *futures.Future[struct{}] {
		switch {
		case f.n == 0:
			return futures.Resolved(struct{}{})
		case f.quiet == nil:
			f.quiet = new(futures.Promise[struct{}])
		}
		return f.quiet.Future()
	})
	_, err := quiet.Await(ctx)
	return err
}

// What an event brings about begins before the event ends, on one goroutine or in a job
// that it has handed over. So their order here is the same, and n is not 0 in between.
func (b *bus[E]) begin() { b.flying.Async(func(f *flying) { f.n++ }) }

func (b *bus[E]) end() {
	b.flying.Async(func(f *flying) {
		if f.n--; f.n == 0 && f.quiet != nil {
			f.quiet.Resolve(struct{}{})
			f.quiet = nil
		}
	})
}

// Bus: a handler is called once, subscribes and publishes. Another one panics.
func Example_bus() {
	ctx := context.Background()
	reports := make(chan any, 1)
	b := newBus[int](func(e *desync.PanicError) { reports <- e.Value })
	b.SubscribeOnce("order", func(n int) {
		fmt.Println("first order:", n)
		b.Subscribe("paid", func(n int) { fmt.Println("paid:", n) })
		b.Publish("paid", n)
	})
	b.Publish("order", 1)
	b.Publish("order", 2)
	b.Publish("nobody", 3)
	fmt.Println("quiet:", b.Wait(ctx))

	printer := b.Subscribe("paid", func(int) { panic("no ink") })
	b.Publish("paid", 4)
	fmt.Println("quiet:", b.Wait(ctx))
	fmt.Println("report:", <-reports)
	printer.Cancel()
	b.Publish("paid", 5)
	fmt.Println("quiet:", b.Wait(ctx))
	// Output:
	// first order: 1
	// paid: 1
	// quiet: <nil>
	// paid: 4
	// quiet: <nil>
	// report: no ink
	// paid: 5
	// quiet: <nil>
}
