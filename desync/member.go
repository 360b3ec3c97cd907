package desync

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/go-desync/go-desync/futures/waits"
)

// A member is a *Desync[T] of any T.
type member interface {
	base() *core
	describe() string
	identity() (object string, key any)
	record(made) *record
	taskOf(place) any
	acquire() (waited bool)
	release()
}

func (d *Desync[T]) base() *core { return &d.core }

// describe names the object in messages.
func (d *Desync[T]) describe() string {
	object, key := d.identity()
	if _, ok := any(&d.data).(keyed); ok {
		object += ", key " + keyText(key)
	}
	return object
}

// identity returns the parts of what describe returns. The key is nil if d does not
// belong to a map. It calls no functions of users.
func (d *Desync[T]) identity() (object string, key any) {
	if s, ok := any(&d.data).(keyed); ok {
		return s.identity(d.core.cfg)
	}
	return describe(d.core.cfg, d), nil
}

// key returns the key of an object of a map, or else nil.
func (d *Desync[T]) key() any {
	if s, ok := any(&d.data).(keyed); ok {
		return s.keyOf()
	}
	return nil
}

// keyed is a *slot, the data of an object of a map.
type keyed interface {
	identity(*config) (object string, key any)
	keyOf() any
}

// describe returns the name in c, or the type and address of p if there is none.
func describe(c *config, p any) string {
	if c != nil && c.name != "" {
		return strconv.Quote(c.name)
	}
	return fmt.Sprintf("%s(%p)", strings.TrimPrefix(fmt.Sprintf("%T", p), "*"), p)
}

// object describes m for the graph of waits.
func object(m member) waits.Object {
	return waits.Object{Key: m.base(), Describe: m.describe}
}
