package examples_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"

	"github.com/go-desync/go-desync/adapters/writer"
	"github.com/go-desync/go-desync/desync"
)

// A session has what the service keeps for a user: the number of clicks so far.
type session struct{ clicks int }

// A service counts the clicks of each user and keeps a journal of them.
type service struct {
	sessions *desync.Map[string, session]
	journal  *writer.Writer
}

// ServeHTTP counts a click. It answers when the click is in the session and on its way to
// the journal. From then on the click must not be lost. Requests of one user take turns;
// requests of other users do not wait for them.
func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	user := r.URL.Query().Get("user")
	err := s.sessions.At(user).DoContext(r.Context(), func(_ context.Context, data *session) error {
		// In the job, so that the journal has the clicks of a user in their order.
		if _, err := fmt.Fprintf(s.journal, "%s %d\n", user, data.clicks+1); err != nil {
			return err
		}
		data.clicks++
		return nil
	})
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusAccepted)
}

// shutdown ends the service from the outside to the inside: it accepts no more requests
// and waits for the answers to the running ones, then for the jobs, then for the journal.
func (s *service) shutdown(ctx context.Context, server *http.Server) error {
	err := errors.Join(server.Shutdown(ctx), s.sessions.Wait(ctx), s.journal.Flush(ctx))
	return errors.Join(err, s.journal.Close())
}

// clickUntilRefused is a client: it clicks until the service is gone, and returns how
// many clicks were accepted. It calls warm after 25 accepted clicks, or at the end.
func clickUntilRefused(url string, warm func()) int {
	warm = sync.OnceFunc(warm)
	defer warm()
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	for n := 0; ; n++ {
		if n == 25 {
			warm()
		}
		resp, err := client.Post(url, "", nil)
		if err != nil {
			return n
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusAccepted {
			return n
		}
	}
}

// A journalFile hangs until it is freed.
type journalFile struct {
	bytes.Buffer
	freed chan struct{}
}

func (f *journalFile) Write(p []byte) (int, error) {
	<-f.freed
	return f.Buffer.Write(p)
}

// Service: eight clients of four users click as fast as they can when the service is shut
// down. Every click that was accepted is in the journal, although its file does not take
// any before the last client is gone.
func Example_service() {
	file := &journalFile{freed: make(chan struct{})} // only the writer uses it until the end
	s := &service{
		sessions: desync.NewMap(func(string) session { return session{} }),
		journal:  writer.New(file, 1<<24),
	}
	server := httptest.NewServer(s)
	defer server.Close()

	const clients = 8
	accepted := desync.NewMap(func(string) int { return 0 })
	var load, busy sync.WaitGroup
	busy.Add(clients)
	for i := range clients {
		user := fmt.Sprintf("user%d", i%4)
		load.Go(func() {
			n := clickUntilRefused(server.URL+"/?user="+user, busy.Done)
			accepted.At(user).Do(func(sum *int) { *sum += n })
		})
	}
	go func() {
		load.Wait()
		close(file.freed)
	}()
	busy.Wait() // and the clients go on
	fmt.Println("shutdown:", s.shutdown(context.Background(), server.Config))
	load.Wait()

	// The journal must have each user's clicks from 1 on without a gap, and all that
	// were accepted. It may have more: a client may be gone before its answer.
	clicks, gaps := map[string]int{}, 0
	for line := range bytes.Lines(file.Bytes()) {
		var user string
		var n int
		if _, err := fmt.Sscanf(string(line), "%s %d", &user, &n); err != nil || n != clicks[user]+1 {
			gaps++
		}
		clicks[user] = n
	}
	total, lost := 0, 0
	accepted.Range(func(user string, n *int) bool {
		total += *n
		lost += max(0, *n-clicks[user])
		return true
	})
	fmt.Println("at least 25 of each client:", total >= 25*clients)
	fmt.Printf("users: %d, gaps: %d, clicks lost: %d\n", len(clicks), gaps, lost)
	// Output:
	// shutdown: <nil>
	// at least 25 of each client: true
	// users: 4, gaps: 0, clicks lost: 0
}
