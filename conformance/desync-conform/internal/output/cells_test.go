package output

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/go-desync/go-desync/conformance"
)

func TestCells(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long; without -short it runs")
	}
	r := &conformance.Report{
		Implementation: conformance.Implementation{Name: "a & b"}, Budget: conformance.Short, Seed: 3,
		Rules: []conformance.RuleResult{{Rule: "SUS-1", Cases: []conformance.CaseResult{{Cells: []conformance.CellCount{
			{Call: "Do", State: "from another's job", Ran: 1, Of: 4},
			{Call: "Async", State: "idle", Ran: 2, Of: 2, Broken: 1},
		}}}}},
	}
	var b strings.Builder
	if err := Cells(&b, []*conformance.Report{r, {}}); err != nil {
		t.Fatal(err)
	}
	picture := b.String()
	for _, want := range []string{
		"a &amp; b: 3 of 6 cells played", "budget short, seed 3", ">1 of 4<", ">2 of 2<", "hsl(0, 70%, 75%)", "SUS-1: 2 of 2, 1 broken",
		"Do, idle\nno cells",
	} {
		if !strings.Contains(picture, want) {
			t.Errorf("the picture lacks %q:\n%s", want, picture)
		}
	}
	if strings.Index(picture, ">Async<") > strings.Index(picture, ">Do<") {
		t.Error("the calls are not in the order of the table")
	}
	for d := xml.NewDecoder(strings.NewReader(picture)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("the picture is no XML: %v", err)
		}
	}
}
