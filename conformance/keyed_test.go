package conformance

import (
	"errors"
	"runtime"
	"strings"
	"testing"
)

// However NewKeyed misbehaves, and whatever is claimed beside what it returns, META-1 says so.
func TestBadNewKeyed(t *testing.T) {
	good := func(Setup) (Keyed, error) { return lanes{}, nil }
	for _, tc := range []struct {
		name   string
		new    func(Setup) (Keyed, error)
		claims []Feature
		words  string // "" is a pass
	}{
		{"right", good, []Feature{FeatureKeys}, ""},
		{"not claimed", good, nil, `has the methods of "keys", and the factory says nothing of it`},
		{"not there", nil, []Feature{FeatureKeys}, `does not have the methods of "keys"`},
		{"more is claimed", good, []Feature{FeatureKeys, FeatureKeysEvict}, `does not have the methods of "keys-evict"`},
		{"an error", func(Setup) (Keyed, error) { return nil, errors.New("out of tables") }, []Feature{FeatureKeys}, "out of tables"},
		{"nil", func(Setup) (Keyed, error) { return nil, nil }, []Feature{FeatureKeys}, "it returned nil"},
		{"a panic", func(Setup) (Keyed, error) { panic("no tables") }, []Feature{FeatureKeys}, "panic: no tables"},
		{"Goexit", func(Setup) (Keyed, error) { runtime.Goexit(); return nil, nil }, []Feature{FeatureKeys}, "NewKeyed returns"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := laneFactory(nil)
			f.NewKeyed = tc.new
			for _, c := range tc.claims {
				f.Features[c] = Supported()
			}
			got := check(t, f, WithRules("META-1")).Rule("META-1")
			switch {
			case tc.words == "" && got.Verdict != Pass:
				t.Errorf("META-1 is %s (%s), want a pass", got.Verdict, got.Detail)
			case tc.words != "" && (got.Verdict != Fail || !strings.Contains(got.Cases[0].Failure.Message, tc.words)):
				t.Errorf("META-1 is %s (%s), want a failure that says %q", got.Verdict, got.Detail, tc.words)
			}
		})
	}
}

// lanes is a table without a key.
type lanes struct{}

func (lanes) At(int) Object { return newLane() }
func (lanes) Delete(int)    {}
func (lanes) Len() int      { return 0 }
