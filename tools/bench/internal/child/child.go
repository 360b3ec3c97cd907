// Package child measures tasks in processes of their own. Each process runs this program
// again.
package child

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/go-desync/go-desync/tools/bench/internal/measure"
)

// Command is the argument of the program in such a process: it reads a measure.Task from
// the standard input and writes its []measure.Series.
const Command = "child"

// Run measures one task in a process of its own.
func Run(ctx context.Context, t measure.Task) ([]measure.Series, error) {
	task, err := json.Marshal(t)
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("the program that is to run as a process of its own was not found: %w", err)
	}
	var out, errs bytes.Buffer
	c := exec.CommandContext(ctx, self, Command)
	c.Stdin, c.Stdout, c.Stderr = bytes.NewReader(task), &out, &errs
	err = c.Run()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, errors.New(reason(errs.String(), err))
	}
	var series []measure.Series
	if err := json.Unmarshal(out.Bytes(), &series); err != nil {
		return nil, fmt.Errorf("what a process of its own has measured could not be read: %w", err)
	}
	return series, nil
}

// reason returns what the process wrote to its standard error. After a crash that is
// long, and the beginning is enough.
func reason(complaint string, err error) string {
	complaint = strings.TrimSpace(strings.TrimPrefix(complaint, "bench: "))
	if complaint == "" {
		return fmt.Sprintf("a process of its own ended: %v", err)
	}
	const most = 2_000
	if len(complaint) > most {
		complaint = complaint[:most] + " …"
	}
	return complaint
}
