package copied

import (
	"maps"
	"slices"
	"sort"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"

	"example.com/checks/helper"
)

type shard struct {
	name string
	d    desync.Desync[int]
}

type pool struct{ shards []shard }

func (p *pool) grow() {
	p.shards = append(p.shards, shard{}) // want `append moves a desync.Desync in use when the slice grows`
}

func slicesOf(shards []shard, arrays [][2]desync.Desync[int], m map[string]shard, promises []futures.Promise[int]) {
	other := make([]shard, len(shards))
	copy(other, shards)                                                                // want `copy copies a desync.Desync`
	_ = append(other, shards...)                                                       // want `append copies a desync.Desync`
	_ = slices.Clone(shards)                                                           // want `slices.Clone copies a desync.Desync`
	slices.Reverse(arrays)                                                             // want `slices.Reverse copies a desync.Desync`
	_ = maps.Clone(m)                                                                  // want `maps.Clone copies a desync.Desync`
	_ = slices.Clone(promises)                                                         // want `slices.Clone copies a futures.Promise`
	sort.Slice(shards, func(i, j int) bool { return shards[i].name < shards[j].name }) // want `sort.Slice moves`
	_ = helper.Clone(shards)                                                           // want `Clone copies a desync.Desync`
	_ = dup(&shards[0])                                                                // want `dup copies a desync.Desync`
	b := box[shard]{}
	_ = b.get() // want `get copies a desync.Desync`

	_ = helper.Count(shards)
	_ = ptr(&shards[0])
	_ = maps.Keys(m)
	_ = slices.Clip(shards)
}

func dup[T any](p *T) T  { return *p }
func ptr[T any](p *T) *T { return p }

type box[T any] struct{ v T }

func (b *box[T]) get() T { return b.v }

func used() []shard {
	var shards []shard
	for range 3 {
		shards = append(shards, shard{}) // want `append moves a desync.Desync in use`
		shards[0].d.Async(func(*int) {})
	}
	return shards
}

func moves(ch chan desync.Desync[int], d *desync.Desync[int], v any) {
	ch <- *d // want `sends a copy of a desync.Desync`
	ch <- desync.Desync[int]{}
	switch v := v.(type) {
	case shard: // want `the case makes a copy of a desync.Desync`
		_ = &v
	case *shard:
		_ = v
	}
}

func right() ([]shard, []*desync.Desync[int]) {
	var shards []shard
	for range 3 {
		shards = append(shards, shard{})
	}
	for i := range shards {
		shards[i].d.Async(func(*int) {})
	}
	s := shard{d: *desync.New(1)}
	_ = &s
	pointers := []*desync.Desync[int]{desync.New(0)}
	return shards, slices.Clone(pointers)
}
