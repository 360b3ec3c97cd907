// Package history records what the calls on objects of the Desync contract did,
// and judges it.
//
// A [History] is a list of operations. Each has stamps of its call, its return,
// and the start and end of its job. [Check] says whether the history is one that
// the contract allows. If it is not, the [Violation] names the rule and the one
// or two operations that break it; no other operation matters. Violation.Picture
// draws them, [History.Cut] makes a history of them alone, [WriteHTML] shows them
// among their neighbours.
//
//	var v *history.Violation
//	if err := history.Check(h); errors.As(err, &v) {
//		fmt.Println(v)
//		fmt.Print(v.Picture())
//	}
//
// [Save] writes a history to a file, and [Recheck] judges such a file again.
//
// # Why no search is needed
//
// Checking that a history is linearizable is a search in general. Here the jobs
// of an object exclude each other, so that the history shows the order in which
// they ran, and one question is left for each pair: did one run first although
// the other's call had returned before its own began? It is enough to compare
// each operation with the one of all that ran later whose call returned first,
// so one scan answers the question for all pairs.
//
// # Stamps
//
// Stamps are positive numbers from one counter that all goroutines share; 0
// stands for what did not happen. A stamp is taken before a call begins, after it
// has returned, and as the first and last thing in a job. Then a stamp that is
// smaller was taken earlier, and [Check] raises no false alarm, however late a
// goroutine comes to take its stamp. A clock will do if it never goes back and is
// fine enough for the stamps of one operation to differ; stamps of two operations
// that are equal count as taken at the same time.
//
// The counter orders memory as a lock does, and may so hide a data race: a
// recorded run says nothing about the MEM rules.
package history
