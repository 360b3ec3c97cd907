package conformance

// A limit says how far the word "pass" goes for a rule.
type limit struct {
	basis  string // what stands behind a pass
	beyond string // what a pass does not say
}

// limits has an entry for each rule. What it says of an untestable one is why nobody
// should take the rule for kept.
func limits() map[string]limit {
	return map[string]limit{
		"META-1": {"One object is asked for its methods.", "That a later object has the same methods, nor that the reason of a disclaimed feature is true."},
		"META-2": {"A few objects, and one job of each kind on them.", "That objects share nothing else: a table, a pool or a lock that they have in common is looked for by PAR-1 and MEM-1 only."},

		"ORD-1":  {"One client behind a job with 200 calls; programs of one client.", "That calls of kinds which the programs do not mix keep their order, nor that the order holds after a rest of seconds."},
		"ORD-2":  {"200 calls in turns by 4 goroutines; programs of 2 to 64 clients.", "That an order is kept between goroutines that learn of each other's calls in ways that the programs do not have, such as through another object."},
		"ORD-3":  {"A newcomer behind a job 20 times; a Do behind jobs whose number is about a power of two, to 8,193; programs of all kinds that are claimed.", "That every pair of kinds is in order in every state: the programs meet pairs by chance."},
		"ORD-4":  {"Queues of each size about the powers of two to 131,073 Async jobs, and 8,193 with every other one a Future: each is filled, a third of it runs, and it is filled again and by two more, so that a ring grows while it is wrapped. The budget short tries all sizes to 4,097, and of the others those that fit into half a second. 20,000 jobs at once, or 300,000 in full. Some 50,000 passages from idle to busy, or 500,000 in full.", "That the order holds beyond the largest size in the report, or at a size far from a power of two, such as that of a table of 1,000 places which grows while it is wrapped."},
		"EXE-1":  {"Queues of sizes to 8,193, as in ORD-4; some 50,000 passages from idle to busy, or 500,000 in full; programs about the edge of idleness.", "That a job cannot run twice in a window that none of the passages went through, nor much later: the suite lets go of an object at the end of its case."},
		"EXE-2":  {"Queues of sizes to 131,073, as in ORD-4, and to 8,193 callers that wait; 4,097 calls of each kind on one object, one after the other, or 131,073 in full; some 200,000 passages from idle to busy, or 1,000,000 in full, each with no call that would find a lost job again; programs about the edge of idleness, growth and overtaking.", "That no job is lost in a window which is open for less than some nanoseconds, or only with more processors than the machine has: one that a passage in a million goes through is found by chance. On a busy machine callers rarely meet, whatever the number of passages."},
		"EXC-1":  {"A job that waits, with a call of four kinds beside it; some 50,000 passages from idle to busy, or 500,000 in full; programs whose jobs take some time.", "That no overlap is shorter than what two time stamps can tell apart, nor that none begins after a job has run for longer than those of the suite."},
		"MEM-1":  {"800 calls of 4 goroutines for each of some kinds, under the race detector; fewer, but 20 rounds at least, if the implementation is slow.", "That every pair of kinds is ordered, nor that none of the edges comes from a lock that happened to be taken: the race detector sees one run."},
		"MEM-2":  {"1,200 calls for each of three kinds, under the race detector.", "That every way to wait for a result orders memory, only those that the cases use."},
		"SYN-1":  {"One Do at each of a few gates.", "That Do returns at once when its job has ended: late is no violation, and no time is measured."},
		"SYN-2":  {"Do on an idle and on a busy object, and Goexit in some of its jobs.", "That the job has the caller's goroutine in every state of the object, behind an After or a Suspend for instance."},
		"SYN-3":  {"Nothing; there is no pass.", "Anything at all; only tests of the implementation's own in a bubble do."},
		"ASY-1":  {"131,073 jobs behind one in the budget short, 1,000,000 in full.", "That Async is quick, only that it waits for no job; nor that it accepts more than were tried."},
		"ASY-2":  {"50 calls whose goroutine is compared, and 20 under a mutex.", "That no state exists in which Async runs its job itself, for instance when a goroutine cannot be started."},
		"HLP-1":  {"Nothing; there is no pass.", "Anything at all; a permission cannot be violated."},
		"PAR-1":  {"4,097 blocked objects in the budget short, 32,769 in full, which come one at a time, and a ring of 300.", "That more objects than were tried do not exhaust something, nor that unblocked ones run at the same speed."},
		"FAIR-1": {"Five round trips on one processor beside an object that is never idle.", "That the time which is left to others is a fair share: they only get some within 2,000,000 jobs."},
		"FAIR-2": {"Six rounds on one processor, with one and with four others that call again and again.", "That a caller is not overtaken fewer times than 1,000, nor what the order among many that wait for long is."},
		"NST-1":  {"A chain of some objects, from Do and from Async.", "That longer chains and trees of waits work, nor that they do beside other callers."},
		"NST-2":  {"Jobs that hand over others to their own object, behind others that are queued.", "That kinds of call other than Async and Future may be made from a job."},
		"NST-3":  {"Nothing; there is no pass.", "Anything at all; a cycle of waits may block forever."},
		"LOCK-1": {"Each call that does not wait, from inside a job and beside one.", "That no internal lock is held for long, only that none is held during a job or a handler."},
		"SUS-1":  {"Some jobs around a suspension; a job behind suspensions whose number is about a power of two, to 8,193, of which the last is not resumed.", "That suspensions hold back kinds of call that the cases do not make."},
		"SUS-2":  {"Two suspensions, resumed early, again and on another goroutine; sizes about the powers of two to 8,193 suspensions of one object, resumed in order, backwards and from both ends.", "That two goroutines may resume at the same moment, nor that more suspensions work, or other orders."},
		"MUL-1":  {"Three objects, each held by another job in turn; sizes about the powers of two to 1,025 objects of one job, or 8,193 in full.", "That more objects work, nor that the place in all queues is taken in one step while others call: MUL-2 sees that by chance only."},
		"MUL-2":  {"Programs of 2 to 4 clients on three objects; sizes about the powers of two to 1,025 jobs, or 8,193 in full, that wait for the same two objects, named in either order.", "That jobs on four objects or more, or beside suspensions, do not deadlock."},
		"FUT-1":  {"Waits before and after the job, on several goroutines; futures of one object whose number is about a power of two, to 8,193.", "That a future settles once when its settling races with the end of its context."},
		"FUT-2":  {"A job at a gate, with waits for its future.", "That the wait returns soon after the job has ended."},
		"FUT-3":  {"Futures that are dropped, and waits that are given up.", "That a collected future's job runs late in a program that rests for long."},
		"AFT-1":  {"Values that come early and late, with and without an error; sizes about the powers of two to 8,193 values that are awaited on one object, and come in order, backwards and from both ends.", "That an After is right beside cancels and suspensions."},
		"CAN-1":  {"Contexts that end before the call and in the queue behind a job; a call that is given up behind others, about the powers of two to 8,193.", "That a context of the user's own, or one with a deadline, is watched as well as those that were tried; nor how soon \"at once\" is."},
		"CAN-2":  {"Programs whose contexts end about when a job starts; 50 contexts that end in the job.", "That no window is left between the start of a job and the note of it, only that it was not met."},
		"CAN-3":  {"Every interval of six places canceled; sizes about the powers of two to 8,193 calls that wait or futures that are queued, of which all, every second one or one half is given up; programs of canceled calls among others.", "That a cancel is harmless in each state of the object: the cases cancel behind a job, and those of the sizes with one context."},
		"CAN-4":  {"Three calls given up, of which two must let go; 15,000 calls given up one at a time, alone and with 20 that wait.", "That nothing smaller than some bytes for each call is kept, nor that what is kept is bounded when many wait and give up at once."},
		"TRY-1":  {"Tries on a busy object, and between jobs that are queued.", "That a Try is refused in every state, behind a suspension or an After for instance."},
		"TRY-2":  {"1,000 Tries after a Do, 100 after a refusal.", "That a Try succeeds after an Async or a Future whose job has ended: the object may still be about to become idle."},
		"PAN-1":  {"A panic with a string, from Do, Try and DoAll.", "That every value and every state of the object keep the panic whole."},
		"PAN-2":  {"A panic with a string in a Future and an After.", "That every value is found in the error, only that the text of a string is."},
		"PAN-3":  {"One process that is ended by a string; one handler that is told.", "That a panic ends the process in every state, nor that the handler is told when several jobs panic at the same time on several objects."},
		"PAN-4":  {"A panic on a busy and on an idle object, with jobs and callers behind it.", "That the object goes on after any other kind of call, or any other way to end a job."},
		"PAN-5":  {"Goexit in Async and Future, five times each.", "That Goexit in a job that a helping Do runs leaves others unharmed."},
		"PAN-6":  {"An Err method, and a handler, that panic or call Goexit at each of their first calls.", "That other functions of the user's are safe to fail: the suite knows none but these."},
		"HLP-2":  {"20 panics behind a job that is about to end, and one behind a gate.", "That a helper is never hit: most implementations do not help, and then nothing is tried."},
		"HLP-3":  {"Nothing; there is no pass.", "Anything at all; a permission cannot be violated."},
		"CLO-1":  {"Closings beside up to three callers that submit, for half a second or six in full: the report says how many met a Submit that was under way, some thousands on a machine with nothing else to do. Sizes about the powers of two to 131,073 jobs that are queued when it is called, of which the budget short tries those that fit into half a second.", "That no job is lost in a window between a Submit and a Close that none of the closings met, nor that jobs which jobs hand over while the object closes are run or refused as they should be."},
		"CLO-2":  {"Three jobs that come after Close.", "That kinds of call other than Submit are refused."},
		"CLO-3":  {"Closes after and beside the first one.", "That Close may be called from a job of the object's own, which waits for itself."},
		"KEY-1":  {"The first calls of keys by two to four callers at once, for half a second or six in full; a key that is deleted while its job runs.", "That no two objects stand for a key in a window that none of the calls met, nor when keys are evicted beside their first calls: KEY-4 sees that by what is lost."},
		"KEY-2":  {"One key whose job waits, and a Do on each of 1,000 others.", "That keys whose jobs run share nothing which slows them down, nor that two which are held delay none of the others."},
		"KEY-3":  {"10,000 keys (short) or a million (full) that are used once and deleted, or idle.", "That the memory of the keys goes back, nor that a table which is never empty lets go of those that left it."},
		"KEY-4":  {"One Delete among jobs; 40 keys that are used now and then for half a second or six in full, and removed when they were idle for 5 ms, by a function that always succeeds, and by one that fails one time for each.", "What becomes of a State when the function that is given it panics, or fails many times."},
		"KEY-5":  {"Len of an empty table, and of one with a key that is held.", "That other ways of looking, such as a list of the keys, do not wait, nor that a look is no use to whoever evicts."},
		"KEY-6":  {"A job that decides, with another one behind it; three guests who come and leave for half a second or six in full.", "That the State which a job takes with it is the job's alone later on."},
		"KEY-7":  {"A call for a key that is absent, one that is there, and one with a Delete in front.", "That such a call does not keep a key from being idle."},
		"LEAK-1": {"200 idle objects, or as many as can be made in two seconds, but five at least; a look for goroutines after each case that passes.", "That a goroutine which ends within some seconds is none, nor that one of a shared pool is: those are taken for about to end, or named by LeakIgnore."},
		"LEAK-2": {"A last job of each of three kinds and one from the middle of a queue, on three objects each, of which two must let go; the heap after 100,000 jobs on each of up to six objects, the first of which is not judged: it must have grown by each of the others.", "That nothing is kept which does not grow with each object, or which is smaller than two bytes for each job: what the runtime and pools keep for all of them is no leak. Nor that nothing is left of a panic or a cancel."},
		"LBL-1":  {"One label on the goroutine that wakes the object, with Async and Future.", "That other things which a goroutine inherits, such as a panic on fault, are not inherited."},
	}
}
