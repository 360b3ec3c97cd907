package conformance

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-desync/go-desync/conformance/internal/apart"
)

// servedPeer, in the environment, makes the test binary a peer, and names the file that
// what is said goes to.
const servedPeer = "DESYNC_CONFORM_SERVED_PEER"

// bePeer is all that the test binary does as a peer.
func bePeer(file string) {
	log, err := os.Create(file)
	if err == nil {
		err = ServePeer(io.TeeReader(os.Stdin, prefixed{log, "> "}), io.MultiWriter(os.Stdout, prefixed{log, "< "}), laneFactory(nil))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// prefixed writes lines with something before each.
type prefixed struct {
	w      io.Writer
	prefix string
}

func (p prefixed) Write(data []byte) (int, error) {
	var b strings.Builder
	for line := range strings.Lines(string(data)) {
		b.WriteString(p.prefix + line)
	}
	_, err := io.WriteString(p.w, b.String())
	return len(data), err
}

// TestPeerIsJudgedAsInProcess also holds what is said against the schema.
func TestPeerIsJudgedAsInProcess(t *testing.T) {
	if apart.Ran(t) {
		return
	}
	log := filepath.Join(t.TempDir(), "said")
	t.Setenv(servedPeer, log)
	rules := WithRules("META-1", "ORD-1", "ORD-3/future-behind-async", "SYN-1/own-job-done", "SYN-2/goexit", "ASY-1/busy",
		"FUT-1/one-result", "FUT-3", "CAN-1/before-its-turn", "CAN-4/lets-go", "TRY-1/busy", "SUS-1/holds", "PAN-1/do", "PAN-2", "LEAK-1")
	report, err := CheckPeer(t.Context(), Peer{Command: []string{os.Args[0]}, Strict: true}, rules)
	if err != nil {
		t.Fatal(err)
	}
	inside := check(t, laneFactory(nil), rules)
	for i, rule := range report.Rules {
		if want := inside.Rules[i].Verdict; rule.Verdict != want {
			t.Errorf("%s: over the pipe %s (%s), in the process %s", rule.Rule, rule.Verdict, rule.Detail, want)
		}
	}
	if p := report.Peer; p == nil || p.Programs != "played" || p.Language != "Go" || p.Processes < 1 {
		t.Errorf("the report says of the peer: %+v", p)
	}
	if err := refused(t, report); err != nil {
		t.Errorf("the report: %v", err)
	}
	driver, peer := protocolSchema(t, "driver"), protocolSchema(t, "peer")
	f, err := os.Open(log)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, said := bufio.NewScanner(f), 0
	lines.Buffer(nil, 16<<20)
	for lines.Scan() && said < 3000 && !t.Failed() {
		said++
		if line, ours := strings.CutPrefix(lines.Text(), "> "); ours {
			validLine(t, driver, line)
		} else {
			validLine(t, peer, strings.TrimPrefix(lines.Text(), "< "))
		}
	}
	if said < 100 {
		t.Errorf("only %d lines were said", said)
	}
}

func TestCheckPeerErrors(t *testing.T) {
	if _, err := CheckPeer(t.Context(), Peer{}); err == nil {
		t.Error("CheckPeer takes a Peer without a command")
	}
	if _, err := CheckPeer(t.Context(), Peer{Command: []string{filepath.Join(t.TempDir(), "none")}}); err == nil {
		t.Error("CheckPeer starts what does not exist")
	}
	var broke *PeerError
	if _, err := CheckPeer(t.Context(), Peer{Command: []string{"true"}}); !errors.As(err, &broke) {
		t.Errorf("of a peer that ends at once it says %v, and no PeerError", err)
	}
	t.Setenv(servedPeer, filepath.Join(t.TempDir(), "said"))
	if _, err := CheckPeer(t.Context(), Peer{Command: []string{os.Args[0]}}, WithRules("ORD-99")); err == nil || errors.As(err, &broke) {
		t.Errorf("of an unknown rule it says %v", err)
	}
	p := &Program{Case: "ORD-1/one-client", Procs: 2, Objects: 1, Clients: [][]Step{{{Kind: "async"}, {Kind: "do"}}}}
	if n, err := ReplayPeer(t.Context(), Peer{Command: []string{os.Args[0]}}, p, 2); n != 0 || err != nil {
		t.Errorf("a replay on a correct peer reproduces %d of 2, with the error %v", n, err)
	}
}

func TestMain(m *testing.M) {
	if file := os.Getenv(servedPeer); file != "" {
		bePeer(file)
	}
	os.Exit(m.Run())
}
