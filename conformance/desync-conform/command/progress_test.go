package command

import (
	"bytes"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-desync/go-desync/conformance"
)

func TestPlainProgressIsALineNowAndThen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var w bytes.Buffer
		p := newProgress(&w, "queue", false, 2*time.Second)
		for _, c := range []conformance.CaseResult{ // after 1, 2, 3 and 4 seconds
			{Case: "META-1/claims", Rule: "META-1", Verdict: conformance.Pass},
			{Case: "META-2/fresh", Rule: "META-2", Verdict: conformance.Pass},
			{Case: "ORD-1/x", Rule: "ORD-1", Verdict: conformance.Fail, Detail: "out of order"},
			{Case: "ORD-2/x", Rule: "ORD-2", Verdict: conformance.Pass},
		} {
			time.Sleep(time.Second)
			p.tell(c)
		}
		p.end()
		rules := len(conformance.Rules())
		want := fmt.Sprintf("queue: META-2 (2 of %d)\nqueue: fail         ORD-1/x  out of order\nqueue: ORD-2, 1 failed (4 of %d)\n", rules, rules)
		if got := w.String(); got != want {
			t.Errorf("progress:\n%swant:\n%s", got, want)
		}
	})
}
