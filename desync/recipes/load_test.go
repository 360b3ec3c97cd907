package recipes_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-desync/go-desync/desync"
)

// The recipes under load and with faults.

func TestRecipeShutdownLosesNothing(t *testing.T) {
	for range 120 {
		shutdownWhileSending(t)
	}
}

func shutdownWhileSending(t *testing.T) {
	var accepted, delivered desync.Desync[[]string]
	var calls atomic.Int64
	o := newOutbox(func(ctx context.Context, to, message string) error {
		if calls.Add(1)%5 == 0 {
			return errors.New("a bad line")
		}
		return delivered.DoContext(ctx, func(_ context.Context, d *[]string) error {
			*d = append(*d, message)
			return nil
		})
	})
	var senders sync.WaitGroup
	sending := make(chan struct{}, 4)
	for sender := range cap(sending) {
		senders.Go(func() {
			for i := range 20 {
				message := fmt.Sprint(sender, "/", i)
				if err := o.Send(t.Context(), fmt.Sprint(i%3), message); err == errOutboxClosed {
					return
				} else if err != nil {
					t.Errorf("Send: %v; want none, or %v", err, errOutboxClosed)
				}
				accepted.Do(func(a *[]string) { *a = append(*a, message) })
				if i == 2 {
					sending <- struct{}{}
				}
			}
		})
	}
	for range cap(sending) {
		<-sending
	}
	left, _ := o.Shutdown(t.Context())
	got := delivered.Sync(func(d *[]string) []string { return *d })
	senders.Wait()
	for _, messages := range left {
		got = append(got, messages...)
	}
	want := accepted.Sync(func(a *[]string) []string { return *a })
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%d messages were accepted, %d delivered or handed back; want the same ones", len(want), len(got))
	}
}

// flakyDatabase fails every third time.
type flakyDatabase struct {
	calls atomic.Int64
	rows  desync.Desync[map[string]string]
}

func (d *flakyDatabase) Load(ctx context.Context, key string) (string, error) {
	return d.rows.Sync(func(rows *map[string]string) string { return (*rows)[key] }), nil
}

func (d *flakyDatabase) Save(ctx context.Context, key, value string) error {
	if d.calls.Add(1)%3 == 0 {
		return errors.New("connection lost")
	}
	return d.rows.DoContext(ctx, func(_ context.Context, rows *map[string]string) error {
		if *rows == nil {
			*rows = make(map[string]string)
		}
		(*rows)[key] = value
		return nil
	})
}

func TestRecipeWriteBehindWritesTheLastValue(t *testing.T) {
	db := new(flakyDatabase)
	s := newWriteBehind(db)
	want := make(map[string]string)
	var writers sync.WaitGroup
	for i := range 8 {
		key := fmt.Sprint("key", i)
		want[key] = "49"
		writers.Go(func() {
			for n := range 50 {
				value := fmt.Sprint(n)
				if err := s.Put(t.Context(), key, value); err != nil {
					t.Errorf("Put: %v", err)
				}
				if got, err := s.Get(t.Context(), key); got != value || err != nil {
					t.Errorf("%s: got %q, %v; want %q, which was put just before", key, got, err, value)
				}
			}
			// A write may fail at each try, but not forever.
			for range 100 {
				if s.Flush(t.Context()) == nil {
					return
				}
			}
			t.Error("no Flush has succeeded")
		})
	}
	writers.Wait()
	db.rows.Do(func(rows *map[string]string) {
		if !maps.Equal(*rows, want) {
			t.Errorf("the database has %v; want %v", *rows, want)
		}
	})
}

// faultyArchive stores the event with the text "bad" but says that it has not.
type faultyArchive struct{ testArchive }

func (a *faultyArchive) Append(ctx context.Context, chat string, e event) error {
	err := a.testArchive.Append(ctx, chat, e)
	if e.Text == "bad" {
		err = errors.New("connection lost")
	}
	return err
}

func TestRecipeChatNeverGivesANumberTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := new(faultyArchive)
		a.last.Do(func(last *map[string]int) { *last = make(map[string]int) })
		s := newChatServer(a)
		post := func(text string, want int) {
			if n, _ := s.Post(t.Context(), "chat", "ann", text); n != want {
				t.Errorf("the number of %q is %d; want %d", text, n, want)
			}
		}
		post("good", 1)
		post("bad", 0)
		post("good", 3)
		time.Sleep(24 * time.Hour) // the chat is evicted
		post("good", 4)
	})
}

func TestRecipeChatLetsGoOfMembers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := new(testArchive)
		a.last.Do(func(last *map[string]int) { *last = make(map[string]int) })
		s := newChatServer(a)
		join := func(ctx context.Context) <-chan event {
			member, err := s.Join(ctx, "chat")
			if err != nil {
				t.Fatal(err)
			}
			return member
		}
		ctx, leave := context.WithCancel(t.Context())
		gone := join(ctx)
		leave()
		idle := join(t.Context())
		time.Sleep(24 * time.Hour)
		slow := join(t.Context())
		start := time.Now()
		for range cap(slow) + 1 {
			if _, err := s.Post(t.Context(), "chat", "ann", "hello"); err != nil {
				t.Error(err)
			}
		}
		wantEvents := func(name string, member <-chan event, want int) {
			n := 0
			for range member { // a deadlock if the channel stayed open
				n++
			}
			if n != want {
				t.Errorf("the %s member got %d events; want %d", name, n, want)
			}
		}
		wantEvents("gone", gone, 0)
		wantEvents("idle", idle, 0)
		wantEvents("slow", slow, cap(slow))
		if waited := time.Since(start); waited != 0 {
			t.Errorf("the slow member was dropped after %v; want at once", waited)
		}
	})
}
