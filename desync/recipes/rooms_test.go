package recipes_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/go-desync/go-desync/desync"
)

// A lobby has rooms. The first guest opens a room, and the last one out closes it. A guest who
// comes at that instant is either still in the old room or the first in a new one.
type lobby struct {
	rooms *desync.Map[string, guests]
}

type guests map[string]chan string // and what each is told

func newLobby() *lobby {
	return &lobby{rooms: desync.NewMap(func(string) guests { return make(guests) })}
}

// Enter returns a channel of what is said in the room, which is closed when the guest leaves.
func (l *lobby) Enter(room, guest string) <-chan string {
	hears := make(chan string, 16)
	l.rooms.At(room).Do(func(in *guests) { (*in)[guest] = hears })
	return hears
}

// Leave reports whether the guest was the last one out.
func (l *lobby) Leave(room, guest string) (last bool) {
	return l.rooms.At(room).DeleteIf(func(in *guests) bool {
		if hears, ok := (*in)[guest]; ok {
			delete(*in, guest)
			close(hears)
		}
		return len(*in) == 0
	})
}

// Announce says text in all rooms. It opens none, and waits for none that is busy.
func (l *lobby) Announce(ctx context.Context, text string) error {
	return l.rooms.Broadcast(ctx, func(_ context.Context, room string, in *guests) error {
		for _, hears := range *in {
			select {
			case hears <- text:
			default: // does not listen
			}
		}
		return nil
	})
}

// Open returns the names of the rooms that are open.
func (l *lobby) Open() []string { return slices.Sorted(l.rooms.Keys()) }

// Rooms that the last one out closes.
func Example_rooms() {
	l := newLobby()
	ann := l.Enter("hall", "ann")
	l.Enter("hall", "bob")
	l.Enter("attic", "carl")
	fmt.Println(l.Open())
	fmt.Println(l.Announce(context.Background(), "dinner is ready"), <-ann)
	fmt.Println(l.Leave("hall", "ann"), l.Leave("hall", "bob"), l.Leave("hall", "nobody"))
	fmt.Println(l.Open())
	// Output:
	// [attic hall]
	// <nil> dinner is ready
	// false true false
	// [attic]
}

// No guest who comes while the last one leaves is lost, and no room is left over.
func TestKEY6_RecipeRoomsLoseNobody(t *testing.T) {
	const crowd, visits = 8, 20_000
	l := newLobby()
	var all sync.WaitGroup
	for i := range crowd {
		all.Go(func() {
			guest := fmt.Sprint("guest ", i)
			for visit := range visits / crowd {
				room := fmt.Sprint("room ", visit%3)
				hears := l.Enter(room, guest)
				if visit%100 == 0 {
					if err := l.Announce(t.Context(), "hello"); err != nil {
						t.Error(err)
					}
				}
				l.Leave(room, guest)
				for range hears { // ends only if the guest was still in the room
				}
			}
		})
	}
	all.Wait()
	if open := l.Open(); len(open) != 0 {
		t.Errorf("KEY-6: %q are open when all have left", open)
	}
}
