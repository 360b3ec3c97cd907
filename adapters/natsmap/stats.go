package natsmap

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"
)

// Stats are what a process knows of its share.
type Stats struct {
	Process    string // its name among those that serve, as it is in the records of the partitions
	Commands   uint64 // that were saved by this process
	Refused    uint64 // saves that were tried again: another owner, or a server that did not answer
	Partitions []PartitionStats
}

// PartitionStats are of a partition that this process has.
type PartitionStats struct {
	Partition  int
	Epoch      uint64 // how often the partition was taken
	Checkpoint uint64 // all commands of the log up to it are saved
	Open       int    // commands that are read and not saved
	Keys       int    // that are in memory
}

// Stats returns what is known now, sorted by partition. It has no partitions while [Map.Serve]
// does not run.
func (m *Map[T]) Stats() Stats {
	s := Stats{Process: m.self, Commands: m.serving.commands.Load(), Refused: m.serving.refused.Load()}
	m.serving.mu.Lock()
	defer m.serving.mu.Unlock()
	for _, p := range m.serving.parts {
		s.Partitions = append(s.Partitions, p())
	}
	slices.SortFunc(s.Partitions, func(a, b PartitionStats) int { return cmp.Compare(a.Partition, b.Partition) })
	return s
}

// has notes that this process has a partition; p is nil when it has it no more.
func (s *serving) has(n int, stats func() PartitionStats) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if stats == nil {
		delete(s.parts, n)
		return
	}
	if s.parts == nil {
		s.parts = map[int]func() PartitionStats{}
	}
	s.parts[n] = stats
}

// serving is what a Map knows of its Serve.
type serving struct {
	busy     atomic.Bool
	refused  atomic.Uint64 // saves that were tried again
	commands atomic.Uint64 // that were saved

	mu    sync.Mutex
	parts map[int]func() PartitionStats // that this process has
}
