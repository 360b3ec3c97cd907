package conformance

import (
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-desync/go-desync/conformance/internal/apart"
)

// A case that goes on when its time is over is too slow, and nothing is known to be wrong.
func TestSlowIsNoHang(t *testing.T) {
	if apart.Ran(t) {
		return
	}
	var slow atomic.Bool
	slow.Store(true)
	for rule, watchdog := range map[string]time.Duration{"ASY-2/goroutine": 300 * time.Millisecond, "ORD-3/newcomer": 200 * time.Millisecond} {
		id, _, _ := strings.Cut(rule, "/")
		r, err := newRunner(suite(), slowWhile(&slow), []Option{WithRules(rule), WithWatchdog(watchdog)})
		if err != nil {
			t.Fatal(err)
		}
		r.slowdown = min(r.slowdown, 3) // with more time on a busy machine the cases would come to their end
		var got RuleResult
		for _, rule := range r.rules {
			if rule.ID == id || strings.HasPrefix(rule.ID, "META-") {
				got = r.judgeRule(t.Context(), rule, func(CaseResult) {})
			}
		}
		if got.Verdict != Inconclusive || !strings.Contains(got.Detail, "it goes on") {
			t.Errorf("%s is %s (%s), want inconclusive: it goes on", rule, got.Verdict, got.Detail)
		}
	}
}

// A Do that never returns, although something else runs all the time, is found in the end.
func TestHangBesideATicker(t *testing.T) {
	if apart.Ran(t) {
		return
	}
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		for tick := time.Tick(5 * time.Millisecond); ; {
			select {
			case <-tick:
			case <-stop:
				return
			}
		}
	}()
	f := laneFactory(func(l *lane) Object {
		return broken{lane: l, do: func(func(*State)) { select {} }}
	})
	got := check(t, f, WithRules("META-2"), WithWatchdog(2*time.Second)).Rule("META-2")
	if got.Verdict != Fail || !strings.Contains(got.Cases[0].Failure.Message, "it did not within") {
		t.Errorf("META-2 is %s (%s), want a failure when the time of the watchdog is over", got.Verdict, got.Detail)
	}
}

func TestThinProgramsKeepTheirBarriers(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, most := range []int{1, 8, 50, 1 << 20} {
		p := &Program{Procs: 1, Objects: 1, Clients: idleEdge(rng, []string{stepAsync})}
		size := p.size()
		steps := 0
		for _, c := range p.Clients {
			steps += len(c)
		}
		p.thin(most)
		left := 0
		for _, c := range p.Clients {
			left += len(c)
		}
		if p.size() > most && p.size() != size || p.size() != min(most, size) || steps-left != size-p.size() || p.valid() != nil {
			t.Errorf("of %d calls and %d barriers, %d and %d are left, want %d calls and all barriers", size, steps-size, p.size(), left-p.size(), min(most, size))
		}
	}
}
