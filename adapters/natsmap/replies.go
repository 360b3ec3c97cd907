package natsmap

import (
	"encoding/json"
	"sync"

	"github.com/nats-io/nats.go"
)

// replies are the calls of this process that wait for a result.
type replies struct {
	prefix string
	sub    *nats.Subscription

	mu    sync.Mutex
	calls map[string]func(result) // by ID
}

func (r *replies) open(nc *nats.Conn) (err error) {
	r.prefix, r.calls = nc.NewInbox(), map[string]func(result){}
	r.sub, err = nc.Subscribe(r.prefix, func(msg *nats.Msg) {
		res := result{ID: msg.Header.Get(headerID)}
		switch msg.Header.Get(headerOutcome) {
		case outcomeOK:
			res.Out = msg.Data
		case outcomeParked:
			res.Parked = new(Parked)
			if json.Unmarshal(msg.Data, res.Parked) != nil {
				return // the caller looks for the result itself
			}
		default:
			res.Failed, res.Refused = true, string(msg.Data)
		}
		r.settle(res)
	})
	return err
}

const (
	outcomeOK      = "ok"
	outcomeRefused = "refused"
	outcomeParked  = "parked"
)

func (r *replies) close() { _ = r.sub.Unsubscribe() }

func (r *replies) expect(id string, f func(result)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls[id] = f
}

func (r *replies) forget(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.calls, id)
}

func (r *replies) settle(res result) {
	r.mu.Lock()
	f := r.calls[res.ID]
	delete(r.calls, res.ID)
	r.mu.Unlock()
	if f != nil {
		f(res)
	}
}
