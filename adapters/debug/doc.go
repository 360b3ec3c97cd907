// Package debug serves a page that shows what a recorder of package flight knows, live: which
// objects are busy and with what, who waits for whom, which keys are hot, how long the jobs
// take, and why one of them had to wait.
//
//	recorder := flight.New()
//	orders := desync.New(Orders{}, desync.WithName("orders"), desync.WithObserver(recorder))
//	mux := http.NewServeMux()
//	debug.Register(mux, recorder) // http://localhost:6060/debug/desync/
//	go http.ListenAndServe("localhost:6060", mux)
//
// # By hand
//
//	http.HandleFunc("/debug/queues", func(w http.ResponseWriter, r *http.Request) {
//		mu.Lock()
//		defer mu.Unlock()
//		for name, q := range queues {
//			fmt.Fprintf(w, "<li>%s: %d jobs, running %v", name, len(q.jobs), q.running)
//		}
//	})
//
// What this gets wrong, and this package does not:
//
//   - A slow reader keeps the lock, and all queues wait for it. Here the text is made first,
//     from a copy, and no lock of an object is ever taken.
//   - A name with a < in it becomes a part of the page.
//   - The handler is there for everybody who reaches the server, since it is on
//     [http.DefaultServeMux]: any website that is open in a browser on the same machine can
//     make that browser ask, by a name of its own that leads to 127.0.0.1.
//   - A depth does not say what the queue waits for, nor for how long, nor why the job that
//     a customer complains about took two seconds an hour ago.
//
// # What is served
//
// All of it is below the path of the page, which is /debug/desync/ with [Register]:
//
//   - the page itself, which asks for state.json every second while it is in sight
//   - state.json: what the page shows, for programs
//   - timeline.html: the jobs on a timeline, in a file to keep
//   - trace.json: the same for ui.perfetto.dev
//   - why?job=7: why job 7 had to wait, in JSON
//
// Nothing is changed by a request: only GET and HEAD are answered, others get the status 405.
// timeline.html and trace.json are made one at a time; whoever asks meanwhile gets 429.
//
// There is no goroutine, and nothing is done until somebody asks. However many do, making
// state.json takes at most a tenth of one processor, or what it takes to make it once.
//
// # Who may look
//
// Without an option, only who is on the same machine. The request must come from a loopback
// address, ask for localhost or a loopback address by its header Host, and not have passed a
// proxy, which a header such as Forwarded or X-Forwarded-For shows. All others get the status
// 403, with the reason. To look at another machine, make a tunnel:
//
//	ssh -L 6060:localhost:6060 machine
//
// [Allow] replaces the rule. Who may look is then up to the program:
//
//	admin := http.NewServeMux()
//	debug.Register(admin, recorder, debug.Allow(func(r *http.Request) bool {
//		user, password, _ := r.BasicAuth()
//		return user == "admin" && subtle.ConstantTimeCompare([]byte(password), secret) == 1
//	}))
//
// or to a middleware that asks for the password, as the example of Allow has it. Whatever the
// rule, a page of another site is refused, as far as the browser says that it asks
// (Sec-Fetch-Site). A link from there to the page is followed.
//
// The page shows names of objects, files and lines of code, and the texts of errors. It shows
// keys of a map only if the recorder has [flight.ShowKeys].
//
// Cycles of waits are seen as far as calls carry contexts. Those of plain Do calls are found
// in builds with the race detector or the tag desyncdebug, where they panic.
//
// Order does not apply: nothing is passed on to jobs.
package debug
