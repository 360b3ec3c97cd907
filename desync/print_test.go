package desync_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"testing"

	"github.com/go-desync/go-desync/desync"
)

// With the race detector this fails if a verb reads the data, which a job changes
// all the while.
func TestPrintingReadsNoData(t *testing.T) {
	type point struct{ x, y int }
	d := desync.New(point{}, desync.WithName("point"))
	m := desync.NewMap(func(string) point { return point{} }, desync.WithName("points"))
	end, ended := make(chan bool), make(chan bool)
	d.Async(func(p *point) {
		m.At("a").Do(func(q *point) {
			for {
				p.x++
				q.y++
				select {
				case <-end:
					close(ended)
					return
				default:
					runtime.Gosched() // nothing else makes it yield on js/wasm
				}
			}
		})
	})
	d.Async(func(*point) {})
	for m.Len() == 0 { // the first job has not begun, and what is being taken may count twice
		runtime.Gosched()
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "%X", "%08v", "%z"} {
		if got, want := fmt.Sprintf(verb, d), `"point": busy, 2 pending`; got != want {
			t.Errorf("%s prints %s; want %s", verb, got, want)
		}
		if got, want := fmt.Sprintf(verb, m), `"points": 1 keys`; got != want {
			t.Errorf("%s prints %s; want %s", verb, got, want)
		}
	}
	for _, handler := range []func(*bytes.Buffer) slog.Handler{
		func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
		func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
	} {
		var out bytes.Buffer
		slog.New(handler(&out)).Info("state", "d", d, "m", m)
		for _, want := range []string{"point", "busy", "points"} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("the log has no %q: %s", want, &out)
			}
		}
	}
	close(end)
	<-ended
}

func TestPrintingNil(t *testing.T) {
	var d *desync.Desync[int]
	var m *desync.Map[string, int]
	if got := fmt.Sprintf("%v %+v %#v %v", d, d, d, m); got != "<nil> <nil> <nil> <nil>" {
		t.Errorf("nil pointers print as %s", got)
	}
	var out bytes.Buffer
	slog.New(slog.NewTextHandler(&out, nil)).Info("state", "d", d, "m", m)
	if got := out.String(); !strings.Contains(got, "d=<nil> m=<nil>") {
		t.Errorf("nil pointers are logged as %s", got)
	}
}

func TestPrintingAMapOfNobody(t *testing.T) {
	var m desync.Map[string, int]
	want := fmt.Sprintf("desync.Map[string,int](%p): 0 keys", &m)
	if got := fmt.Sprintf("%v %+v", &m, &m); got != want+" "+want {
		t.Errorf("got %s; want %s, twice", got, want)
	}
	var out bytes.Buffer
	slog.New(slog.NewTextHandler(&out, nil)).Info("state", "m", &m)
	if got := out.String(); !strings.Contains(got, "m.keys=0") {
		t.Errorf("it is logged as %s; want no keys", got)
	}
}

func TestPrintingWithoutAName(t *testing.T) {
	d := desync.New(0)
	if got, want := fmt.Sprint(d), fmt.Sprintf("desync.Desync[int](%p): idle", d); got != want {
		t.Errorf("got %s; want %s", got, want)
	}
}

func ExampleDesync_String() {
	d := desync.New(0, desync.WithName("orders"))
	fmt.Println(d)
	resume := d.Suspend()
	d.Async(func(n *int) { *n++ })
	fmt.Println(d)
	resume()
	// Output:
	// "orders": idle
	// "orders": busy, 2 pending
}

func ExampleMap_String() {
	m := desync.NewMap(func(string) int { return 0 }, desync.WithName("accounts"))
	m.At("ann").Do(func(balance *int) { *balance += 10 })
	fmt.Println(m)
	// Output:
	// "accounts": 1 keys
}

func ExampleDesync_LogValue() {
	d := desync.New(0, desync.WithName("orders"))
	logger := slog.New(slog.NewTextHandler(exampleOutput{}, &slog.HandlerOptions{ReplaceAttr: withoutTime}))
	logger.Info("state", "queue", d)
	// Output:
	// level=INFO msg=state queue.object="\"orders\"" queue.state=idle queue.pending=0
}

// exampleOutput writes to the standard output of the example that runs.
type exampleOutput struct{}

func (exampleOutput) Write(p []byte) (int, error) { return fmt.Print(string(p)) }

func withoutTime(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}
