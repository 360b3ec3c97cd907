package desync_test

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/go-desync/go-desync/desync"
)

func TestZeroValueIsReady(t *testing.T) {
	for _, k := range kinds[map[string]int]() {
		var d desync.Desync[map[string]int]
		k.call(&d, func(m *map[string]int) {
			if *m != nil {
				t.Errorf("a job of %s found %v in a zero object; want the zero value", k.name, *m)
			}
			*m = map[string]int{"a": 1}
		})
		if got := d.Sync(func(m *map[string]int) int { return (*m)["a"] }); got != 1 {
			t.Errorf("a Sync after a job of %s found %d; want what the job left", k.name, got)
		}
	}
}

func TestNewOwnsItsValue(t *testing.T) {
	d := desync.New([]int{1, 2}, desync.WithName("a name"))
	if got := d.Sync(func(v *[]int) int { return len(*v) }); got != 2 {
		t.Errorf("the object owns a slice of %d; want the 2 that New was given", got)
	}
}

func TestNilArgumentsPanicWithTheNameOfTheMethod(t *testing.T) {
	d := desync.New(0, desync.WithName("d"))
	for name, call := range map[string]func(){
		"Async":            func() { d.Async(nil) },
		"Do":               func() { d.Do(nil) },
		"Sync":             func() { d.Sync[int](nil) },
		"TryDo":            func() { d.TryDo(nil) },
		"TrySync":          func() { d.TrySync[int](nil) },
		"Future":           func() { d.Future[int](nil) },
		"WithPanicHandler": func() { desync.WithPanicHandler(nil) },
	} {
		for _, held := range []bool{false, true} {
			if held && (name == "Do" || name == "Sync") {
				continue // a ring if it waited
			}
			run := func(call func()) { call() }
			if held {
				run = func(call func()) { d.Do(func(*int) { call() }) }
			}
			run(func() {
				got := fmt.Sprint(caught(call))
				if want := "desync: " + name + ": "; !strings.HasPrefix(got, want) || !strings.Contains(got, "nil") {
					t.Errorf("%s(nil) panicked with %q; want a message that begins with %q", name, got, want)
				}
			})
		}
	}
	if n := d.Pending(); n != 0 || !d.TryDo(func(*int) {}) {
		t.Errorf("after the panics %d jobs are pending; want an idle object", n)
	}
}

// Each line of testdata/copies that ends in "// copy" is reported, and no other.
func TestVetReportsCopies(t *testing.T) {
	if testing.Short() {
		t.Skip("runs go vet on another package")
	}
	tool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("there is no go command to run vet with:", err)
	}
	source, err := os.ReadFile("testdata/copies/copies.go")
	if err != nil {
		t.Fatal(err)
	}
	vet, err := exec.CommandContext(t.Context(), tool, "vet", "-copylocks", "./testdata/copies").CombinedOutput()
	if err == nil {
		t.Error("go vet accepts the copies in testdata/copies; want it to report them")
	}
	for i, line := range strings.Split(string(source), "\n") {
		reported := strings.Contains(string(vet), fmt.Sprintf("copies.go:%d:", i+1))
		if want := strings.HasSuffix(line, "// copy"); reported != want {
			t.Errorf("go vet reports line %d: %v; want %v: %s", i+1, reported, want, strings.TrimSpace(line))
		}
	}
	if t.Failed() {
		t.Logf("go vet says:\n%s", vet)
	}
}
