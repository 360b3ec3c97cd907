package mutant

// The switches of the base that have a parameter, or that came with such ones.
const (
	growthBreaksOrderFrom fault = "growth-breaks-order-from-size"
	ringWrapsWrongFrom    fault = "ring-wraps-wrong-from-size"
	growthDoublesFrom     fault = "growth-doubles-from-size"
	queueMemoryKeptFrom   fault = "queue-memory-kept-from-size"
	jobDroppedAt          fault = "job-dropped-at-size"
	asyncWaitsFrom        fault = "async-waits-from-size"
	waiterForgottenAt     fault = "waiter-forgotten-at-size"
	doOvertakesFrom       fault = "do-overtakes-from-size"
	cancelMissesFrom      fault = "cancel-misses-from-size"
	canceledKeptFrom      fault = "canceled-kept-from-count"
	objectsShareStripes   fault = "objects-share-stripes"
	poolExhausted         fault = "pool-exhausted"

	restTakesSignal     fault = "rest-takes-signal"
	longRestTakesSignal fault = "long-rest-takes-signal"

	lostBeforeSleep     fault = "lost-before-sleep"
	waiterLostAtIdle    fault = "waiter-lost-at-idle"
	doubledBeforeSleep  fault = "doubled-before-sleep"
	turnGivenToCanceled fault = "turn-given-to-canceled"
	tryBetweenJobs      fault = "try-between-jobs"

	ownFutureInFront    fault = "own-future-in-front"
	objectsShareCounter fault = "objects-share-counter"
)

// hasGap reports whether there is a window between the look at an empty queue and the
// note that the object is idle.
func (f fault) hasGap() bool {
	switch f {
	case lostWakeup, duplicateOnWake, lostBeforeSleep, waiterLostAtIdle, doubledBeforeSleep:
		return true
	}
	return false
}
