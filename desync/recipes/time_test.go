package recipes_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-desync/go-desync/desync"
)

// These tests are for the recipes in which time matters. They run with the clock of a
// bubble, where a sleep sets the clock.

// A journal notes what happens, and when.
type journal struct {
	start time.Time
	lines desync.Desync[[]string]
}

func newJournal() *journal { return &journal{start: time.Now()} }

func (j *journal) note(what string) {
	line := fmt.Sprint(time.Since(j.start), " ", what)
	j.lines.Do(func(l *[]string) { *l = append(*l, line) })
}

func (j *journal) want(t *testing.T, want ...string) {
	t.Helper()
	synctest.Wait()
	j.lines.Do(func(l *[]string) {
		if !slices.Equal(*l, want) {
			t.Errorf("what happened:\n%q\nwant:\n%q", *l, want)
		}
	})
}

func TestRecipeShutdownEndsInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJournal()
		o := newOutbox(func(ctx context.Context, to, message string) error {
			if to == "carl" {
				<-ctx.Done()
				return ctx.Err()
			}
			j.note(to + " " + message)
			return nil
		})
		for _, message := range []string{"1", "2"} {
			for _, to := range []string{"ann", "carl"} {
				if err := o.Send(t.Context(), to, message); err != nil {
					t.Errorf("Send: %v", err)
				}
			}
		}
		time.Sleep(time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		left, err := o.Shutdown(ctx)
		if !slices.Equal(left["carl"], []string{"1", "2"}) || len(left) != 1 || !errors.Is(err, context.Canceled) {
			t.Errorf("left over: %v, %v; want carl's two messages and context.Canceled", left, err)
		}
		j.note("down")
		j.want(t, "0s ann 1", "0s ann 2", "6s down")
	})
}

func TestRecipeCacheLoadsAnewWhenTheTimeIsUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJournal()
		broken := errors.New("broken")
		c := newCache(time.Minute, time.Second, func(_ context.Context, key string) (string, error) {
			j.note(key)
			time.Sleep(10 * time.Second)
			if key == "bad" {
				return "", broken
			}
			return key, nil
		})
		ask := func(key string, want error) {
			if _, err := c.Get(t.Context(), key); err != want {
				t.Errorf("%s: error %v; want %v", key, err, want)
			}
		}
		for range 3 {
			go ask("good", nil)
			go ask("bad", broken)
		}
		time.Sleep(10*time.Second + time.Minute - 1)
		ask("good", nil)
		j.lines.Do(func(l *[]string) { slices.Sort(*l) })
		j.want(t, "0s bad", "0s good")
		time.Sleep(time.Nanosecond)
		ask("good", nil)
		ask("bad", broken)
		j.want(t, "0s bad", "0s good", "1m10s good", "1m20s bad")
		time.Sleep(2 * time.Minute)
		if n := c.entries.Len(); n != 0 {
			t.Errorf("%d keys after a long idle time; want none", n)
		}
	})
}

func TestRecipeCacheKeepsNoErrorOfALoaderThatGaveUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCache(time.Minute, time.Minute, func(ctx context.Context, key string) (string, error) {
			return key, sleepUntil(ctx, time.Now().Add(10*time.Second))
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		go func() {
			if _, err := c.Get(ctx, "key"); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, desync.ErrNotRun) {
				t.Errorf("the loader got %v; want its own context's error", err)
			}
		}()
		synctest.Wait()
		if v, err := c.Get(t.Context(), "key"); v != "key" || err != nil {
			t.Errorf("the next got %q, %v; want a value that it loaded itself", v, err)
		}
	})
}

func TestRecipeWriteBehindFlushGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJournal()
		s := newWriteBehind(&slowDatabase{saving: make(chan string, 2), proceed: make(chan error)})
		if err := s.Put(t.Context(), "key", "value"); err != nil {
			t.Errorf("Put: %v", err)
		}
		flush := func(patience time.Duration) {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			if err := s.Flush(ctx); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("Flush: %v; want %v", err, context.DeadlineExceeded)
			}
			j.note("gave up")
		}
		flush(time.Second)     // while the first write goes on
		flush(time.Minute - 1) // in the second, when the first has run out of time
		j.want(t, "1s gave up", "1m0.999999999s gave up")
	})
}

