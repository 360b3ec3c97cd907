package conformance

import (
	"fmt"

	"github.com/go-desync/go-desync/conformance/internal/pipe"
)

// started takes the start of a job.
func (c *conn) started(k *call, a pipe.Answer) (fault string) {
	if a.Run <= 0 {
		return fmt.Sprintf("its start of job %d has no run", a.ID)
	}
	c.mu.Lock()
	back, has := k.back, !k.jobless
	c.mu.Unlock()
	if !has {
		return fmt.Sprintf("it started a job of call %d (%s), which has none", a.ID, k.order.Kind)
	}
	if a.Here && !back && c.standsFor() {
		select {
		case k.events <- a:
			return ""
		default: // a job that starts so often is wrong anyway
		}
	}
	go func() {
		defer func() { _ = recover() }()
		c.body(k, a)
	}()
	return ""
}

// standsFor reports whether the goroutine that made a call stands for the thread of its job. With
// one thread for all, a call that waits leaves it to others, and so does its job. Only
// for an async it matters then where the job starts.
func (c *conn) standsFor() bool {
	l := c.heard.Load()
	return !c.loop || l != nil && l.rule == "ASY-2"
}

// onCaller runs a job on the goroutine that made the call. If the job ends the goroutine,
// it first waits for the peer's thread to end.
func (c *conn) onCaller(k *call, a pipe.Answer) {
	exited := true
	defer func() {
		if !exited {
			return
		}
		for {
			select {
			case a := <-k.events:
				if a.Op != "start" {
					return
				}
			case <-c.gone:
				return
			}
		}
	}()
	c.body(k, a)
	exited = false
}

// body runs the suite's job and tells the peer how it ended.
func (c *conn) body(k *call, a pipe.Answer) {
	end := pipe.Order{Op: "end", Run: a.Run, Exit: true}
	g := goid()
	c.mu.Lock()
	job := k.job
	s := c.seats[g]
	if s == nil {
		s = &seat{}
		c.seats[g] = s
	}
	s.runs = append(s.runs, a.Run)
	c.mu.Unlock()
	defer func() {
		if v := recover(); v != nil {
			end.Exit, end.Throw = false, fmt.Sprintf("%s (job %d)", textOf(v), a.ID)
			c.mu.Lock()
			c.thrown[end.Throw] = v
			c.mu.Unlock()
		}
		c.mu.Lock()
		s.runs = s.runs[:max(0, len(s.runs)-1)]
		c.mu.Unlock()
		c.send(end)
	}()
	if job != nil {
		end.V = job(a)
	}
	end.Exit = false
}

// textOf is what travels of a panic's value.
func textOf(v any) string {
	if text := fmt.Sprint(v); text != "" {
		return text
	}
	return fmt.Sprintf("%T", v)
}

// value is what a text that came back stands for: what a job panicked with, if it is its.
func (c *conn) value(text string) any {
	c.mu.Lock()
	defer c.mu.Unlock()
	if v, ok := c.thrown[text]; ok {
		return v
	}
	return text
}
