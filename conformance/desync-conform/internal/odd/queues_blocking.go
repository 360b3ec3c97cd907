package odd

import "sync"

// channels is a list of channels with room for 64. What a full one ends with leads on.
type channels struct {
	read chan any

	mu    sync.Mutex
	write chan any
}

func newChannels() *channels {
	part := make(chan any, 64)
	return &channels{read: part, write: part}
}

func (q *channels) push(granted func()) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.write) == cap(q.write)-1 {
		part := make(chan any, cap(q.write))
		q.write <- part
		q.write = part
	}
	q.write <- granted
}

func (q *channels) pop() func() {
	switch v := (<-q.read).(type) {
	case chan any:
		q.read = v
		return q.pop()
	default:
		return v.(func())
	}
}

// cond is a queue whose consumer would wait if there were nothing.
type cond struct {
	mu   sync.Mutex
	more *sync.Cond
	all  []func()
}

func newCond() *cond {
	q := new(cond)
	q.more = sync.NewCond(&q.mu)
	return q
}

func (q *cond) push(granted func()) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.all = append(q.all, granted)
	q.more.Signal()
}

func (q *cond) pop() func() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.all) == 0 {
		q.more.Wait()
	}
	granted := q.all[0]
	q.all[0] = nil
	if q.all = q.all[1:]; len(q.all) == 0 {
		q.all = nil
	}
	return granted
}