func TestRecipeClientKeepsThePace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJournal()
		overloaded := true
		c := client{pause: time.Second, http: &http.Client{
			Transport: service(func(w http.ResponseWriter, req *http.Request) {
				j.note(req.URL.Path)
				switch {
				case req.URL.Path == "/down":
					w.WriteHeader(http.StatusServiceUnavailable)
				case req.URL.Path == "/2" && overloaded:
					overloaded = false
					w.Header().Set("Retry-After", "10")
					w.WriteHeader(http.StatusTooManyRequests)
				}
			}),
		}}
		get := func(path string, patience time.Duration, want error) {
			go func() {
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				defer cancel()
				if _, err := c.Get(ctx, "http://service.example"+path); !errors.Is(err, want) {
					t.Errorf("%s: %v; want %v", path, err, want)
				}
			}()
			synctest.Wait() // it is in the queue
		}
		get("/1", time.Minute, nil)
		get("/2", time.Minute, nil)
		get("/hurried", 2*time.Second, desync.ErrNotRun)
		get("/4", time.Minute, nil)
		get("/down", time.Minute, statusError(http.StatusServiceUnavailable))
		time.Sleep(time.Minute)
		j.want(t, "0s /1", "1s /2", "11s /2", "12s /4", "13s /down", "14s /down", "15s /down")
	})
}

func TestRecipeSettingsAreSavedWhenQuiet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJournal()
		full := false
		s := settings{
			quiet: time.Second,
			limit: 5 * time.Second,
			write: func(_ context.Context, data []byte) error {
				if full {
					return errors.New("disk full")
				}
				j.note(string(data))
				return nil
			},
			report: func(err error) { j.note(err.Error()) },
		}
		s.Set("a", "1")
		time.Sleep(time.Second / 2)
		s.Set("a", "2")
		time.Sleep(10 * time.Second) // it is now 10.5s

		for i := range 12 { // never quiet
			s.Set("b", fmt.Sprint(i))
			time.Sleep(600 * time.Millisecond)
		} // it is now 17.7s
		time.Sleep(4 * time.Second)

		s.state.Do(func(*settingsState) { full = true })
		s.Set("c", "1") // at 21.7s
		time.Sleep(1500 * time.Millisecond)
		s.state.Do(func(*settingsState) { full = false })
		time.Sleep(time.Minute)
		j.want(t,
			`1.5s {"a":"2"}`,
			`15.5s {"a":"2","b":"8"}`,
			`18.1s {"a":"2","b":"11"}`,
			`22.7s the settings are not saved: disk full`,
			`23.7s {"a":"2","b":"11","c":"1"}`)
	})
}

// Settings may live as long as the process, and are then used in synctest bubbles and
// outside, one after the other.
func TestSYN3_TheDebouncedSaveGoesThroughBubbles(t *testing.T) {
	use := func(t *testing.T, s *settings, inside bool) {
		written := make(chan string, 10)
		s.state.Do(func(*settingsState) {
			s.write = func(_ context.Context, data []byte) error {
				select {
				case written <- string(data):
				default:
				}
				return nil
			}
		})
		s.Set("a", "1")
		select {
		case <-written:
		case <-time.After(time.Minute):
			t.Fatal("SYN-3: the settings are not saved")
		}
		if inside {
			s.Set("b", "2") // and leaves it unsaved
		} else {
			s.state.Do(func(*settingsState) {}) // the job that writes has ended too
		}
	}
	const in, out = true, false
	for _, order := range [][]bool{
		{in, in, out, in},
		{in, out, out},
		{out, in, in, out},
	} {
		s := &settings{quiet: 10 * time.Millisecond, limit: time.Minute}
		for _, inside := range order {
			if inside {
				synctest.Test(t, func(t *testing.T) { use(t, s, true) })
			} else {
				use(t, s, false)
			}
		}
	}
}
