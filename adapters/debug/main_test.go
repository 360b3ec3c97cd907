package debug_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/go-desync/go-desync/adapters/flight"
	"github.com/go-desync/go-desync/desync"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// get asks a handler as a program on the same machine does.
func get(h http.Handler, path string, change ...func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", path, nil)
	r.RemoteAddr, r.Host = "127.0.0.1:50000", "localhost:6060"
	for _, c := range change {
		c(r)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// A job is one of a state, with what the tests look at.
type job struct {
	ID     uint64
	Object string
	Call   string
	Code   string
	State  string
	Waited time.Duration
}

type state struct {
	Recorded, Dropped     uint64
	Objects, NameCount    int
	Queued, Held, Running int
	Busy                  []struct {
		Object         string
		ObjectID       uint64
		Depth          int
		Holder, Oldest *job
	}
	Chains []struct {
		Ring bool
		Jobs []job
		More int
	}
	Hot []struct {
		Name    string
		Objects int
		Top     []flight.Share
	}
	Names []struct {
		Name                   string
		Returned               uint64
		Wait, Run              []uint64
		Slow, Failed, Canceled []job
	}
	Tables []struct {
		Name    string
		Columns []string
		Rows    [][]string
		More    int
		Err     string
	}
}

func stateOf(t *testing.T, h http.Handler) (s state) {
	t.Helper()
	w := get(h, "/state.json")
	if w.Code != http.StatusOK {
		t.Fatalf("state.json: %d %s", w.Code, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &s); err != nil {
		t.Fatalf("state.json: %v in %.500s", err, w.Body)
	}
	return s
}

// running tells a recorder of a job that has run for a time, on an object of its own.
func running(r *flight.Recorder, id uint64, name string, since time.Duration) {
	j := desync.JobInfo{Object: name, ObjectID: id, ID: id, Call: desync.CallDo, Queued: time.Now().Add(-since)}
	r.Queued(j)
	j.Started = j.Queued
	r.Started(j)
}

// queued tells a recorder of a job that has waited for a time.
func queued(r *flight.Recorder, id, object uint64, name string, since time.Duration) {
	r.Queued(desync.JobInfo{Object: name, ObjectID: object, ID: id, Call: desync.CallAsync, Ahead: 1, Queued: time.Now().Add(-since)})
}
