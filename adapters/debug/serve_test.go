package debug_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-desync/go-desync/adapters/debug"
	"github.com/go-desync/go-desync/adapters/flight"
	"github.com/go-desync/go-desync/desync"
)

// However many look, making the state takes a tenth of the time.
func TestManyWhoLookShareOneState(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		made, making := atomic.Int32{}, atomic.Int32{}
		h := debug.Handler(flight.New(), debug.Table("slow", []string{"a"}, func() [][]string {
			if making.Add(1) != 1 {
				t.Error("two states are made at once")
			}
			time.Sleep(10 * time.Millisecond)
			making.Add(-1)
			made.Add(1)
			return nil
		}))
		for range 100 {
			go get(h, "/state.json")
		}
		synctest.Wait()
		time.Sleep(10 * time.Millisecond)
		synctest.Wait()
		if n := made.Load(); n != 1 {
			t.Errorf("100 at once: the state was made %d times, want 1", n)
		}
		time.Sleep(90 * time.Millisecond)
		get(h, "/state.json")
		if n := made.Load(); n != 1 {
			t.Errorf("90 ms later it was made %d times, want 1", n)
		}
		time.Sleep(10 * time.Millisecond)
		get(h, "/state.json")
		if n := made.Load(); n != 2 {
			t.Errorf("100 ms later it was made %d times, want 2", n)
		}
		// Nobody looks, nothing is done.
		time.Sleep(time.Hour)
		if n := made.Load(); n != 2 {
			t.Errorf("an hour later it was made %d times, want 2", n)
		}
	})
}

// Whoever goes away while a table blocks is not kept.
func TestATableThatBlocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		block := make(chan bool)
		h := debug.Handler(flight.New(), debug.Table("blocks", []string{"a"}, func() [][]string { <-block; return nil }))
		go get(h, "/state.json")
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		gone := 0
		done := make(chan bool)
		for _, path := range []string{"/state.json", "/why?job=1"} {
			go func() {
				get(h, path, func(r *http.Request) { *r = *r.WithContext(ctx) })
				done <- true
			}()
		}
		synctest.Wait()
		cancel()
		for range 2 {
			<-done
			gone++
		}
		// A dump needs no table.
		if w := get(h, "/trace.json"); w.Code != 200 {
			t.Errorf("trace.json meanwhile: %d", w.Code)
		}
		close(block)
		synctest.Wait()
		if gone != 2 {
			t.Errorf("%d of 2 have gone", gone)
		}
	})
}

func TestWhyOfWhatIsNoJob(t *testing.T) {
	r := flight.New(flight.Jobs(16))
	running(r, 7, "orders", time.Second)
	for id := uint64(100); id < 1000; id++ {
		j := desync.JobInfo{Object: "orders", ObjectID: id, ID: id, Call: desync.CallDo, Queued: time.Now(), Started: time.Now(), Outcome: desync.OutcomeReturned}
		r.Queued(j)
		r.Started(j)
		j.Finished = time.Now()
		r.Finished(j)
	}
	h := debug.Handler(r)
	for query, want := range map[string]int{
		"": 400, "?job=": 400, "?job=NaN": 400, "?job=18446744073709551616": 400, "?job=-1": 400, "?job=0": 400, "?job=1.5": 400, "?job=+7": 400,
		"?job=%207": 400, "?job=7%00": 400, "?job=%3Cscript%3E": 400, "?Job=7": 400, "?job=%zz": 400,
		"?job=18446744073709551615": 404, "?job=100": 404, "?job=8": 404,
		"?job=7": 200, "?job=7&job=8": 200, "?job=999": 200,
	} {
		w := get(h, "/why"+query)
		if w.Code != want {
			t.Errorf("why%s: %d %s; want %d", query, w.Code, w.Body, want)
		}
		if want != 200 && (w.Header().Get("Content-Type") != "text/plain; charset=utf-8" || strings.ContainsAny(w.Body.String(), "<\x00")) {
			t.Errorf("why%s: %s %q", query, w.Header().Get("Content-Type"), w.Body)
		}
	}
}

// A click must have an answer although the job has gone since it was shown.
func TestWhyOfAJobThatWasShownLast(t *testing.T) {
	r := flight.New(flight.Jobs(16))
	end := func(id uint64) {
		j := desync.JobInfo{Object: "orders", ObjectID: 1, ID: id, Call: desync.CallDo, Queued: time.Now(), Started: time.Now()}
		r.Queued(j)
		j.Finished, j.Outcome = time.Now(), desync.OutcomeReturned
		r.Finished(j)
	}
	end(1)
	h := debug.Handler(r)
	get(h, "/state.json")
	for id := uint64(2); id < 100; id++ {
		end(id)
	}
	if w := get(h, "/why?job=1"); w.Code != 200 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// A reader is a client that does not read until it is told to.
type reader struct {
	*httptest.ResponseRecorder
	reading, read chan bool
	deadlines     []time.Time
}

func (r *reader) Write(p []byte) (int, error) {
	r.reading <- true
	<-r.read
	return r.ResponseRecorder.Write(p)
}

func (r *reader) SetWriteDeadline(t time.Time) error {
	r.deadlines = append(r.deadlines, t)
	return nil
}

func TestOneDumpAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := flight.New()
		running(r, 1, "orders", time.Second)
		h := debug.Handler(r)
		slow := &reader{httptest.NewRecorder(), make(chan bool), make(chan bool), nil}
		done := make(chan bool)
		go func() {
			req := httptest.NewRequest("GET", "/timeline.html", nil)
			req.RemoteAddr, req.Host = "127.0.0.1:1", "localhost"
			h.ServeHTTP(slow, req)
			close(done)
		}()
		<-slow.reading
		for _, path := range []string{"/timeline.html", "/trace.json"} {
			w := get(h, path)
			if w.Code != 429 || w.Header().Get("Retry-After") != "1" || w.Header().Get("Content-Type") != "text/plain; charset=utf-8" {
				t.Errorf("%s while another is read: %d %v", path, w.Code, w.Header())
			}
		}
		// The page goes on.
		if w := get(h, "/state.json"); w.Code != 200 {
			t.Errorf("state.json meanwhile: %d", w.Code)
		}
		if len(slow.deadlines) != 1 || time.Until(slow.deadlines[0]) != time.Minute {
			t.Errorf("the reader has until %v", slow.deadlines)
		}
		close(slow.read)
		<-done
		if len(slow.deadlines) != 2 || !slow.deadlines[1].IsZero() || slow.Code != 200 {
			t.Errorf("in the end: deadlines %v, status %d", slow.deadlines, slow.Code)
		}
		for _, path := range []string{"/timeline.html", "/trace.json"} {
			if w := get(h, path); w.Code != 200 {
				t.Errorf("%s afterwards: %d", path, w.Code)
			}
		}
	})
}
