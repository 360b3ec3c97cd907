package conformance

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/go-desync/go-desync/conformance/internal/pipe"
)

// noDetector says why the rules about memory cannot be judged.
func (r *remote) noDetector() string {
	if why := strings.TrimSpace(strings.TrimPrefix(r.hello.Detector, "none:")); why != "" {
		return "no race detector: " + why
	}
	return "no race detector: there is no build of the peer with one"
}

// raced says what a peer with a race detector plays for a case.
var raced = map[string]string{"MEM-1/async": pipe.Async, "MEM-1/do": pipe.Do, "MEM-2/do": pipe.Do, "MEM-2/future": pipe.Future}

// exitRaced is the exit code of a process in which a detector found a data race.
const exitRaced = 66

// runRace has a peer that is built with a race detector run jobs of plain reads and writes.
func (r *runner) runRace(ctx context.Context, c testCase) CaseResult {
	res := CaseResult{Case: c.id(), Rule: c.rule, Verdict: Inconclusive}
	kind, ok := raced[c.id()]
	if !ok {
		res.Verdict, res.Detail = CannotTest, "version 1 of the protocol has no order for it"
		return res
	}
	peer := r.remote.peer
	peer.Command = peer.Race
	rem := &remote{peer: peer}
	if err := rem.start(ctx); err != nil {
		res.Detail = "the peer with the race detector: " + strings.TrimPrefix(err.Error(), "conformance: ")
		return res
	}
	conn := rem.conn
	defer context.AfterFunc(ctx, func() { conn.lose(lostKilled, "") })()
	if !rem.hello.Race {
		conn.lose(lostKilled, "")
		conn.proc.Kill()
		res.Detail = "the peer with the race detector says in its hello: " + rem.noDetector()
		return res
	}
	a, ok := conn.ask(pipe.Order{Op: "race", Kind: kind, N: 200, P: 4}, time.After(r.scaled(r.o.watchdog)))
	if ok {
		conn.send(pipe.Order{Op: "bye"})
		_ = conn.proc.In.Close()
		select {
		case <-conn.proc.Done:
		case <-ctx.Done():
		case <-time.After(r.scaled(r.o.watchdog)):
		}
	}
	conn.lose(lostKilled, "")
	conn.proc.Kill()
	end := fmt.Sprint(conn.proc.End())
	switch {
	case end == fmt.Sprintf("exit status %d", exitRaced):
		res.Verdict = Fail
		res.Failure = &Failure{Rule: c.rule, Message: c.rule + ": expected: no data race\n  happened: the race detector found one", Output: conn.proc.Stderr()}
	case !ok:
		res.Detail = "the peer with the race detector did not answer: " + end
	case a.Op == "error":
		res.Verdict, res.Detail = CannotTest, "the peer does not know the order race"
	case conn.proc.End() != nil:
		res.Detail = "the peer with the race detector ended: " + end
	default:
		res.Verdict = Pass
	}
	return res
}
