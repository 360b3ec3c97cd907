package conformance

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/go-desync/go-desync/conformance/internal/apart"
)

// reportWithAll is the report of a check that fails, with every field set.
func reportWithAll(t *testing.T) *Report {
	t.Helper()
	f := laneFactory(lifo)
	f.Info.Version, f.Info.URL = "v1.2", "https://example.com/lane"
	r := check(t, f, WithRules("ORD-4/queue", "SYN-1"))
	c := &r.Rule("ORD-4").Cases[0]
	if c.Failure == nil {
		t.Fatal("ORD-4/queue does not fail on an object that turns the order round")
	}
	c.Failure.Dump, c.Failure.Output, c.Failure.File = "goroutine 1 [select]:\nmain.f()", "text", "x.history"
	c.Crossings, c.AtFirst = 7, "it was too slow"
	c.Tried = []Tried{{What: "queued jobs", Sizes: []int{1, 2}}}
	c.Cells = []CellCount{{Call: "Do", State: "idle", Ran: 2, Of: 3, Broken: 1}}
	r.Peer = &PeerInfo{Command: []string{"./peer"}, Language: "Awk", Runtime: "mawk", Model: "loop", Protocol: 1, Programs: "steered", Processes: 2}
	pause := Pause{Yields: 1, Spins: 2, Micros: 3}
	c.Failure.Program.Clients = append(c.Failure.Program.Clients, []Step{{
		Kind: stepContext, Object: 1, Also: []int{2}, Cancel: &pause, Before: pause, Start: pause, End: pause, After: pause,
	}})
	return r
}

// refused returns what the schema says against a report.
func refused(t *testing.T, report any) error {
	t.Helper()
	data, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	schema, err := c.Compile("report.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema.Validate(value)
}

func TestSchemaHoldsForReports(t *testing.T) {
	if apart.Ran(t) {
		return
	}
	if err := refused(t, reportWithAll(t)); err != nil {
		t.Errorf("a report with every field: %v", err)
	}
	if err := refused(t, check(t, laneFactory(nil), WithRules("SYN-1"))); err != nil {
		t.Errorf("a report without a failure: %v", err)
	}
}

func TestSchemaRefuses(t *testing.T) {
	data, err := json.Marshal(reportWithAll(t))
	if err != nil {
		t.Fatal(err)
	}
	change := func(f func(map[string]any)) map[string]any {
		var m map[string]any
		if err := json.Unmarshal(data, &m); err != nil {
			t.Fatal(err)
		}
		f(m)
		return m
	}
	rule := func(m map[string]any) map[string]any { return m["rules"].([]any)[2].(map[string]any) }
	for name, report := range map[string]map[string]any{
		"another version":     change(func(m map[string]any) { m["schema"] = 2 }),
		"no verdict":          change(func(m map[string]any) { delete(m, "verdict") }),
		"unknown verdict":     change(func(m map[string]any) { rule(m)["verdict"] = "perhaps" }),
		"unknown field":       change(func(m map[string]any) { rule(m)["colour"] = "red" }),
		"partial and passing": change(func(m map[string]any) { m["verdict"] = "pass" }),
		"partial, no reason":  change(func(m map[string]any) { delete(m, "because") }),
		"no date":             change(func(m map[string]any) { m["started"] = "today" }),
	} {
		if refused(t, report) == nil {
			t.Errorf("%s: the schema accepts it", name)
		}
	}
}

// TestSchemaKnowsEveryField compares the schema with the Go types, since a report
// need not have all fields.
func TestSchemaKnowsEveryField(t *testing.T) {
	data, err := json.Marshal(reportWithAll(t))
	if err != nil {
		t.Fatal(err)
	}
	var look func(typ reflect.Type, seen map[reflect.Type]bool)
	look = func(typ reflect.Type, seen map[reflect.Type]bool) {
		for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice {
			typ = typ.Elem()
		}
		if typ.Kind() != reflect.Struct || seen[typ] || typ == reflect.TypeFor[time.Time]() {
			return
		}
		seen[typ] = true
		for i := range typ.NumField() {
			field := typ.Field(i)
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			if name == "-" {
				continue
			}
			if !bytes.Contains(data, []byte(`"`+name+`":`)) {
				t.Errorf("the report, which is to have all fields, lacks %v.%s", typ, field.Name)
			}
			look(field.Type, seen)
		}
	}
	look(reflect.TypeFor[Report](), map[reflect.Type]bool{})
}
