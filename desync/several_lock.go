package desync

// The locks of several objects at once.

func unlockAll(objects []member) {
	for _, o := range objects {
		o.base().mu.Unlock()
	}
}

// lockAll locks the mu of every object. It never waits for one mu while it holds another:
// if one is taken, it unlocks all and starts again with that one. So two calls cannot
// block each other, whatever the order of their objects.
func lockAll(objects []member) {
	at(joinLock)
	for first := 0; ; {
		objects[first].base().mu.Lock()
		taken := -1
		for i, o := range objects {
			if i != first && !o.base().mu.TryLock() {
				taken = i
				break
			}
		}
		if taken < 0 {
			return
		}
		for i, o := range objects[:taken] {
			if i != first {
				o.base().mu.Unlock()
			}
		}
		objects[first].base().mu.Unlock()
		first = taken
	}
}
