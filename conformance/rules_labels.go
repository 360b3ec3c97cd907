package conformance

import (
	"bytes"
	"context"
	"regexp"
	"runtime/pprof"
	"strings"
)

// labelRules are about the profile labels of goroutines.
func labelRules() []checkedRule {
	return []checkedRule{
		{
			Rule: Rule{
				ID: "LBL-1", Level: Should, Feature: FeatureCore, Profile: LifecycleProfile, Method: Deterministic,
				Text:    "A background job does not have the profile labels of the goroutine whose call woke the object.",
				Why:     "A profile would charge one request with the work of others.",
				Mutants: []string{"labels-inherited"},
			},
			cases: []testCase{
				{name: "async", run: labelsOfAsync},
				{name: "future", needs: []Feature{FeatureFuture}, run: labelsOfFuture},
			},
		},
	}
}

// What whoever wakes the object has as a label.
const labelKey, labelValue = "conformance", "caller"

func labelled(f func()) {
	pprof.Do(context.Background(), pprof.Labels(labelKey, labelValue), func(context.Context) { f() })
}

var labelsInProfile = regexp.MustCompile(`(?:# labels: (.*)\n)?(?:#.*\n)*#.*conformance\.ownLabels\+`)

// ownLabels returns the profile labels of the calling goroutine, which only a
// profile of all goroutines tells. No two calls may go on at the same time.
//
//go:noinline
func ownLabels() (labels string, ok bool) {
	var b bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&b, 1); err != nil {
		return "", false
	}
	m := labelsInProfile.FindSubmatch(b.Bytes())
	if m == nil {
		return "", false
	}
	return string(m[1]), true
}

// labelsSeen makes the case inconclusive if labels cannot be seen here.
func (t *trial) labelsSeen() {
	labels, ok := "", false
	labelled(func() { labels, ok = ownLabels() })
	if !ok || !strings.Contains(labels, labelValue) {
		t.inconclusive("the profile of goroutines does not show the labels of this one")
	}
}

// lookAtLabels is called in a job.
func (t *trial) lookAtLabels(whose string) {
	if labels, _ := ownLabels(); strings.Contains(labels, labelValue) {
		t.fail("a background job does not have the profile labels of whoever woke the object", "%s has the labels %s, which are those of the goroutine that woke it", whose, labels)
	}
}

// labelsOfAsync never has a Do wait while the jobs are to run: it could run them, under
// its caller's labels (HLP-1).
func labelsOfAsync(t *trial) {
	t.labelsSeen()
	o := t.object()
	for range 3 {
		g, looked, ran := t.gate(), make(chan struct{}), make(chan struct{})
		labelled(func() {
			t.expect("Async returns")
			o.Async(func(*State) { t.lookAtLabels("its job"); close(looked); g.wait() })
		})
		t.await(looked, "the job of an Async starts")
		behind := t.goes(func() { o.Async(func(*State) { t.lookAtLabels("the job of another one"); close(ran) }) })
		t.await(behind, "Async returns while a job of the object runs")
		g.open()
		t.await(ran, "a job behind another one runs")
		t.fence(o)
	}
}

func labelsOfFuture(t *trial) {
	t.labelsSeen()
	o := t.object()
	for range 3 {
		var wait Wait
		labelled(func() {
			wait = o.(Futurer).Future(func(*State) int { t.lookAtLabels("the job of its future"); return 0 })
		})
		t.expect("the wait for a future ends")
		_, _ = wait(t.ctx)
		t.fence(o)
	}
}
