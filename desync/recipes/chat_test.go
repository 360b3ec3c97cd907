package recipes_test

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/go-desync/go-desync/desync"
)

// An event of a chat. The events of each chat are numbered from 1.
type event struct {
	Number     int
	From, Text string
}

// An archive keeps the events.
type archive interface {
	Last(ctx context.Context, chat string) (number int, err error)
	Append(ctx context.Context, chat string, e event) error
}

// A chatServer stores the events of each chat and sends them to its members, in the
// order of their numbers. A slow chat does not delay the others.
type chatServer struct {
	archive archive
	chats   *desync.Map[string, chat]
}

type chat struct {
	synced  bool // last is what the archive has
	last    int
	members map[chan event]bool
}

func newChatServer(a archive) *chatServer {
	s := &chatServer{
		archive: a,
		chats:   desync.NewMap(func(string) chat { return chat{members: make(map[chan event]bool)} }),
	}
	s.chats.OnRemove(func(_ string, c *chat) error {
		for m := range c.members {
			c.remove(m)
		}
		return nil
	}, func(string, error) {}) // it cannot fail
	s.chats.EvictIdle(time.Hour)
	return s
}

func (c *chat) remove(m chan event) {
	if c.members[m] {
		delete(c.members, m)
		close(m)
	}
}

// Post stores an event and passes it on to the members. If Post returns an error,
// the members did not get the event. If it was stored all the same, the next number
// shows them that they have missed one.
func (s *chatServer) Post(ctx context.Context, name, from, text string) (number int, err error) {
	return s.chats.At(name).SyncContext(ctx, func(ctx context.Context, c *chat) (int, error) {
		if !c.synced {
			last, err := s.archive.Last(ctx, name)
			if err != nil {
				return 0, err
			}
			c.synced, c.last = true, last
		}
		e := event{Number: c.last + 1, From: from, Text: text}
		if err := s.archive.Append(ctx, name, e); err != nil {
			c.synced = false // ask the archive before the next event
			return 0, err
		}
		c.last = e.Number
		for m := range c.members {
			select {
			case m <- e:
			default:
				c.remove(m) // too slow: it has to join again
			}
		}
		return e.Number, nil
	})
}

// Join returns a channel of the events posted from now on. It is closed when ctx
// has ended, when the member is too far behind, or when the chat was idle for long.
func (s *chatServer) Join(ctx context.Context, name string) (<-chan event, error) {
	m := make(chan event, 16)
	err := s.chats.At(name).DoContext(ctx, func(_ context.Context, c *chat) error {
		c.members[m] = true
		return nil
	})
	if err != nil {
		return nil, err
	}
	context.AfterFunc(ctx, func() {
		s.chats.At(name).Async(func(c *chat) { c.remove(m) })
	})
	return m, nil
}

// testArchive counts the events. Its chat "stuck" does not answer.
type testArchive struct {
	last  desync.Desync[map[string]int]
	stuck chan struct{} // closed when somebody waits for "stuck"
}

func (a *testArchive) Last(ctx context.Context, chat string) (int, error) {
	return a.last.SyncContext(ctx, func(_ context.Context, last *map[string]int) (int, error) {
		return (*last)[chat], nil
	})
}

func (a *testArchive) Append(ctx context.Context, chat string, e event) error {
	if chat == "stuck" {
		close(a.stuck)
		<-ctx.Done()
		return ctx.Err()
	}
	return a.last.DoContext(ctx, func(_ context.Context, last *map[string]int) error {
		(*last)[chat] = e.Number
		return nil
	})
}

// Ordered events per chat.
func Example_orderedChat() {
	a := &testArchive{stuck: make(chan struct{})}
	a.last.Do(func(last *map[string]int) { *last = map[string]int{"gophers": 41} })
	s := newChatServer(a)
	ctx, leave := context.WithCancel(context.Background())
	defer leave()
	events, err := s.Join(ctx, "gophers")
	if err != nil {
		fmt.Println(err)
		return
	}

	// Somebody has to wait for another chat.
	patience, giveUp := context.WithCancel(ctx)
	stuck := make(chan error)
	go func() {
		_, err := s.Post(patience, "stuck", "carl", "anybody here?")
		stuck <- err
	}()

	// Two members post at the same time.
	var posts sync.WaitGroup
	for _, from := range []string{"ann", "bob"} {
		posts.Go(func() {
			for _, text := range []string{"one", "two", "three"} {
				if _, err := s.Post(ctx, "gophers", from, text); err != nil {
					fmt.Println(err)
				}
			}
		})
	}
	posts.Wait()
	<-a.stuck
	giveUp()
	fmt.Println("stuck:", <-stuck)

	leave() // closes events, in its turn
	texts := make(map[string][]string)
	for e := range events {
		fmt.Print(e.Number, " ")
		texts[e.From] = append(texts[e.From], e.Text)
	}
	fmt.Println(texts)
	// Output:
	// stuck: context canceled
	// 42 43 44 45 46 47 map[ann:[one two three] bob:[one two three]]
}
