package flight_test

import (
	"encoding/json"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/go-desync/go-desync/adapters/flight"
)

// A trace for ui.perfetto.dev.
func ExampleSnapshot_WriteChrome() {
	var s flight.Snapshot // usually from Recorder.Snapshot
	begin := time.Now()
	s.Jobs = []flight.Job{{
		ID: 1, Name: "orders", Object: "orders#12", ObjectID: 12,
		Queued: begin, Started: begin.Add(2 * time.Microsecond), Finished: begin.Add(5 * time.Microsecond),
	}}
	s.Taken = begin.Add(10 * time.Microsecond)

	var b strings.Builder
	if err := s.WriteChrome(&b); err != nil {
		log.Fatal(err)
	}
	var trace struct {
		TraceEvents []struct {
			Ph, Cat string
			Ts, Dur float64
		}
	}
	if err := json.Unmarshal([]byte(b.String()), &trace); err != nil {
		log.Fatal(err)
	}
	for _, e := range trace.TraceEvents {
		if e.Ph == "X" {
			fmt.Printf("%s at %v µs for %v µs\n", e.Cat, e.Ts, e.Dur)
		}
	}
	// Output: run at 2 µs for 3 µs
}

// A page to keep, which any browser opens.
func ExampleSnapshot_WriteHTML() {
	var s flight.Snapshot // usually from Recorder.Snapshot
	begin := time.Now()
	s.Jobs = []flight.Job{{
		ID: 1, Name: "orders", Object: "orders#12", ObjectID: 12,
		Queued: begin, Started: begin.Add(2 * time.Microsecond), Finished: begin.Add(5 * time.Microsecond),
	}}
	s.Taken = begin.Add(10 * time.Microsecond)

	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	f, err := os.Create(filepath.Join(dir, "timeline.html"))
	if err != nil {
		log.Fatal(err)
	}
	if err := s.WriteHTML(f); err != nil {
		log.Fatal(err)
	}
	if err := f.Close(); err != nil {
		log.Fatal(err)
	}
	text, err := os.ReadFile(f.Name())
	fmt.Println(strings.HasPrefix(string(text), "<!DOCTYPE html>"), err)
	// Output: true <nil>
}
