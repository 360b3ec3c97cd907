package flight_test

import (
	"bytes"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/go-desync/go-desync/adapters/flight"
)

func TestLogReport(t *testing.T) {
	var log bytes.Buffer
	report := flight.LogReport(slog.New(slog.NewTextHandler(&log, nil)))
	report(flight.Report{
		What: flight.Running, For: time.Minute, Count: 1, Job: flight.Job{ID: 7, Object: "orders#1", Code: "/src/orders.go:8"},
		Stacks: "these", More: 3, Err: os.ErrPermission,
	})
	report(flight.Report{What: flight.Stopped, For: time.Minute})
	for _, want := range []string{
		"level=WARN", "orders#1: job 7 (unknown call, orders.go:8) has run for 1m0s; 3 more objects are over the limit", "what=running for=1m0s",
		"stacks=these", "permission denied", "more=3", "the process was stopped for 1m0s",
	} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("logged is\n%s\nwant %s", &log, want)
		}
	}
}
