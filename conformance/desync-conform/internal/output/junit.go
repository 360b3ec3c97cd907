package output

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/jstemmer/go-junit-report/v2/junit"

	"github.com/go-desync/go-desync/conformance"
)

// JUnit writes the reports as JUnit XML, with a test suite for each. What JUnit has
// no word for is written such that nothing looks better than it is: an
// inconclusive case and a partial report are errors. A SHOULD that is not kept
// passes, with the message as its output.
func JUnit(w io.Writer, reports []*conformance.Report) error {
	all := junit.Testsuites{Name: "desync-conform"}
	var total time.Duration
	for i, r := range reports {
		all.AddSuite(suite(i, r))
		total += r.Duration
	}
	all.Time = seconds(total)
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	return all.WriteXML(w)
}

func suite(id int, r *conformance.Report) junit.Testsuite {
	name := printable(title(r.Implementation))
	s := junit.Testsuite{ID: id, Name: name, Time: seconds(r.Duration)}
	s.SetTimestamp(r.Started)
	s.AddProperty("verdict", string(r.Verdict))
	s.AddProperty("setting", setting(r))
	for i := range r.Rules {
		rule := &r.Rules[i]
		class := name + "." + rule.Rule
		if len(rule.Cases) == 0 {
			s.AddTestcase(junit.Testcase{
				Name: rule.Rule, Classname: class, Time: seconds(0),
				Skipped: result(rule.Verdict, rule.Detail, ""),
			})
		}
		for j := range rule.Cases {
			s.AddTestcase(testcase(class, rule, &rule.Cases[j]))
		}
	}
	if r.Partial {
		s.AddTestcase(junit.Testcase{
			Name: "the report is whole", Classname: name, Time: seconds(0),
			Error: result("partial", "the report is partial", strings.Join(r.Because, "\n")),
		})
	}
	return s
}

func testcase(class string, rule *conformance.RuleResult, c *conformance.CaseResult) junit.Testcase {
	t := junit.Testcase{Name: c.Case, Classname: class, Time: seconds(c.Duration)}
	switch c.Verdict {
	case conformance.Pass:
	case conformance.Fail:
		if rule.Level == conformance.Should {
			t.SystemOut = &junit.Output{Data: printable("SHOULD, and is not:\n" + message(c))}
		} else {
			t.Failure = result(c.Verdict, c.Detail, message(c))
		}
	case conformance.Inconclusive:
		t.Error = result(c.Verdict, c.Detail, "")
	default:
		t.Skipped = result(c.Verdict, c.Detail, "")
	}
	return t
}

func result(v conformance.Verdict, detail, data string) *junit.Result {
	return &junit.Result{Message: printable(fmt.Sprintf("%s: %s", v, detail)), Type: string(v), Data: printable(data)}
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }

// printable replaces what XML cannot hold, such as the control characters that a
// child process may write.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t', r == '\n', r == '\r', 0x20 <= r && r <= 0xD7FF, 0xE000 <= r && r <= 0xFFFD, 0x10000 <= r && r <= 0x10FFFF:
			return r
		}
		return '\uFFFD'
	}, s)
}
