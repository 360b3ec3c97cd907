package output_test

import (
	"fmt"
	"os"

	"github.com/go-desync/go-desync/conformance"
	"github.com/go-desync/go-desync/conformance/desync-conform/internal/output"
)

func report() *conformance.Report {
	return &conformance.Report{
		Schema: 1, Implementation: conformance.Implementation{Name: "queue", Version: "v1.2.0"}, Verdict: conformance.Fail,
		Environment: conformance.Environment{Go: "go1.27", OS: "linux", Arch: "amd64", CPUs: 2, GOMAXPROCS: 2, Slowdown: 1},
		Budget:      conformance.Short, Seed: 1,
		Rules: []conformance.RuleResult{{
			Rule: "ORD-1", Level: conformance.Must, Verdict: conformance.Fail, Detail: "#2 ran before #1",
			Cases: []conformance.CaseResult{{
				Case: "ORD-1/queue", Rule: "ORD-1", Verdict: conformance.Fail, Detail: "#2 ran before #1",
				Failure: &conformance.Failure{Rule: "ORD-1", Message: "#2 ran before #1"},
			}},
		}, {
			Rule: "EXE-1", Level: conformance.Must, Verdict: conformance.Pass, Detail: "not refuted in 80 histories",
		}},
	}
}

func ExampleSummary() {
	fmt.Print(output.Summary(report()))
	// Output:
	// queue v1.2.0
	// budget short, seed 1; go1.27 linux/amd64, GOMAXPROCS 2
	//
	// rule   verdict  reason
	// ORD-1  fail     #2 ran before #1
	// EXE-1  pass     not refuted in 80 histories
	//
	// FAIL ORD-1/queue (MUST)
	//   #2 ran before #1
	//
	// queue v1.2.0: does not conform (1 pass, 1 fail)
}

func ExampleConclusion() {
	r := report()
	r.Partial = true
	fmt.Println(output.Conclusion(r))
	// Output: queue v1.2.0: does not conform, and the report is PARTIAL (1 pass, 1 fail)
}

func ExampleLine() {
	fmt.Println(output.Line(report().Rules[0].Cases[0]))
	// Output: fail         ORD-1/queue  #2 ran before #1
}

func ExampleJUnit() {
	r := report()
	r.Rules = r.Rules[:1]
	if err := output.JUnit(os.Stdout, []*conformance.Report{r}); err != nil {
		fmt.Println(err)
	}
	// Output:
	// <?xml version="1.0" encoding="UTF-8"?>
	// <testsuites name="desync-conform" time="0.000" tests="1" failures="1">
	// 	<testsuite name="queue v1.2.0" tests="1" failures="1" errors="0" id="0" time="0.000" timestamp="0001-01-01T00:00:00Z">
	// 		<properties>
	// 			<property name="verdict" value="fail"></property>
	// 			<property name="setting" value="budget short, seed 1; go1.27 linux/amd64, GOMAXPROCS 2"></property>
	// 		</properties>
	// 		<testcase name="ORD-1/queue" classname="queue v1.2.0.ORD-1" time="0.000">
	// 			<failure message="fail: #2 ran before #1" type="fail"><![CDATA[#2 ran before #1]]></failure>
	// 		</testcase>
	// 	</testsuite>
	// </testsuites>
}
