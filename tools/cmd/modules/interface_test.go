package main

import (
	"testing"

	"github.com/go-desync/go-desync/tools/internal/cli"
)

func TestVersionFollowsTheInterface(t *testing.T) {
	const mapOld = "func (b Box[T]) Map[R any](f func(T) R) R {"
	tests := []struct {
		name, old, text string
		want            []string
		refused         string // a version that must be refused
	}{
		{
			"nothing that can be named", "return 1", "return 2 - 1",
			[]string{"futures                v0.1.0 -> v0.1.1", "desync                 v0.1.0 -> v0.1.1"},
			"",
		},
		{
			"an addition", "type Box[T any] struct{ V T }", "type Box[T any] struct{ V, W T }",
			[]string{"futures                v0.1.0 -> v0.2.0", "compatible: Box.W: added", "desync                 v0.1.0 -> v0.1.1"},
			"futures@v0.1.1",
		},
		{
			"a function less", "func One() int { return 1 }", "func Uno() int { return 1 }",
			[]string{
				"futures                v0.1.0 -> v0.2.0", "interface since v0.1.0: INCOMPATIBLE", "incompatible: One: removed",
				"desync                 v0.1.0 -> v0.2.0", "incompatible: requires futures v0.2.0, which is incompatible with v0.1.0",
				"adapters/nats          v0.1.0 -> v0.2.0",
			},
			"futures@v0.1.1",
		},
		{
			"a constraint of a generic method", mapOld, "func (b Box[T]) Map[R comparable](f func(T) R) R {",
			[]string{"futures                v0.1.0 -> v0.2.0", "incompatible: Box.Map: changed from func[T, R any](Box[T], func(T) R) R to func[T any, R comparable]"},
			"futures@v0.1.1",
		},
	}
	released := newRepo(t)
	released.released()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := released.copy(t)
			r.change("futures", "futures.go", test.old, test.text)
			if test.name == "a function less" {
				r.change("desync", "desync.go", "futures.One()", "futures.Uno()")
			}
			r.commit("change")
			r.unchanged(func() {
				r.want(cli.Done, test.want, "release", "plan")
				if test.refused != "" {
					r.want(cli.Usage, []string{"v0.1.1 is less than the changes to the interface of futures since v0.1.0 demand; release v0.2.0 or v1.0.0"},
						"release", "plan", test.refused)
				}
			})
		})
	}
}

func TestIncompatibleChangeFromV1OnIsRefused(t *testing.T) {
	r := newRepo(t)
	r.prepared("futures@v1.0.0")
	r.commit("release")
	r.tag("futures/v1.0.0")
	r.change("futures", "futures.go", "func One() int", "func One() int64")
	r.commit("change")
	r.want(cli.Usage, []string{"futures v1.1.0 would be incompatible with v1.0.0; keep the interface, or make a module for v2"}, "release", "plan", "futures")
}
