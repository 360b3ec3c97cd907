package recipes_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/go-desync/go-desync/desync"
)

// settings are saved when nobody has changed them for the time quiet, but no later
// than limit after a change.
type settings struct {
	write        func(ctx context.Context, data []byte) error
	report       func(error) // told of writes that fail; they are tried again
	quiet, limit time.Duration
	state        desync.Desync[settingsState]
}

type settingsState struct {
	values  map[string]string
	unsaved bool
	latest  time.Time // when it must be saved; valid if unsaved
	change  int       // numbers the changes
}

const writeTimeout = 10 * time.Second

// Set changes a setting. It does not wait, not even while the settings are being
// saved.
func (s *settings) Set(key, value string) {
	s.state.Async(func(st *settingsState) {
		if st.values == nil {
			st.values = make(map[string]string)
		}
		st.values[key] = value
		st.change++
		if !st.unsaved {
			st.unsaved, st.latest = true, time.Now().Add(s.limit)
		}
		s.saveAfter(st, min(s.quiet, time.Until(st.latest)))
	})
}

// Get returns a setting, with all changes made before.
func (s *settings) Get(ctx context.Context, key string) (value string, err error) {
	return s.state.SyncContext(ctx, func(_ context.Context, st *settingsState) (string, error) {
		return st.values[key], nil
	})
}

// Flush saves all changes made before it, if they are not saved yet. Call it at the
// end of the program.
func (s *settings) Flush(ctx context.Context) error {
	return s.state.DoContext(ctx, s.save)
}

// saveAfter hands over a save after the time d, behind the changes made until then, if
// there has been no other change. Each change has a timer of its own. One timer that
// is reset would do as well, but not for settings that outlive a bubble of
// testing/synctest: the timer would belong to the bubble.
func (s *settings) saveAfter(st *settingsState, d time.Duration) {
	change := st.change
	time.AfterFunc(d, func() {
		s.state.Async(func(st *settingsState) {
			if st.change != change {
				return
			}
			ctx, cancel := context.WithTimeout(context.Background(), writeTimeout)
			defer cancel()
			if err := s.save(ctx, st); err != nil {
				s.report(err)
			}
		})
	})
}

// save is a job of state. The change may have been saved by Flush.
func (s *settings) save(ctx context.Context, st *settingsState) error {
	if !st.unsaved {
		return nil
	}
	data, err := json.Marshal(st.values) // a copy, which write may keep
	if err == nil {
		err = s.write(ctx, data)
	}
	if err != nil {
		st.change++ // saves that were planned are no longer needed
		st.latest = time.Now().Add(s.limit)
		s.saveAfter(st, s.quiet)
		return fmt.Errorf("the settings are not saved: %w", err)
	}
	st.unsaved = false
	return nil
}

// A debounced save.
func Example_debouncedSave() {
	full := true
	s := settings{
		quiet: time.Hour, // long enough for this example to end before
		limit: time.Hour,
		write: func(ctx context.Context, data []byte) error {
			if full { // write is called in jobs only, so it may use full without a lock
				full = false
				return errors.New("disk full")
			}
			fmt.Printf("saved %s\n", data)
			return nil
		},
		report: func(err error) { fmt.Println(err) },
	}
	ctx := context.Background()
	s.Set("theme", "light")
	s.Set("language", "en")
	s.Set("theme", "dark")
	fmt.Println(s.Get(ctx, "theme"))
	fmt.Println(s.Flush(ctx))
	fmt.Println(s.Flush(ctx))
	fmt.Println(s.Flush(ctx)) // nothing to do
	// Output:
	// dark <nil>
	// the settings are not saved: disk full
	// saved {"language":"en","theme":"dark"}
	// <nil>
	// <nil>
}
