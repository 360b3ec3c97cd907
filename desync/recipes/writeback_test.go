package recipes_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-desync/go-desync/desync"
)

// A writeBack is a cache of documents in front of a database. A document is loaded when it is
// first used, and changed in memory. It is saved when nobody has used it for a while. If that
// fails, it stays in memory and is saved later. If the program ends without a Flush, changes
// since the last save are lost.
type writeBack struct {
	database  database
	documents *desync.Map[string, document]
}

type document struct {
	text    string
	changed bool // since it was loaded or saved
}

func newWriteBack(db database, idle time.Duration) *writeBack {
	s := &writeBack{database: db}
	s.documents = desync.NewMapContext(func(ctx context.Context, name string) (document, error) {
		text, err := db.Load(ctx, name)
		return document{text: text}, err
	}, func(name string, err error) { log.Printf("loading %s: %v", name, err) })
	s.documents.OnRemove(func(name string, d *document) error {
		ctx, cancel := context.WithTimeout(context.Background(), saveTimeout)
		defer cancel()
		return s.save(ctx, name, d)
	}, func(name string, err error) { log.Printf("saving %s, will try again: %v", name, err) })
	s.documents.EvictIdle(idle)
	return s
}

// Edit changes a document and returns the new text. If the document cannot be loaded it
// returns that error, and the next call tries again.
func (s *writeBack) Edit(ctx context.Context, name string, change func(text string) string) (string, error) {
	return s.documents.At(name).SyncContext(ctx, func(_ context.Context, d *document) (string, error) {
		text := change(d.text)
		d.changed = d.changed || text != d.text
		d.text = text
		return text, nil
	})
}

// Flush saves what has changed. The documents are saved at the same time, and one that takes
// long keeps no other from being saved.
func (s *writeBack) Flush(ctx context.Context) error {
	return s.documents.Broadcast(ctx, s.save)
}

// save is called in the turn of the document.
func (s *writeBack) save(ctx context.Context, name string, d *document) error {
	if !d.changed {
		return nil
	}
	if err := s.database.Save(ctx, name, d.text); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	d.changed = false
	return nil
}

// A shakyDatabase fails every third time.
type shakyDatabase struct {
	rows desync.Desync[shakyRows]
}

type shakyRows struct {
	calls int
	text  map[string]string
}

var errConnection = errors.New("connection lost")

func (d *shakyDatabase) call(f func(text map[string]string)) error {
	return d.rows.Sync(func(r *shakyRows) error {
		if r.text == nil {
			r.text = make(map[string]string)
		}
		if r.calls++; r.calls%3 == 0 {
			return errConnection
		}
		f(r.text)
		return nil
	})
}

func (d *shakyDatabase) Load(_ context.Context, key string) (text string, err error) {
	err = d.call(func(rows map[string]string) { text = rows[key] })
	return text, err
}

func (d *shakyDatabase) Save(_ context.Context, key, value string) error {
	return d.call(func(rows map[string]string) { rows[key] = value })
}

// A cache with write-back.
func Example_writeBackCache() {
	ctx := context.Background()
	db := new(shakyDatabase)
	s := newWriteBack(db, time.Hour)
	add := func(line string) func(string) string { return func(text string) string { return text + line } }
	fmt.Println(s.Edit(ctx, "notes", add("one ")))
	fmt.Println(s.Edit(ctx, "notes", add("two ")))
	fmt.Println(s.Edit(ctx, "letter", add("dear ann")))
	_, err := s.Edit(ctx, "memo", add("hello"))
	fmt.Println(errors.Is(err, errConnection), err)
	fmt.Println(s.Edit(ctx, "memo", add("hello")))
	for err := s.Flush(ctx); err != nil; err = s.Flush(ctx) {
		fmt.Println("not yet saved")
	}
	fmt.Println(db.rows.Sync(func(r *shakyRows) map[string]string { return r.text }))
	// Output:
	// one  <nil>
	// one two  <nil>
	// dear ann <nil>
	// true desync: the value of a key of desync.Map[string,github.com/go-desync/go-desync/desync/recipes_test.document] could not be made: connection lost
	// hello <nil>
	// not yet saved
	// map[letter:dear ann memo:hello notes:one two ]
}

// The database fails again and again, while documents go and come back: no change is lost.
func TestKEY4_RecipeWriteBackLosesNoChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		defer log.SetOutput(log.Writer())
		log.SetOutput(t.Output())
		const writers, edits, names = 4, 300, 5
		db := new(shakyDatabase)
		s := newWriteBack(db, 100*time.Millisecond)
		var all sync.WaitGroup
		for w := range writers {
			all.Go(func() {
				for i := range edits {
					name := fmt.Sprint("document ", i%names)
					for {
						_, err := s.Edit(t.Context(), name, func(text string) string { return text + "x" })
						if err == nil {
							break
						}
						if !errors.Is(err, errConnection) || !errors.Is(err, desync.ErrNotRun) {
							t.Errorf("KEY-4: an edit fails with %v", err)
							return
						}
					}
					time.Sleep(time.Duration(w*13+i%7*20) * time.Millisecond)
				}
			})
		}
		all.Wait()
		time.Sleep(time.Hour)
		if n := s.documents.Len(); n != 0 {
			t.Errorf("KEY-4: %d documents are still in memory", n)
		}
		got := db.rows.Sync(func(r *shakyRows) (n int) {
			for _, text := range r.text {
				n += len(text)
			}
			return n
		})
		if got != writers*edits {
			t.Errorf("KEY-4: the database has %d changes; want %d", got, writers*edits)
		}
	})
}
