//go:build unix

package flight_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/go-desync/go-desync/adapters/flight"
)

const (
	stopLimit = 5 * time.Second // far longer than the rest of the child's life
	stopTime  = 6 * time.Second
)

// A process with 1,000 busy objects that is stopped for longer than the limit reports that it
// was stopped, and no object.
func TestWatchOfAProcessThatIsStopped(t *testing.T) {
	if os.Getenv("FLIGHT_STOP") != "" {
		beStopped()
		return
	}
	if testing.Short() {
		t.Skip("it takes 6 seconds")
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
	var ready sync.Once
	r.Watch(ctx, flight.Watch{Running: stopLimit, Waiting: 50 * time.Millisecond, Every: 10 * time.Millisecond, Report: func(p flight.Report) {
		switch {
		case p.What == flight.Stopped:
			time.AfterFunc(200*time.Millisecond, cancel) // some looks more
		case p.What == flight.Waiting: // it shows that Watch looks; perhaps the stop comes right here
			ready.Do(func() { fmt.Println("ready") })
			return
		}
		fmt.Println("report", p.What, p)
	}})
}
