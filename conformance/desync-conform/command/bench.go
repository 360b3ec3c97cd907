package command

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/go-desync/go-desync/conformance/desync-conform/internal/bench"
	"github.com/go-desync/go-desync/conformance/desync-conform/internal/marked"
)

// benchCommand measures peers side by side.
type benchCommand struct {
	Dir     string        `default:"../peers" placeholder:"DIR" help:"The directory with bench.json, which names the peers of peers.json that are measured (${default})."`
	Subject []string      `short:"s" placeholder:"NAME" help:"A subject of this command to measure beside them; may be given several times."`
	Only    []string      `placeholder:"NAME" help:"A peer of the list; may be given several times. Without it, all."`
	Claim   string        `placeholder:"NAME" help:"The peer that the first subject is compared with. All other figures stand beside each other, no more."`
	Rounds  int           `default:"9" placeholder:"N" help:"How often to measure each (${default})."`
	Length  time.Duration `default:"20ms" placeholder:"TIME" help:"How long a run should take (${default})."`
	Write   bool          `help:"Write the table in BENCH.md of the directory."`
}

// A benchEntry is a peer to measure.
type benchEntry struct {
	Peer string   `json:"peer"`          // its name in peers.json
	Run  []string `json:"run,omitempty"` // how to start it, if not as there
}

func (c *benchCommand) Validate() error {
	switch {
	case c.Rounds < 1:
		return fmt.Errorf("--rounds=%d: must be at least 1", c.Rounds)
	case c.Length <= 0:
		return fmt.Errorf("--length=%v: must be positive", c.Length)
	case c.Claim != "" && len(c.Subject) == 0:
		return fmt.Errorf("--claim=%s needs --subject, what is compared with it", c.Claim)
	}
	return nil
}

func (c *benchCommand) run(ctx context.Context, e *env) int {
	self, err := os.Executable()
	if err != nil {
		return e.usage("%v", err)
	}
	var sides []bench.Side
	for _, name := range c.Subject {
		s, err := e.subject(name)
		if err != nil {
			return e.usage("%v", err)
		}
		sides = append(sides, bench.Side{Name: s.Factory.Info.Name + " (Go)", Command: []string{self, "serve", "--subject=" + name}})
	}
	if err := os.Chdir(c.Dir); err != nil { // the commands are those of the directory
		return e.usage("%v", err)
	}
	peers, err := c.peers(ctx)
	if err != nil {
		return e.usage("%v", err)
	}
	times := bench.Times{Run: c.Length, Rounds: c.Rounds, Answer: time.Minute}
	rows, err := bench.Compare(ctx, append(sides, peers...), times, func(w bench.Word) { fmt.Fprintln(e.stderr, w.Column()) })
	if err != nil {
		e.complain("%v", err)
		return exitInconclusive
	}
	for i := range rows {
		rows[i].Command[0] = strings.ReplaceAll(rows[i].Command[0], self, filepath.Base(self))
	}
	text := bench.Markdown(rows, c.Rounds, fmt.Sprintf("%d processors, %s/%s", runtime.NumCPU(), runtime.GOOS, runtime.GOARCH))
	code := exitConforms
	if c.Claim != "" {
		i := slices.IndexFunc(rows, func(r bench.Row) bool { return r.Name == c.Claim })
		if i < 0 || rows[i].NotRun != "" || rows[0].NotRun != "" {
			e.complain("--claim=%s: it was not measured", c.Claim)
			return exitInconclusive
		}
		text += "\n" + bench.Claim(rows[0], rows[i])
	}
	if c.Write && len(c.Only) == 0 {
		if err := marked.Replace("BENCH.md", "bench", text); err != nil {
			return e.usage("BENCH.md: %v", err)
		}
	}
	return e.print(text, code)
}

// peers returns the peers of the list, built. One that cannot be built is one that cannot be
// started.
func (c *benchCommand) peers(ctx context.Context) (sides []bench.Side, err error) {
	var list []benchEntry
	var all []peerEntry
	for file, v := range map[string]any{"bench.json": &list, "peers.json": &all} {
		data, err := os.ReadFile(file)
		if err == nil {
			err = json.Unmarshal(data, v)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
	}
	for _, name := range c.Only {
		if !slices.ContainsFunc(list, func(b benchEntry) bool { return b.Peer == name }) {
			return nil, fmt.Errorf("bench.json has no peer %q", name)
		}
	}
	for _, b := range list {
		if len(c.Only) > 0 && !slices.Contains(c.Only, b.Peer) {
			continue
		}
		i := slices.IndexFunc(all, func(p peerEntry) bool { return p.Name == b.Peer })
		if i < 0 {
			return nil, fmt.Errorf("bench.json: peers.json has no peer %q", b.Peer)
		}
		for _, line := range all[i].Build {
			_ = exec.CommandContext(ctx, "sh", "-c", line).Run()
		}
		run := b.Run
		if len(run) == 0 {
			run = all[i].Run
		}
		sides = append(sides, bench.Side{Name: b.Peer, Command: run})
	}
	return sides, nil
}
