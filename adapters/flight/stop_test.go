//go:build unix

package flight_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-desync/go-desync/adapters/flight"
)

const (
	stopLimit = 5 * time.Second // far longer than the rest of the child's life
	stopTime  = 6 * time.Second
	stopEvery = 500 * time.Millisecond
)

// A process with 1,000 busy objects that is stopped for longer than the limit reports that it
// was stopped, and no object.
func TestWatchOfAProcessThatIsStopped(t *testing.T) {
	if os.Getenv("FLIGHT_STOP") != "" {
		beStopped()
		return
	}
	if testing.Short() {
		t.Skip("it takes 8 seconds")
	}
	child := exec.Command(os.Args[0], "-test.run=^TestWatchOfAProcessThatIsStopped$")
	child.Env = append(os.Environ(), "FLIGHT_STOP=1")
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	var reports []string
	for lines := bufio.NewScanner(out); lines.Scan(); {
		switch line := lines.Text(); {
		case line == "ready":
			child.Process.Signal(syscall.SIGSTOP)
			time.Sleep(stopTime) // this is the stop
			child.Process.Signal(syscall.SIGCONT)
		case strings.HasPrefix(line, "report "):
			reports = append(reports, line)
		}
	}
	if err := child.Wait(); err != nil {
		t.Fatal(err)
	}
	if len(reports) != 1 || !strings.HasPrefix(reports[0], "report stopped") {
		t.Errorf("reported: %q; want one report, of the stop", reports)
	}
}

func beStopped() {
	r := flight.New()
	gate := make(chan struct{})
	defer close(gate)
	for range 1000 {
		observed(r, "busy").Async(func(*int) { <-gate })
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	waiting := observed(r, "waiting")
	defer waiting.Suspend()()
	waiting.Async(func(*int) {})
	seen := false
	r.Watch(ctx, flight.Watch{Running: stopLimit, Waiting: stopEvery / 10, Every: stopEvery, Report: func(p flight.Report) {
		switch {
		case p.What == flight.Stopped:
			time.AfterFunc(stopEvery*3/2, cancel) // another look
		case p.What == flight.Waiting:
			// It shows that Watch looks. A stop counts as one only while Watch sleeps, as it
			// does in the middle between two looks.
			if !seen {
				seen = true
				time.AfterFunc(stopEvery/2, func() { fmt.Println("ready") })
			}
			return
		}
		fmt.Println("report", p.What, p)
	}})
}
