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
	release()
}

func (d *Desync[T]) base() *core { return &d.core }

// describe names the object in messages.
func (d *Desync[T]) describe() string {
	if s, ok := any(&d.data).(interface{ describe(*config) string }); ok { // a key of a map
		return s.describe(d.core.cfg)
	}
	return describe(d.core.cfg, d)
}

// describe returns the name that c gives, or else the type and address of p.
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
