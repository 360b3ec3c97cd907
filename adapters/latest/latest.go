package latest

import (
	"sync"

	"github.com/go-desync/go-desync/adapters/internal/object"
	"github.com/go-desync/go-desync/desync"
)

// A Value runs a job of one object for the latest value. It may be used by several goroutines
// at once. Make it with [On].
type Value[V any] struct {
	values Values[struct{}, V]
}

// On returns a Value whose jobs run on d, a plain object or a key of a [desync.Map]. It panics
// if d or job is nil.
func On[T, V any](d desync.Object[T], job func(data *T, v V)) *Value[V] {
	if object.IsNil(d) || job == nil {
		panic("latest: On: the object and the job must not be nil")
	}
	d.Pending() // panics if d is a key that cannot be found again
	l := new(Value[V])
	l.values.init(func(struct{}) {}, func(_ struct{}, s *slot[struct{}, V]) { d.Submit(&turn[struct{}, T, V]{&l.values, s, job, false}) })
	return l
}

// Set hands over v and returns at once. If the job already waits for its turn with an older
// value, it gets v in place of that, and Set reports true. Otherwise a job is queued, like one
// of [desync.Desync.Async]: a panic of the job is handled as there, and later values still come.
//
// If an observer of the object panics in Set, v is not handed over.
func (l *Value[V]) Set(v V) (replaced bool) { return l.values.Set(struct{}{}, v) }

// Values run a job of the object of a key for the latest value of that key. They may be used
// by several goroutines at once. Make them with [ByKey].
type Values[K comparable, V any] struct {
	check  func(key K) // panics if the map cannot use the key
	submit func(key K, s *slot[K, V])

	mu      sync.Mutex
	waiting map[K]*slot[K, V] // values whose job has not begun
}

// A slot has the value of a job that waits for its turn. The mutex guards it.
type slot[K comparable, V any] struct {
	key      K
	value    V
	replaced bool
}

// ByKey returns Values whose jobs run on the objects of m. It panics if m or job is nil.
func ByKey[K comparable, T, V any](m *desync.Map[K, T], job func(data *T, v V)) *Values[K, V] {
	if m == nil || job == nil {
		panic("latest: ByKey: the map and the job must not be nil")
	}
	l := new(Values[K, V])
	l.init(func(key K) { m.At(key).Pending() }, func(key K, s *slot[K, V]) { m.At(key).Submit(&turn[K, T, V]{l, s, job, false}) })
	return l
}

func (l *Values[K, V]) init(check func(K), submit func(K, *slot[K, V])) {
	l.check, l.submit, l.waiting = check, submit, make(map[K]*slot[K, V])
}

// Set is [Value.Set] for a key. It panics if the map cannot use the key; see [desync.Key].
func (l *Values[K, V]) Set(key K, v V) (replaced bool) {
	l.check(key)
	l.mu.Lock()
	if s := l.waiting[key]; s != nil {
		s.value, s.replaced = v, true
		l.mu.Unlock()
		return true
	}
	s := &slot[K, V]{key: key, value: v}
	l.waiting[key] = s
	l.mu.Unlock()
	queued := false
	defer func() {
		if !queued {
			l.withdraw(s)
		}
	}()
	l.submit(key, s)
	queued = true
	return false
}

// withdraw is called when the job of s was not queued. If it has a newer value by now, that
// was handed over by another call, and is not lost.
func (l *Values[K, V]) withdraw(s *slot[K, V]) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s.replaced {
		go l.submit(s.key, s) // a panic of an observer ends the process, as that of any background job
		return
	}
	delete(l.waiting, s.key)
}

// take takes the value out, for the job that begins.
func (l *Values[K, V]) take(s *slot[K, V]) V {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.waiting, s.key)
	return s.value
}

// A turn is the job of a value.
type turn[K comparable, T, V any] struct {
	values *Values[K, V]
	slot   *slot[K, V]
	job    func(*T, V)
	run    bool
}

func (t *turn[K, T, V]) Run(data *T) {
	t.run = true
	t.job(data, t.values.take(t.slot))
}

// Func is for observers of the object.
func (t *turn[K, T, V]) Func() any { return t.job }

// Ended is called without Run if the value of a key could not be made. Then the job is lost, as
// one of Async is.
func (t *turn[K, T, V]) Ended(err error) {
	if t.run {
		return
	}
	t.values.take(t.slot)
	if p, ok := err.(*desync.PanicError); ok {
		panic(p)
	}
}
