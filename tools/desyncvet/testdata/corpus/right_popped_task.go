// A pointer leaves the queue together with its task.
package main

import (
	"fmt"

	"github.com/go-desync/go-desync/desync"
)

type task struct{ tries int }

type queue struct{ d desync.Desync[[]*task] }

func (q *queue) Push(t *task) {
	q.d.Do(func(tasks *[]*task) {
		t.tries++
		*tasks = append(*tasks, t)
	})
}

func (q *queue) Pop() (*task, bool) {
	t := q.d.Sync(func(tasks *[]*task) *task {
		if len(*tasks) == 0 {
			return nil
		}
		first := (*tasks)[0]
		*tasks = (*tasks)[1:]
		return first
	})
	return t, t != nil
}

func main() {
	var q queue
	q.Push(new(task))
	_, ok := q.Pop()
	fmt.Println(ok)
}
