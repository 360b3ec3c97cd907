package command

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/go-desync/go-desync/conformance"
	"github.com/go-desync/go-desync/conformance/desync-conform/internal/reference"
)

func TestMain(m *testing.M) {
	if name := os.Getenv(brokenPeer); name != "" {
		beBroken(name)
	}
	if IsChild(os.Args[1:]) {
		os.Exit(Main(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr, subjects()))
	}
	os.Exit(m.Run())
}

// subjects has a correct implementation and some that are not.
func subjects() []Subject {
	made := func(name string, make func() conformance.Object) conformance.Factory {
		return conformance.Factory{
			Info: conformance.Implementation{Name: "test " + name, Version: "v0"},
			New:  func(conformance.Setup) (conformance.Object, error) { return make(), nil },
			Features: map[conformance.Feature]conformance.Claim{
				conformance.FeatureCaller: conformance.Unsupported("jobs run on a goroutine of the queue"),
			},
		}
	}
	broken := made("refuses", nil)
	broken.New = func(conformance.Setup) (conformance.Object, error) { return nil, errors.New("out of objects") }
	apart := reference.MutexDeque()
	apart.Info.Name = "apart"
	return []Subject{
		{Name: "good", About: "correct", Factory: reference.MutexDeque()},
		{Name: "mutant/lifo", About: "takes the newest job first", Extra: true, Factory: made("lifo", func() conformance.Object { return new(lifo) })},
		{Name: "odd/wrong", About: "said to be correct", Extra: true, Factory: made("odd lifo", func() conformance.Object { return new(lifo) })},
		{Name: "apart", About: "correct, in child processes", Extra: true, Isolate: true, Factory: apart},
		{Name: "crash", About: "ends the process", Extra: true, Isolate: true, Factory: made("crash", func() conformance.Object { return new(crash) })},
		{Name: "waits", About: "waits in New forever", Extra: true, Isolate: true, Factory: made("waits", waits)},
		{Name: "hang", About: "its Do never returns", Extra: true, Factory: made("hang", func() conformance.Object { return new(hang) })},
		{Name: "refuses", About: "has no objects", Extra: true, Factory: broken},
	}
}

type lifo struct {
	mu    sync.Mutex
	jobs  []func(*conformance.State)
	busy  bool
	state conformance.State
}

func (l *lifo) Async(job func(*conformance.State)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.jobs = append(l.jobs, job)
	if !l.busy {
		l.busy = true
		go l.work()
	}
}

func (l *lifo) work() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.jobs) > 0 {
		job := l.jobs[len(l.jobs)-1]
		l.jobs = l.jobs[:len(l.jobs)-1]
		l.mu.Unlock()
		job(&l.state)
		l.mu.Lock()
	}
	l.busy = false
}

func (l *lifo) Do(job func(*conformance.State)) {
	done := make(chan struct{})
	l.Async(func(s *conformance.State) { defer close(done); job(s) })
	<-done
}

type crash struct{ lifo }

func (*crash) Async(func(*conformance.State)) { go panic("the queue is on fire") }

type hang struct{ lifo }

func (*hang) Do(func(*conformance.State)) { select {} }

// startedSocket names a socket at which the subject "waits" says that it has begun.
const startedSocket = "TEST_STARTED_SOCKET"

func waits() conformance.Object {
	c, err := net.Dial("unix", os.Getenv(startedSocket))
	if err != nil {
		panic(err)
	}
	defer c.Close()
	for { // and not select, which the suite would take for a hang
		runtime.Gosched()
	}
}

// command runs the command in this process.
func command(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	code = Main(t.Context(), args, strings.NewReader(""), &out, &err, subjects())
	return code, out.String(), err.String()
}

func wantCode(t *testing.T, got, want int, stdout, stderr string) {
	t.Helper()
	if got != want {
		t.Errorf("exit code %d, want %d\nstdout:\n%s\nstderr:\n%s", got, want, stdout, stderr)
	}
}

func wantText(t *testing.T, where, got string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(got, w) {
			t.Errorf("%s lacks %q:\n%s", where, w, got)
		}
	}
}

func TestHelp(t *testing.T) {
	code, stdout, stderr := command(t, "--help")
	wantCode(t, code, 0, stdout, stderr)
	wantText(t, "help", strings.Join(strings.Fields(stdout), " "),
		"run", "rules", "explain", "recheck", "replay", "subjects", "0 the subjects conform", "1 a rule is violated", "2 wrong usage", "3 inconclusive")
	if strings.Contains(stdout, "child") {
		t.Errorf("the help names what only child processes use:\n%s", stdout)
	}
	code, stdout, stderr = command(t, "run", "--help")
	wantCode(t, code, 0, stdout, stderr)
	wantText(t, "help of run", stdout, "--subject", "--rule", "--skip", "--budget", "--seed", "--json", "--junit", "--markdown", "--cells", "--html", "--histories", "--race-binary")
}

func TestRulesAreListedAndExplained(t *testing.T) {
	code, list, stderr := command(t, "rules")
	wantCode(t, code, 0, list, stderr)
	for _, rule := range conformance.Rules() {
		wantText(t, "rules", list, "\n"+rule.ID+" ")
		code, stdout, stderr := command(t, "explain", strings.ToLower(rule.ID))
		wantCode(t, code, 0, stdout, stderr)
		flat := strings.Join(strings.Fields(stdout), " ")
		wantText(t, "explain "+rule.ID, flat, rule.ID+" ("+string(rule.Level), rule.Text, "Without it: "+rule.Why, rule.Reason)
		wantText(t, "explain "+rule.ID, flat, rule.Mutants...)
		for line := range strings.Lines(stdout) {
			if len(line) > width+1 {
				t.Errorf("explain %s has a line of %d characters: %s", rule.ID, len(line), line)
			}
		}
	}
	_, stdout, _ := command(t, "explain", "ORD-1")
	wantText(t, "explain ORD-1", stdout, "- lifo: takes the newest job first\n", "desync-conform run --subject=mutant/lifo --rule=ORD-1\n")
}

func TestSubjectsAreListed(t *testing.T) {
	code, stdout, stderr := command(t, "subjects")
	wantCode(t, code, 0, stdout, stderr)
	wantText(t, "subjects", stdout, "good ", "correct\n", "mutant/lifo  takes the newest job first\n")
}

func TestOutputThatCannotBeWritten(t *testing.T) {
	for _, args := range [][]string{{"rules"}, {"explain", "ORD-1"}, {"subjects"}, {"run", "--rule=META-1"}} {
		var stderr bytes.Buffer
		code := Main(t.Context(), args, nil, full{}, &stderr, subjects())
		wantCode(t, code, exitInconclusive, "", stderr.String())
		wantText(t, "stderr", stderr.String(), "the output could not be written: disk full")
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("disk full") }
