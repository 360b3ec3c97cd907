package conformance

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/go-desync/go-desync/conformance/internal/pipe"
)

// protocolSchema returns the schema of one direction.
func protocolSchema(t *testing.T, side string) *jsonschema.Schema {
	t.Helper()
	s, err := jsonschema.NewCompiler().Compile("protocol.schema.json#/$defs/" + side)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func validLine(t *testing.T, s *jsonschema.Schema, line string) {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(line))
	if err == nil {
		err = s.Validate(value)
	}
	if err != nil {
		t.Errorf("%s: %v", line, err)
	}
}

// A talk is a peer that this process serves, and what is said.
type talk struct {
	t    *testing.T
	in   io.WriteCloser
	out  *bufio.Scanner
	done chan error
}

func newTalk(t *testing.T, f Factory) *talk {
	t.Helper()
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	k := &talk{t: t, in: inW, out: bufio.NewScanner(outR), done: make(chan error, 1)}
	go func() {
		err := ServePeer(inR, outW, f)
		outW.Close()
		k.done <- err
	}()
	return k
}

func (k *talk) say(line string) {
	if _, err := io.WriteString(k.in, line+"\n"); err != nil {
		k.t.Fatal(err)
	}
}

func (k *talk) hear() string {
	if !k.out.Scan() {
		k.t.Fatal("the peer ended")
	}
	return k.out.Text()
}

// within reports whether a message has all that another one has.
func within(want, got string) bool {
	var w, g map[string]any
	if json.Unmarshal([]byte(want), &w) != nil || json.Unmarshal([]byte(got), &g) != nil {
		return false
	}
	for key, value := range w {
		if !reflect.DeepEqual(g[key], value) {
			return false
		}
	}
	return true
}

// worker is an object whose jobs run on a goroutine of its own.
type worker struct {
	state State
	jobs  chan func(*State)
}

func newWorker() *worker {
	w := &worker{jobs: make(chan func(*State), 100)}
	go func() {
		for job := range w.jobs {
			job(&w.state)
		}
	}()
	return w
}

func (w *worker) Async(job func(*State)) { w.jobs <- job }

func (w *worker) Do(job func(*State)) {
	done := make(chan struct{})
	w.jobs <- func(s *State) { defer close(done); job(s) }
	<-done
}

func workerFactory() Factory {
	return Factory{
		Info:     Implementation{Name: "mine"},
		New:      func(Setup) (Object, error) { return newWorker(), nil },
		Features: map[Feature]Claim{FeatureCaller: Unsupported("jobs run on a thread of the object")},
	}
}

func TestTranscriptOfTheProtocol(t *testing.T) {
	page, err := os.ReadFile("PROTOCOL.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "<!-- transcript -->")
	script, _, ok := strings.Cut(rest, "<!-- end of transcript -->")
	if !ok {
		t.Fatal("PROTOCOL.md has no transcript")
	}
	driver, peer := protocolSchema(t, "driver"), protocolSchema(t, "peer")
	k := newTalk(t, workerFactory())
	var due []string // what the peer says next, in whatever order
	settle := func() {
		for len(due) > 0 {
			got := k.hear()
			i := slices.IndexFunc(due, func(want string) bool { return within(want, got) })
			if i < 0 {
				t.Fatalf("the peer says\n%s\nand the page has, next,\n%s", got, strings.Join(due, "\n"))
			}
			validLine(t, peer, got)
			due = slices.Delete(due, i, i+1)
		}
	}
	said := 0
	for line := range strings.Lines(script) {
		side, message, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch side {
		case ">":
			settle()
			if !strings.Contains(message, "levitate") {
				validLine(t, driver, message)
			}
			k.say(message)
			said++
		case "<":
			validLine(t, peer, message)
			due = append(due, message)
		}
	}
	settle()
	if err := <-k.done; err != nil || said < 10 {
		t.Errorf("after %d lines of the driver, the peer ends with the error %v", said, err)
	}
}

// TestSchemaOfTheProtocolKnowsEveryField compares it with the Go types.
func TestSchemaOfTheProtocolKnowsEveryField(t *testing.T) {
	data, err := os.ReadFile("protocol.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var look func(typ reflect.Type)
	look = func(typ reflect.Type) {
		for i := range typ.NumField() {
			field := typ.Field(i)
			if field.Anonymous {
				look(field.Type)
				continue
			}
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			if !bytes.Contains(data, []byte(`"`+name+`": {`)) {
				t.Errorf("the schema lacks %v.%s (%s)", typ, field.Name, name)
			}
		}
	}
	for _, typ := range []reflect.Type{reflect.TypeFor[pipe.Order](), reflect.TypeFor[pipe.Answer](), reflect.TypeFor[wireProgram](), reflect.TypeFor[Step](), reflect.TypeFor[Pause]()} {
		look(typ)
	}
}

func TestServePeerMeasures(t *testing.T) {
	k := newTalk(t, laneFactory(nil))
	peer, driver := protocolSchema(t, "peer"), protocolSchema(t, "driver")
	for i, kind := range []string{"async", "do", "future", "levitate"} {
		order := fmt.Sprintf(`{"op":"bench","id":%d,"kind":"%s","n":50,"p":3}`, i+1, kind)
		validLine(t, driver, order)
		k.say(order)
		got := k.hear()
		validLine(t, peer, got)
		want := fmt.Sprintf(`{"op":"bench","id":%d,"ran":150}`, i+1)
		if kind == "levitate" {
			want = fmt.Sprintf(`{"op":"error","id":%d,"code":"unknown-kind"}`, i+1)
		}
		if !within(want, got) {
			t.Errorf("to %s it answers %s, want %s", order, got, want)
		}
	}
	k.say(`{"op":"bye"}`)
	if err := <-k.done; err != nil {
		t.Errorf("it ends with the error %v", err)
	}
}

func TestServePeerRefuses(t *testing.T) {
	if err := ServePeer(strings.NewReader(""), io.Discard, Factory{}); err == nil {
		t.Error("ServePeer takes an empty Factory")
	}
	if err := ServePeer(strings.NewReader("hello\n"), io.Discard, workerFactory()); err == nil {
		t.Error("ServePeer takes a line that is no message")
	}
	k := newTalk(t, workerFactory())
	k.say(`{"op":"hello","protocol":[7]}`)
	if got := k.hear(); !within(`{"op":"error","code":"no-common-version"}`, got) {
		t.Errorf("to version 7 it answers %s", got)
	}
	k.say(`{"op":"fly","id":3}`)
	if got := k.hear(); !within(`{"op":"error","id":3,"code":"unknown-op"}`, got) {
		t.Errorf("to an unknown op it answers %s", got)
	}
	k.say(`{"op":"bye"}`)
	if err := <-k.done; err != nil {
		t.Errorf("it ends with the error %v", err)
	}
}
