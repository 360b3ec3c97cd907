package recipes_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"time"

	"github.com/go-desync/go-desync/desync"
)

// A client is for a service that allows one request at a time, with a pause before
// each. Requests are made in the order of the calls. (If requests may overlap,
// leave only the pause in the job, and make the request after it.)
type client struct {
	http  *http.Client
	pause time.Duration
	next  desync.Desync[time.Time] // when the next request may be made
}

// A statusError says that the service has refused a request.
type statusError int

func (e statusError) Error() string { return http.StatusText(int(e)) }

const (
	maxTries = 3
	maxBody  = 1 << 20
)

// Get waits for its turn and for the time of its request. If ctx ends before that,
// no request is made, and the calls behind it move up. If the service is
// overloaded, Get waits as long as the service says, and so do all calls behind
// it.
func (c *client) Get(ctx context.Context, url string) ([]byte, error) {
	return c.next.SyncContext(ctx, func(ctx context.Context, next *time.Time) (body []byte, err error) {
		for range maxTries {
			if err := sleepUntil(ctx, *next); err != nil {
				return nil, err
			}
			*next = time.Now().Add(c.pause)
			var again time.Duration
			body, again, err = c.get(ctx, url)
			if again == 0 {
				return body, err
			}
			*next = time.Now().Add(max(again, c.pause))
		}
		return nil, err
	})
}

// get makes one request. If the request must be made again, get returns the time
// to wait.
func (c *client) get(ctx context.Context, url string) (body []byte, again time.Duration, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, 0, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, 0, err
	}
	defer resp.Body.Close()
	switch resp.StatusCode {
	case http.StatusOK:
		body, err = io.ReadAll(io.LimitReader(resp.Body, maxBody))
		return body, 0, err
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After")) // 0 if it is not there, or a date
		again = time.Duration(max(seconds, 1)) * time.Second
	}
	return nil, again, statusError(resp.StatusCode)
}

// sleepUntil returns at t, or with an error when ctx ends.
func sleepUntil(ctx context.Context, t time.Time) error {
	timer := time.NewTimer(time.Until(t))
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// A service answers without a network.
type service http.HandlerFunc

func (s service) RoundTrip(req *http.Request) (*http.Response, error) {
	answer := httptest.NewRecorder()
	s(answer, req)
	return answer.Result(), nil
}

// A rate-limited client.
func Example_rateLimitedClient() {
	asked := make(chan struct{}, 10)
	answer := make(chan struct{})
	c := client{
		pause: time.Millisecond,
		http: &http.Client{Transport: service(func(w http.ResponseWriter, req *http.Request) {
			asked <- struct{}{}
			<-answer
			if req.URL.Path == "/secret" {
				w.WriteHeader(http.StatusForbidden)
				return
			}
			fmt.Fprint(w, "this is ", req.URL.Path)
		})},
	}
	get := func(ctx context.Context, path string) {
		body, err := c.Get(ctx, "http://service.example"+path)
		if errors.Is(err, desync.ErrNotRun) {
			err = fmt.Errorf("no request was made: %w", context.Cause(ctx))
		}
		fmt.Printf("%s: %q, %v\n", path, body, err)
	}

	var calls sync.WaitGroup
	calls.Go(func() { get(context.Background(), "/first") })
	<-asked // the request is under way

	// A call that has no time to wait for it makes no request.
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	get(ctx, "/hurried")

	close(answer)
	calls.Wait()
	get(context.Background(), "/secret")
	fmt.Println("further requests:", len(asked))
	// Output:
	// /hurried: "", no request was made: context deadline exceeded
	// /first: "this is /first", <nil>
	// /secret: "", Forbidden
	// further requests: 1
}
