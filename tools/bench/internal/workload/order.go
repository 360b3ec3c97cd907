package workload

import (
	"fmt"
	"sync"

	"github.com/go-desync/go-desync/tools/bench/internal/subject"
)

// ordered hands over numbered jobs from two goroutines at once and returns an error if
// the jobs of either ran out of order. It is called after each run, on the same object,
// since a check in the timed jobs would be measured too. Subjects that say that they
// keep no order are not checked.
func ordered(s subject.Subject, o subject.Object) error {
	if subject.Why(s, subject.Order) != "" {
		return nil
	}
	const producers, jobs = 2, 100
	var next [producers]int // guarded by the object
	wrong := 0
	var all sync.WaitGroup
	for p := range producers {
		all.Go(func() {
			for i := range jobs {
				o.Give(func(*subject.State) {
					if next[p] != i {
						wrong++
					}
					next[p] = i + 1
				})
			}
		})
	}
	all.Wait()
	o.Wait()
	if wrong > 0 || next != [producers]int{jobs, jobs} {
		return fmt.Errorf("%d of %d jobs ran out of the order in which one goroutine handed them over", max(wrong, 1), producers*jobs)
	}
	return nil
}
