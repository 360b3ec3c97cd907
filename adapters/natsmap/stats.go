package natsmap

import (
	"cmp"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
)

// Stats are what a process knows of its share.
type Stats struct {
	Process    string // its name among those that serve, as it is in the records of the partitions
	Commands   uint64 // that were saved by this process
	Refused    uint64 // saves that were tried again: another owner, or a server that did not answer
	Partitions []PartitionStats
	Held       []KeyStats // keys of this process that are parked or behind
	Owners     []string   // of each partition the process that has it, or "", as this one has heard
}

// PartitionStats are of a partition that this process has.
type PartitionStats struct {
	Partition  int
	Epoch      uint64 // how often the partition was taken
	Checkpoint uint64 // all commands of the log up to it are saved
	Open       int    // commands that are read and not saved
	Lag        uint64 // commands that are not saved, as of the last one that was read
	Keys       int    // that are in memory
}

// KeyStats are of a key that keeps the log from being cut: one that is parked, or one that has
// more commands than may be in memory, because it is slow or because they come fast.
type KeyStats struct {
	Key       string
	Partition int
	Parked    bool
	Seq       uint64 // the command at which it stands, or before which all are saved
	Queued    int    // commands that are in memory
}

// Stats returns what is known now, sorted by partition and key. It has no partitions while
// [Map.Serve] does not run.
func (m *Map[T]) Stats() Stats {
	s := Stats{Process: m.self, Commands: m.serving.commands.Load(), Refused: m.serving.refused.Load()}
	m.serving.mu.Lock()
	defer m.serving.mu.Unlock()
	for _, p := range m.serving.parts {
		of, held := p()
		s.Partitions = append(s.Partitions, of)
		s.Held = append(s.Held, held...)
	}
	if m.serving.owners != nil {
		s.Owners = m.serving.owners()
	}
	slices.SortFunc(s.Partitions, func(a, b PartitionStats) int { return cmp.Compare(a.Partition, b.Partition) })
	slices.SortFunc(s.Held, func(a, b KeyStats) int {
		return cmp.Or(cmp.Compare(a.Partition, b.Partition), cmp.Compare(a.Key, b.Key))
	})
	return s
}

// Table returns what a page about the process can show, a row for each partition and one for
// each key that is parked or behind: the three arguments of Table in package adapters/debug.
//
//	debug.Handler(recorder, debug.Table(m.Table()))
func (m *Map[T]) Table() (name string, columns []string, rows func() [][]string) {
	return m.family.name, []string{"partition", "key", "owner", "lag"}, func() (rows [][]string) {
		s := m.Stats()
		lag := map[int]string{}
		for _, p := range s.Partitions {
			lag[p.Partition] = strconv.FormatUint(p.Lag, 10)
		}
		for n, owner := range s.Owners {
			if owner == s.Process {
				owner += " (this process)"
			}
			rows = append(rows, []string{strconv.Itoa(n), "", owner, lag[n]})
		}
		for _, k := range s.Held {
			why := "behind at " + strconv.FormatUint(k.Seq, 10)
			if k.Parked {
				why = "parked at " + strconv.FormatUint(k.Seq, 10)
			}
			rows = append(rows, []string{strconv.Itoa(k.Partition), k.Key, s.Process + " (this process)", why})
		}
		return rows
	}
}

// has notes that this process has a partition; p is nil when it has it no more.
func (s *serving) has(n int, stats func() (PartitionStats, []KeyStats)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if stats == nil {
		delete(s.parts, n)
		return
	}
	if s.parts == nil {
		s.parts = map[int]func() (PartitionStats, []KeyStats){}
	}
	s.parts[n] = stats
}

// serving is what a Map knows of its Serve.
type serving struct {
	busy     atomic.Bool
	refused  atomic.Uint64 // saves that were tried again
	commands atomic.Uint64 // that were saved

	mu     sync.Mutex
	parts  map[int]func() (PartitionStats, []KeyStats) // that this process has
	owners func() []string                             // nil while it does not serve
}

func (s *serving) tell(owners func() []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.owners = owners
}
