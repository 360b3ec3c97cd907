package embedded_test

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

	"github.com/nats-io/nats.go"
	"go.uber.org/goleak"

	"github.com/go-desync/go-desync/adapters/natsmap/embedded"
)

const workerURL = "NATSMAP_TEST_WORKER"

func TestMain(m *testing.M) {
	if url := os.Getenv(workerURL); url != "" {
		work(url)
		return
	}
	goleak.VerifyTestMain(m)
}

// work is the program of a worker: it serves until its standard input ends.
func work(url string) {
	nc, err := nats.Connect(url, nats.MaxReconnects(-1), nats.ReconnectWait(100*time.Millisecond))
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	m, err := tallies.Open(context.Background(), nc)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		defer cancel()
		for bufio.NewScanner(os.Stdin).Scan() {
		}
	}()
	fmt.Println("ready")
	go func() {
		for range time.Tick(50 * time.Millisecond) {
			s := m.Stats()
			fmt.Println("serves", len(s.Partitions), s.Commands)
		}
	}()
	if err := m.Serve(ctx); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

// A worker is a process that serves.
type worker struct {
	cmd   *exec.Cmd
	lines chan string
}

func startWorker(t *testing.T, url string) *worker {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), workerURL+"="+url)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w := &worker{cmd, make(chan string, 1)}
	go func() {
		defer close(w.lines)
		for s := bufio.NewScanner(out); s.Scan(); {
			select {
			case w.lines <- s.Text():
			default: // only the next line is of interest
			}
		}
	}()
	t.Cleanup(func() {
		w.signal(syscall.SIGCONT)
		in.Close()
		_ = cmd.Wait()
	})
	return w
}

func (w *worker) signal(s syscall.Signal) { _ = w.cmd.Process.Signal(s) }

// partitions returns how many partitions the worker has, by its next line; -1 if it has ended.
func (w *worker) partitions() (n, commands int) {
	select { // an old line
	case <-w.lines:
	default:
	}
	for line := range w.lines {
		if _, err := fmt.Sscanf(strings.TrimSpace(line), "serves %d %d", &n, &commands); err == nil {
			return n, commands
		}
	}
	return -1, 0
}

func (w *worker) await(t *testing.T, what string, limit time.Duration, ok func(n, commands int) bool) {
	t.Helper()
	for deadline := time.Now().Add(limit); ; {
		n, commands := w.partitions()
		if ok(n, commands) {
			return
		}
		if n < 0 || time.Now().After(deadline) {
			t.Fatalf("after %v a worker has %d partitions and has saved %d commands; want %s", limit, n, commands, what)
		}
	}
}

func listening(t *testing.T) *embedded.Server {
	t.Helper()
	s, err := embedded.Start(t.TempDir(), embedded.WithoutSync(), embedded.Listen("127.0.0.1:0"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func (p plan) run(t *testing.T) {
	s := listening(t)
	nc, err := s.Conn()
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	m := open(t, nc)
	some := func(n, commands int) bool { return n > 0 && commands > 0 }
	first, second := startWorker(t, s.URL()), startWorker(t, s.URL())
	handed := make(chan map[string]*tally)
	go func() { handed <- hand(t, m, p.commands, p.keys) }()
	first.await(t, "some", 20*time.Second, some)
	second.await(t, "some", 20*time.Second, some)
	p.disturb(t, first, second)
	check(t, m, <-handed, time.Minute)
}

// A plan is a run in which one of two workers is disturbed in the middle.
type plan struct {
	commands, keys int
	disturb        func(t *testing.T, first, second *worker)
}

// An owner that is killed is replaced.
func TestScaleKill9(t *testing.T) {
	plan{20_000, 50, func(t *testing.T, first, second *worker) {
		first.signal(syscall.SIGKILL)
		begun := time.Now()
		second.await(t, "all 32", 10*time.Second, func(n, _ int) bool { return n == 32 })
		t.Logf("taken over after %v", time.Since(begun))
	}}.run(t)
}

// An owner that stands still for longer than the lease, and then goes on, does no harm.
func TestScaleZombie(t *testing.T) {
	plan{20_000, 50, func(t *testing.T, first, second *worker) {
		first.signal(syscall.SIGSTOP)
		second.await(t, "all 32", 10*time.Second, func(n, _ int) bool { return n == 32 })
		first.signal(syscall.SIGCONT)
		first.await(t, "its share again", 10*time.Second, func(n, _ int) bool { return n > 0 && n < 32 })
		second.await(t, "its share", 10*time.Second, func(n, _ int) bool { return n > 0 && n < 32 })
	}}.run(t)
}
