package conformance

import (
	"fmt"
	"strings"
)

// A stand says of a rule what stands behind a pass thanks to the cells, the times and the
// edges of memory, and what a pass does not say even so.
type stand struct{ basis, beyond string }

// stands returns those of all rules that have any.
func stands() map[string]stand {
	all := standsOfRules()
	for rule, n := range cellsOfRules() {
		s := all[rule]
		s.basis = strings.TrimSpace(fmt.Sprintf("Up to %d cells of the table, each on an object of its own: with the budget short those that show every pair of values, and every call in every state with each ending and each context; else all. %s", n, s.basis))
		all[rule] = s
	}
	return all
}

func standsOfRules() map[string]stand {
	const (
		held  = "150 objects that are held for 0 to 0.4 s (short) or 3.3 s (full), with a call every 80 microseconds that has to wait."
		later = "nor what goes wrong after a longer time than was tried, or in a window of less than about half a millisecond"
	)
	return map[string]stand{
		"META-2": {"Every object that a case makes is compared with the others of that case.", "That an object does not come again in a later case, nor that objects share nothing which no case goes through."},
		"ORD-3":  {"A Do on each of 150 objects that waits behind others for up to 0.4 s (short) or 3.3 s (full).", "That three calls or more keep their order where two do, nor two in a state that the table does not have."},
		"EXE-1":  {"", "That a job does not run again long after its cell is over."},
		"EXE-2":  {held + " Calls on 2,500 objects (short) or 20,000 (full) that have rested for 0 to 0.4 or 3.3 s, from different moments on.", "That no job is lost in a narrow window that no call went through, " + later + "."},
		"EXC-1":  {held, "That no overlap is shorter than a job of a few instructions, " + later + "."},
		"MEM-1":  {"All kinds of call mixed at random on two objects, and the edges of resume and of DoAll.", "That an edge which was there in this run is always there: a lock that happened to be taken hides a race from the detector."},
		"MEM-2":  {"The way into the job and back for each kind of call, for each way to wait for a result, for settle, cancel and Close.", "That an edge which was there in this run is always there; ways of waiting that the interfaces do not have."},
		"SYN-1":  {"A Do on each of 150 objects that waits for up to 0.4 s (short) or 3.3 s (full).", "How soon a Do returns when its job has ended."},
		"SYN-2":  {"", "That a deferred function of the job may use the object, nor anything of a job that a helping Do runs (HLP-3)."},
		"ASY-1":  {"", "That Async is quick: only that it waits for no job."},
		"NST-1":  {"", "That chains work in which each object is held in another way."},
		"NST-2":  {"", "That a job may wait for its own object: it may not (NST-3)."},
		"LOCK-1": {"", "That no lock is held in a function of the user's that the suite does not know."},
		"FUT-1":  {"Some 100,000 waits that begin as the job ends. 150 futures that are asked again after up to 0.4 s (short) or 3.3 s (full).", "That a future which races with the end of its context settles once."},
		"FUT-2":  {"", "How soon a future settles when its job has ended."},
		"CAN-1":  {"2,000 calls on objects that are held, with deadlines spread over 0 to 0.4 s (short) or 3.3 s (full).", "Which error it is, nor how soon \"at once\" is; contexts of the user's own type."},
		"CAN-2":  {"150 jobs that take up to 0.4 s (short) or 3.3 s (full), and whose contexts end meanwhile.", "That no window is left between the start of a job and the note of it: only that none was met."},
		"CAN-3":  {"", "That many cancels at the same moment are as harmless as one, or three with one context."},
		"CAN-4":  {"In each cell, whether the job and the context can be collected while the object is still held.", "That calls which share a context let go one by one; anything that is smaller than a job or its context, beyond the places that are counted."},
		"TRY-1":  {"", "That a Try is refused while the object is about to become idle."},
		"TRY-2":  {"", "That a Try succeeds straight after another call than a Do: no rule says so."},
		"AFT-1":  {"Some 100,000 values that come as the object is about to wait for them. 150 objects that wait for a value for 0 to 0.4 s (short) or 3.3 s (full), with a call every 80 microseconds.", "That several Afters on one object, or one behind a suspension, hold it in turn, " + later + "."},
		"SUS-1":  {"150 objects that are suspended for 0 to 0.4 s (short) or 3.3 s (full), with a call every 80 microseconds.", "That suspensions inside each other hold at each place, " + later + "."},
		"SUS-2":  {"Some 100,000 resumes that come as the object is about to stand still. 150 objects that are resumed after up to 0.4 s (short) or 3.3 s (full).", "That two goroutines may resume at the same moment."},
		"MUL-1":  {"", "That more than two objects are held in each of the states; a job on several objects that are all held."},
		"PAN-1":  {"", "That the stack of the panic is the job's own."},
		"PAN-2":  {"", "That the error contains a value which is neither a string nor an error: it only has to be one."},
		"PAN-3":  {"One child process for each kind of value, which ends in a cell that the seed chooses.", "That a panic without a handler ends the process in every state: one run tries a few."},
		"PAN-4":  {"", "That the object goes on after many panics in a row of different kinds of call."},
		"PAN-5":  {"", "That runtime.Goexit in a job that a helping Do runs leaves other goroutines alone."},
		"HLP-2":  {"", "That a helper is never hit: most implementations do not help, and then nothing is tried."},
		"CLO-1":  {"150 objects that are closed while they are held for up to 0.4 s (short) or 3.3 s (full), by a job or an After.", "What becomes of calls other than Submit on an object that is closing: no rule says it."},
		"CLO-2":  {"", "What other calls do on a closed object: no rule says it."},
		"CLO-3":  {"", "That Close returns in a job of the object's own: it has to wait for itself."},
		"LEAK-1": {"The goroutines that are left after each batch of cells, with the objects idle, or closed, and alive.", "That a closed object has let go of its goroutines if it does not promise to have none when it is idle."},
		"LEAK-2": {"In each cell, whether the job and the context can be collected while the object lives.", "That results and the values of panics are let go of, or anything that the suite did not hand over."},
	}
}
