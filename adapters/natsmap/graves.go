package natsmap

import (
	"sync"
	"time"
)

// graves are the deleted keys of a partition whose empty record is to be removed.
type graves struct {
	mu   sync.Mutex
	due  map[string]time.Time // of each key, the last in list
	list []grave
}

type grave struct {
	key string
	due time.Time
}

func (g *graves) add(key string, after time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.due == nil {
		g.due = map[string]time.Time{}
	}
	due := time.Now().Add(after)
	g.due[key] = due
	g.list = append(g.list, grave{key, due})
}

// take returns the keys that are due, at most a number.
func (g *graves) take(most int) (keys []string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for now := time.Now(); len(g.list) > 0 && len(keys) < most && now.After(g.list[0].due); g.list = g.list[1:] {
		at := g.list[0]
		if g.due[at.key].After(at.due) {
			continue // it was deleted again
		}
		delete(g.due, at.key)
		keys = append(keys, at.key)
	}
	return keys
}
