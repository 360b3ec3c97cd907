package copied

import "github.com/go-desync/go-desync/desync"

var global = desync.New(1)

func get() *desync.Desync[int] { return global }

func made() *desync.Desync[int] { return desync.New(1) }

func newShard() *shardOf { return &shardOf{} }

type shardOf struct{ d desync.Desync[int] }

var shardsOf = []*shardOf{{}}

func at(i int) *shardOf { return shardsOf[i] }

func take(any) {}

func called(c chan desync.Desync[int], m map[string]desync.Desync[int]) (d desync.Desync[int]) {
	a := *get()                      // want `copies the desync.Desync that get returns a pointer to`
	var s = *at(0)                   // want `copies the desync.Desync that at returns a pointer to`
	d = *(get())                     // want `copies the desync.Desync that get`
	_ = []desync.Desync[int]{*get()} // want `copies the desync.Desync that get`
	_ = shardOf{d: *get()}           // want `copies the desync.Desync that get`
	m["a"] = *get()                  // want `copies the desync.Desync that get`
	c <- *get()                      // want `copies the desync.Desync that get`
	take(*get())                     // want `copies the desync.Desync that get`
	_ = append([]shardOf{}, *at(0))  // want `copies the desync.Desync that at`
	_, _ = &a, &s
	return *get() // want `copies the desync.Desync that get`
}

func calledRight(f func() *int) int {
	a := *desync.New(1)
	b := *new(desync.Desync[int])
	c := *made()
	d := *newShard()
	_ = *get()
	_, _, _, _ = &a, &b, &c, &d
	(*get()).Do(func(*int) {})
	p := &*get()
	return *f() + p.Pending()
}
