package examples_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"

	"github.com/go-desync/go-desync/adapters/pipe"
	"github.com/go-desync/go-desync/desync"
)

type event struct {
	customer string
	name     string
}

// An endpoint has what the dispatcher keeps for a customer.
type endpoint struct {
	url   string
	calls int
}

// A dispatcher posts events to the endpoints of their customers.
type dispatcher struct {
	client    *http.Client
	endpoints *desync.Map[string, endpoint]
}

// dispatch delivers events. The events of one customer are delivered in order and one
// at a time. A customer that does not answer delays the others only when all events in
// the stage, depth of them, are its own.
func (d *dispatcher) dispatch(ctx context.Context, events []event, depth int) *pipe.Stage[string] {
	customer := func(e event) string { return e.customer }
	return pipe.ByKey(ctx, d.endpoints, slices.Values(events), customer, depth, d.deliver).Completed()
}

// deliver is a job of the customer's endpoint. It tries again in its own turn, so no
// later event overtakes the one that has failed. A real dispatcher would pause in
// between.
func (d *dispatcher) deliver(ctx context.Context, to *endpoint, e event) (string, error) {
	var err error
	for range 3 {
		to.calls++
		if err = d.post(ctx, to.url, e.name); err == nil {
			return fmt.Sprintf("%s: %s with call %d", e.customer, e.name, to.calls), nil
		}
	}
	return "", fmt.Errorf("%s: %s not delivered: %w", e.customer, e.name, err)
}

func (d *dispatcher) post(ctx context.Context, url, body string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		return err
	}
	resp, err := d.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d", resp.StatusCode)
	}
	return nil
}

// customers answers for both customers: the slow one when it is released, the fast one
// at once, but its second call fails.
func customers(released <-chan struct{}) http.Handler {
	fastCalls := desync.New(0)
	mux := http.NewServeMux()
	mux.HandleFunc("/slow", func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-released:
		case <-r.Context().Done():
		}
	})
	mux.HandleFunc("/fast", func(w http.ResponseWriter, _ *http.Request) {
		if fastCalls.Sync(func(n *int) int { *n++; return *n }) == 2 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	return mux
}

// Webhooks: the slow customer does not answer before the fast one has all of its
// events. That works because neither waits for the other.
func Example_webhooks() {
	released := make(chan struct{})
	server := httptest.NewServer(customers(released))
	defer server.Close()

	d := &dispatcher{client: server.Client(), endpoints: desync.NewMap(func(customer string) endpoint {
		return endpoint{url: server.URL + "/" + customer}
	})}
	var events []event
	for _, name := range []string{"created", "paid", "shipped"} {
		events = append(events, event{"slow", name}, event{"fast", name})
	}
	for delivery, err := range d.dispatch(context.Background(), events, 8).All() {
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(delivery)
		if strings.HasPrefix(delivery, "fast: shipped") {
			close(released)
		}
	}
	// Output:
	// fast: created with call 1
	// fast: paid with call 3
	// fast: shipped with call 4
	// slow: created with call 1
	// slow: paid with call 2
	// slow: shipped with call 3
}
