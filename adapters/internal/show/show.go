// Package show prints and logs the types of the adapters. Without it package fmt would
// read their fields by reflection, which is a data race.
package show

import (
	"fmt"
	"io"
	"log/slog"
	"reflect"
	"strings"
)

// An Info has what a value shows of itself.
type Info struct {
	Object  string // see Name
	State   string
	Numbers []slog.Attr // ints
}

// Name returns the type and the address of p, a pointer.
func Name(p any) string {
	return fmt.Sprintf("%s(%p)", strings.TrimPrefix(fmt.Sprintf("%T", p), "*"), p)
}

// String leaves out numbers that are 0.
func (i Info) String() string {
	var b strings.Builder
	b.WriteString(i.Object + ": " + i.State)
	for _, n := range i.Numbers {
		if v := n.Value.Int64(); v != 0 {
			fmt.Fprintf(&b, ", %d %s", v, n.Key)
		}
	}
	return b.String()
}

// LogValue returns a group.
func (i Info) LogValue() slog.Value {
	return slog.GroupValue(append([]slog.Attr{slog.String("object", i.Object), slog.String("state", i.State)}, i.Numbers...)...)
}

// Format writes s.String(), or what package fmt writes of a nil pointer.
func Format(f fmt.State, s fmt.Stringer) {
	text := "<nil>"
	if !reflect.ValueOf(s).IsNil() {
		text = s.String()
	}
	io.WriteString(f, text)
}
