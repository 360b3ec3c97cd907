// Package command tests the command natsmap, which needs a server for that.
package command

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/go-desync/go-desync/adapters/natsmap"
	"github.com/go-desync/go-desync/adapters/natsmap/embedded"
	"github.com/go-desync/go-desync/adapters/natsmap/scale/internal/tally"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// build builds the program.
func build(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "natsmap")
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	out, err := exec.Command("go", "build", "-o", program, "github.com/go-desync/go-desync/adapters/natsmap/cmd/natsmap").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return program
}

// A shell runs the program.
type shell struct {
	t       *testing.T
	program string
	url     string
}

// run runs the program, and checks its exit code and that its output has all of want.
func (s shell) run(code int, args string, want ...string) {
	s.t.Helper()
	cmd := exec.Command(s.program, strings.Fields(args)...)
	cmd.Env = append(os.Environ(), "NATS_URL="+s.url)
	out, err := cmd.CombinedOutput()
	got := 0
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		got = failed.ExitCode()
	} else if err != nil {
		s.t.Fatal(err)
	}
	if got != code {
		s.t.Errorf("natsmap %s ended with %d; want %d\n%s", args, got, code, out)
	}
	for _, w := range want {
		if !strings.Contains(string(out), w) {
			s.t.Errorf("natsmap %s lacks %q:\n%s", args, w, out)
		}
	}
}

func TestCommand(t *testing.T) {
	server, err := embedded.Start(t.TempDir(), embedded.WithoutSync(), embedded.Listen("127.0.0.1:0"))
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	nc, err := server.Conn()
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	sh := shell{t, build(t), server.URL()}

	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	f := tally.Config{Name: "tallies", Partitions: 4, Lease: time.Second}.Family()
	m, err := f.Open(ctx, nc)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	serving, stop := context.WithCancel(ctx)
	served := make(chan error, 1)
	go func() { served <- m.Serve(serving) }()
	defer func() {
		stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	}()
	for _, key := range []string{"ann", "bob smith"} {
		if _, err := m.Sync(ctx, key, f.Count, 7); err != nil {
			t.Fatal(err)
		}
	}
	var stands [2]*natsmap.ParkedError
	for i, key := range []string{"eve", "fay"} {
		if _, err := m.Sync(ctx, key, f.Odd, "retry"); !errors.As(err, &stands[i]) {
			t.Fatal(err)
		}
	}

	sh.run(0, "families", "tallies", "4", "json")
	sh.run(0, "keys tallies", "ann\n", `"bob smith"`)
	sh.run(0, "get tallies ann", `{"n":1,"sum":7`, "with the commands up to 1, version 1")
	sh.run(0, "get tallies eve", "parked since", "not yet")
	sh.run(0, "parked tallies", "eve", "fay", "odd", "not yet")
	sh.run(1, "get tallies dan", "the key dan has no state")
	sh.run(1, "resume tallies eve", "the key eve is parked again", "not yet")
	sh.run(1, "skip tallies eve 99999", "is parked at the command")
	sh.run(0, "skip tallies eve "+number(stands[0].Seq), "the key eve goes on")
	f.Mend()
	sh.run(0, "resume tallies fay", "the key fay goes on")
	sh.run(1, "resume tallies fay", "the key fay is not parked")
	sh.run(1, "skip tallies dan 1", "the key dan is not parked")
	sh.run(1, "keys nothing", "the server has no family nothing")

	sh.run(0, "--help", "Exit codes:", "-creds", "skip    FAMILY KEY SEQ")
	sh.run(2, "", "a command is missing", "--help")
	sh.run(2, "dance", `no command "dance"`)
	sh.run(2, "get tallies", "get takes 2 arguments")
	sh.run(2, "-flag keys tallies", "flag provided but not defined")
	sh.run(2, "skip tallies eve one", "it must be a number")
	sh.run(2, "keys a.b", "cannot be the name of a family")
	sh.run(1, "-server nats://127.0.0.1:1 keys tallies", "connect to nats://127.0.0.1:1")
	sh.run(1, "-creds nowhere keys tallies", "nowhere")
	sh.run(1, "-nkey nowhere keys tallies", "the nkey in nowhere")
	if y, _, err := m.Get(ctx, "fay"); err != nil || y.N != 1 {
		t.Errorf("fay has %v, %v; want the command that was resumed", y, err)
	}
	if y, _, err := m.Get(ctx, "eve"); err != nil || y.N != 0 {
		t.Errorf("eve has %v, %v; want nothing, since the command was skipped", y, err)
	}
}

func number(seq uint64) string { return strconv.FormatUint(seq, 10) }
