// Package conformance checks whether something keeps the contract of a Desync
// object: it owns data, takes jobs on it, and runs them one at a time, in the
// order in which they were handed over. The rules of that contract stand in
// SPEC.md, next to this file, and in [Rules].
//
// To have a type of one's own checked, write the few lines that make it an
// [Object], describe it by a [Factory], and call [Run] in a test:
//
//	func TestConformance(t *testing.T) {
//		conformance.Run(t, conformance.Factory{
//			Info: conformance.Implementation{Name: "mine"},
//			New:  func(conformance.Setup) (conformance.Object, error) { return newMine(), nil },
//		})
//	}
//
// Outside of tests, [Check] does the same and returns a [Report].
//
// # What is claimed
//
// More than Async and Do is optional. What an object can do beyond them shows in
// its methods ([Futurer], [Canceler] and so on) and must be listed in
// [Factory].Features. Promises without a method of their own, such as [FeatureUnbounded],
// count as made unless they are disclaimed there, with a reason. A rule of a
// feature that is not claimed reads "unsupported".
//
// # Bridges
//
// What has no jobs, but takes items and passes them on, is judged by package bridge.
//
// # How much a pass says
//
// A deterministic rule is checked by jobs that wait at gates, so that a fault
// shows each time. A stochastic one is checked by random programs whose histories
// package history judges: its pass reads "not refuted in N histories". Rules about
// memory are left to the race detector, and read "not-run" without it, never
// "pass".
//
// Nothing is judged by the time it takes, up to the watchdog: a case hangs when
// every goroutine of the process waits for another one and nothing has moved for a
// second, or when the watchdog's time is over, half a minute and more. What hangs is
// left behind, and the next case begins. An implementation that leaves work lying
// for a second, with nothing but a timer to come back to it, is not told from one
// that hangs.
package conformance
