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
	stopLimit = 3 * time.Second
	stopTime  = 4 * time.Second
)

// A process with 1,000 busy objects that is stopped for longer than the limit reports that it
// was stopped, and no object.
func TestWatchOfAProcessThatIsStopped(t *testing.T) {
	if os.Getenv("FLIGHT_STOP") != "" {
		beStopped()
		return
	}
	if testing.Short() {
		t.Skip("it takes 4 seconds")
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
	stopped := false
	for lines := bufio.NewScanner(out); lines.Scan(); {
		switch line := lines.Text(); {
		case strings.HasPrefix(line, "report waiting"): // of the job that shows that Watch looks
			if !stopped {
				stopped = true
				child.Process.Signal(syscall.SIGSTOP)
				time.Sleep(stopTime) // this is the stop
				child.Process.Signal(syscall.SIGCONT)
			}
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
	r.Watch(ctx, flight.Watch{Running: stopLimit, Waiting: 50 * time.Millisecond, Every: 10 * time.Millisecond, Report: func(p flight.Report) {
		fmt.Println("report", p.What, p)
		if p.What == flight.Stopped {
			time.AfterFunc(200*time.Millisecond, cancel) // some looks more
		}
	}})
}
