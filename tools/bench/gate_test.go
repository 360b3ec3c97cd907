package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/go-desync/go-desync/tools/bench/internal/report"
)

const (
	gateSlack = 1.5 // of the goals: machines that others use make ratios wander
	gateTries = 3
	gateLimit = 30 * time.Second
)

var (
	fast     = []string{"do/mutex", "do/desync", "sync/mutex", "sync/desync", "async-and-drain-1-producer/channel-actor", "async-and-drain-1-producer/desync"}
	gateRows = append([]string{"async-then-sync/channel-actor", "contended-do-8-goroutines/mutex"}, fast...)
)

// The gate checks that the core has not become much slower than the goals, and allocates
// nothing where it should not. For finer results run make bench. Workloads in which two
// goroutines only wait for each other are left out, since they depend on what else the
// machine does.
func TestGate(t *testing.T) {
	if raceDetector {
		t.Skip("with the race detector Desync watches for deadlocks, which takes time and allocates")
	}
	if testing.Short() {
		t.Skip("it measures, and make consumer tests another module beside this one; make test has the gate")
	}
	ctx, cancel := context.WithTimeout(t.Context(), gateLimit)
	defer cancel()
	rows := gateRows
	best := fastest{}
	var faults map[string]string
	for range gateTries {
		if faults = best.judge(gate(t, ctx, runCommand, rows)); len(faults) == 0 {
			return
		}
		rows = slices.Collect(maps.Keys(faults))
	}
	for _, fault := range faults {
		t.Error(fault)
	}
}

// The gate would fail: here Do and Sync always go through the queue, and a job that is
// handed over is a goroutine.
func TestGateFailsOnASlowCore(t *testing.T) {
	if raceDetector {
		t.Skip("as the gate itself")
	}
	ctx, cancel := context.WithTimeout(t.Context(), gateLimit)
	defer cancel()
	faults := fastest{}.judge(gate(t, ctx, slowCommand, fast))
	for _, row := range fast {
		if faults[row] == "" {
			t.Errorf("the gate lets %s pass on a core without a fast path; it found %v", row, faults)
		}
	}
}

// gate measures rows in a process of its own.
func gate(t *testing.T, ctx context.Context, command string, rows []string) *report.Report {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	args := []string{command, "--quick", "--json", "--rounds=5"}
	for _, row := range rows {
		args = append(args, "--row="+row)
	}
	c := exec.CommandContext(ctx, self, args...)
	c.Stdout, c.Stderr = &out, &errs
	if err := c.Run(); ctx.Err() != nil {
		// A run takes the same time whatever the core costs: it is the operations that
		// become fewer.
		t.Skipf("this machine has no time for it: the gate did not end within %v", gateLimit)
	} else if err != nil {
		t.Fatalf("%v: %s", err, errs.String())
	}
	r := new(report.Report)
	if err := json.Unmarshal(out.Bytes(), r); err != nil {
		t.Fatal(err)
	}
	return r
}

// fastest holds, by the row, the fastest round so far of each side. Work beside the gate
// only ever makes a round slower, and often one side more than the other, so more rounds
// bring these two nearer to what the sides cost. A median of ratios has no such direction.
type fastest map[string]report.Samples

// judge adds a report and returns what is beyond the goals and the slack, by the row.
// Counts have no slack.
func (f fastest) judge(r *report.Report) map[string]string {
	faults := map[string]string{}
	for _, row := range r.Rows {
		if row.Goal == nil {
			continue
		}
		got, limit := row.Own, *row.Goal.Max
		if row.Ratio != nil {
			best := f[row.ID()]
			best.Own = []float64{slices.Min(append(best.Own, row.Samples.Own...))}
			best.Peer = []float64{slices.Min(append(best.Peer, row.Samples.Peer...))}
			f[row.ID()] = best
			got, limit = best.Own[0]/best.Peer[0], limit*gateSlack
		}
		if got > limit {
			faults[row.ID()] = fmt.Sprintf("%s, against %q, in %s: %.3g, want at most %.3g; measure it with: %s",
				row.Workload, row.Against, row.Unit, got, limit, row.Rerun)
		}
	}
	return faults
}
