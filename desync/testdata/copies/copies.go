// Package copies copies objects in every way that vet has to report.
package copies

import "github.com/go-desync/go-desync/desync"

type holder struct {
	name   string
	object desync.Desync[int]
}

func assigned(d *desync.Desync[int]) {
	other := *d // copy
	other.Async(func(*int) {})
}

func passed(d desync.Desync[string]) { // copy
	d.Do(func(*string) {})
}

func (h holder) received() int { // copy
	return len(h.name)
}

func returned(d *desync.Desync[int]) desync.Desync[int] {
	return *d // copy
}

func ranged(ds []desync.Desync[[]int]) {
	for _, d := range ds { // copy
		d.Pending()
	}
}

func embedded(hs map[string]*holder) {
	h := *hs["a"] // copy
	h.object.Pending()
}

func generic[T any](d *desync.Desync[T]) {
	other := *d // copy
	other.Pending()
}

func allowed(hs []holder) *desync.Desync[int] {
	for i := range hs {
		hs[i].object.Do(func(*int) {})
	}
	return &hs[0].object
}
