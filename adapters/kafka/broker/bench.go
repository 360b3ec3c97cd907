package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/go-desync/go-desync/adapters/kafka/broker/internal/rival"
)

// The sides of a comparison.
const (
	ours     = "ours"
	plainGo  = "plain"
	parallel = "parallel consumer"
)

// A bench measures on one broker, each side in a process of its own, in turns.
type bench struct {
	*world
	jars   string            // of the parallel consumer
	small  int               // divides the numbers of records, to try it
	topics map[string]string // those with records for each round of a part
}

// A figure is what a process has measured.
type figure struct {
	seconds float64
	mib     float64
}

// command returns a process for a side. It ends after n records. With a log, it writes what it
// does there, and the records of slow keys take 50 ms.
func (b *bench) command(ctx context.Context, side, topic, group, log string, work time.Duration, n int) (*exec.Cmd, error) {
	slow := 50 * time.Millisecond
	if log == "" {
		slow = 0
	}
	if side == parallel {
		return rival.Command(ctx, b.jars, b.Addr(), topic, group, fmt.Sprint(work.Milliseconds()), fmt.Sprint(slow.Milliseconds()), fmt.Sprint(n), log), nil
	}
	program, err := os.Executable()
	return exec.CommandContext(ctx, program, "measure", "--kind", side, "--broker", b.Addr(), "--topic", topic, "--group", group,
		"--log", log, "--work", work.String(), "--slow", slow.String(), "--n", fmt.Sprint(n)), err
}

// run runs a process to its end.
func (b *bench) run(ctx context.Context, side, topic, log string, work time.Duration, n int) (f figure, err error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	b.serial++
	cmd, err := b.command(ctx, side, topic, fmt.Sprint(topic, "-", b.serial), log, work, n)
	if err != nil {
		return f, err
	}
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return f, fmt.Errorf("%s: %w", side, err)
	}
	_, text, _ := strings.Cut(string(out), "measured ")
	_, err = fmt.Sscan(text, &f.seconds, &f.mib)
	return f, err
}
