// Package conformance checks whether a type keeps the contract of a Desync object:
// the object owns data, and runs jobs on it one at a time, in the order in which they
// were handed over. SPEC.md in this directory lists the rules of the contract, as
// [Rules] does.
//
// To check a type, write an adapter that is an [Object], describe it by a [Factory],
// and call [Run] in a test:
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
// # Features
//
// An object needs Async and Do. Everything else is optional. If the object has more
// methods ([Futurer], [Canceler] and so on), list them in [Factory].Features. Promises
// without a method, such as [FeatureUnbounded], count as made; if the object does not
// keep one, list it there as [Unsupported], with the reason. The verdict on a rule of a
// feature that the object does not have is "unsupported".
//
// # Bridges
//
// Package bridge judges what has no jobs, but takes items and passes them on.
//
// # What a pass says
//
// A deterministic rule is checked by jobs that wait at gates, so a fault shows every
// time. A stochastic rule is checked by random programs, and package history judges
// what happened: a pass means "not refuted in N histories". The rules about memory
// need the race detector. Without it their verdict is "not-run", never "pass".
//
// No rule is judged by how long something takes. A case hangs if nothing moves for
// about a second, that is, every goroutine of the process waits for another one, or
// if the time of the watchdog is over, half a minute or more. The suite leaves what
// hangs behind and goes on with the next case. It cannot tell an implementation that
// hangs from one that leaves work for a second until a timer goes off.
package conformance
