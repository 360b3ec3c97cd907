package asyncslog

import (
	"log/slog"
	"slices"
)

// resolved returns a copy of r without LogValuers. They may read data that changes after
// the call, or data that is guarded by a lock of the caller.
func resolved(r slog.Record) slog.Record {
	todo := false
	r.Attrs(func(a slog.Attr) bool {
		todo = hasValuer(a)
		return !todo
	})
	if !todo {
		return r.Clone()
	}
	c := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	r.Attrs(func(a slog.Attr) bool {
		c.AddAttrs(resolveAttr(a))
		return true
	})
	return c
}

func hasValuer(a slog.Attr) bool {
	switch a.Value.Kind() {
	case slog.KindLogValuer:
		return true
	case slog.KindGroup:
		return slices.ContainsFunc(a.Value.Group(), hasValuer)
	}
	return false
}

// resolveAttr does not change the attributes of a group, which belong to the caller.
func resolveAttr(a slog.Attr) slog.Attr {
	a.Value = a.Value.Resolve()
	if a.Value.Kind() == slog.KindGroup && hasValuer(a) {
		group := slices.Clone(a.Value.Group())
		for i := range group {
			group[i] = resolveAttr(group[i])
		}
		a.Value = slog.GroupValue(group...)
	}
	return a
}
