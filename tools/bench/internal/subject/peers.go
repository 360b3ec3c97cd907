package subject

// The names of the subjects that goals refer to.
const (
	MutexName     = "mutex"
	ActorName     = "channel actor"
	GoroutineName = "goroutine per job"

	LeastQueueName = "least queue"
)

// Peers returns the subjects that Desync is compared with.
func Peers() []Subject {
	return append([]Subject{Mutex{}, Actor{}, Goroutine{}}, Others()...)
}

// Goals returns the peers that goals refer to, bounds included.
func Goals() []Subject {
	return []Subject{Mutex{}, Actor{}, Goroutine{}, LeastQueue{}}
}

// Others returns the peers that are not in the first comparison: more ways of plain
// Go, and libraries.
func Others() []Subject {
	return []Subject{
		RWMutex{},
		HandOff{},
		Semaphore{},
		ErrGroup{},
		Conc{},
		Pond{},
		Ants{},
		WorkerPool{},
		new(ProtoActor),
		Mo{},
		LeastQueue{},
	}
}

// Why returns the reason why objects of s do not have an ability, or "".
func Why(s Subject, a Ability) string { return s.Lacks()[a] }

// Modules returns the paths of the modules of the libraries among the subjects, by
// the subjects' names.
func Modules(all []Subject) map[string]string {
	modules := map[string]string{}
	for _, s := range all {
		if l, ok := s.(Library); ok {
			modules[s.Name()] = l.Module()
		}
	}
	return modules
}
