package debug_test

import (
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/go-desync/go-desync/adapters/debug"
	"github.com/go-desync/go-desync/adapters/flight"
	"github.com/go-desync/go-desync/desync"
)

// ask returns the status of a page, and its text.
func ask(client *http.Client, url string) (int, string) {
	res, err := client.Get(url)
	if err != nil {
		log.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		log.Fatal(err)
	}
	return res.StatusCode, string(text)
}

// The page of a program, and what it says of an object that is suspended.
func ExampleRegister() {
	recorder := flight.New()
	mail := desync.New([]string{}, desync.WithName("mail"), desync.WithObserver(recorder))

	mux := http.NewServeMux()
	debug.Register(mux, recorder)
	server := httptest.NewServer(mux) // usually http.ListenAndServe("localhost:6060", mux)
	defer server.Close()

	resume := mail.Suspend()
	defer resume()
	mail.Async(func(m *[]string) { *m = append(*m, "hello") })

	status, text := ask(server.Client(), server.URL+debug.Path+"state.json")
	var state struct {
		Busy []struct {
			Name   string
			Depth  int
			Holder struct{ Call string }
		}
	}
	if err := json.Unmarshal([]byte(text), &state); err != nil {
		log.Fatal(err)
	}
	b := state.Busy[0]
	fmt.Println(status, b.Name, "has", b.Depth, "jobs, and is held by", b.Holder.Call)
	// Output: 200 mail has 2 jobs, and is held by suspend
}

// The page at a path of the program's own.
func ExampleHandler() {
	mux := http.NewServeMux()
	mux.Handle("/admin/objects/", http.StripPrefix("/admin/objects", debug.Handler(flight.New())))
	server := httptest.NewServer(mux)
	defer server.Close()

	status, _ := ask(server.Client(), server.URL+"/admin/objects/")
	fmt.Println(status)
	// Output: 200
}

// A middleware of the program asks for a password, and so the page need not.
func ExampleAllow() {
	everybody := func(*http.Request) bool { return true }
	page := debug.Handler(flight.New(), debug.Allow(everybody))
	withPassword := func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, password, _ := r.BasicAuth()
			if subtle.ConstantTimeCompare([]byte(password), []byte("open sesame")) != 1 {
				w.Header().Set("WWW-Authenticate", `Basic realm="objects"`)
				http.Error(w, "Which password?", http.StatusUnauthorized)
				return
			}
			h.ServeHTTP(w, r)
		})
	}
	mux := http.NewServeMux()
	mux.Handle("/objects/", withPassword(http.StripPrefix("/objects", page)))

	for _, password := range []string{"", "open sesame"} {
		r := httptest.NewRequest("GET", "https://shop.example/objects/", nil)
		r.SetBasicAuth("admin", password)
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		fmt.Println(w.Code)
	}
	// Output:
	// 401
	// 200
}

// A table of the program's own.
func ExampleTable() {
	partitions := func() [][]string {
		return [][]string{{"0", "node-a", "12"}, {"1", "node-b", "0"}}
	}
	h := debug.Handler(flight.New(), debug.Table("partitions", []string{"partition", "owner", "lag"}, partitions))
	server := httptest.NewServer(h)
	defer server.Close()

	_, text := ask(server.Client(), server.URL+"/state.json")
	var state struct {
		Tables []struct {
			Name string
			Rows [][]string
		}
	}
	if err := json.Unmarshal([]byte(text), &state); err != nil {
		log.Fatal(err)
	}
	fmt.Println(state.Tables[0].Name, state.Tables[0].Rows)
	// Output: partitions [[0 node-a 12] [1 node-b 0]]
}

// Options go to Register or to Handler.
func ExampleOption() {
	opts := []debug.Option{
		debug.Allow(func(r *http.Request) bool { return r.Header.Get("X-Team") == "orders" }),
		debug.Table("build", []string{"version"}, func() [][]string { return [][]string{{"v1.2.3"}} }),
	}
	server := httptest.NewServer(debug.Handler(flight.New(), opts...))
	defer server.Close()

	status, _ := ask(server.Client(), server.URL+"/")
	fmt.Println(status)
	// Output: 403
}
