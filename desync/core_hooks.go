package desync

// A point is a place in the state machine where a test can stop one side while the other
// goes on. mu is locked right after a point whose name ends in Lock.
type point string

const (
	acquireSwap  point = "acquire: before the swap of idle for held"
	releaseSwap  point = "release: before the swap of held for idle"
	pushLock     point = "push: before mu is locked"
	pushAnnounce point = "push: appended, before queued is set"
	joinLock     point = "join: before mu is locked"
	joinLook     point = "join: before the state is looked at"
	abandonLock  point = "abandon: before mu is locked"
	passLock     point = "pass: before mu is locked to leave the turn to a drainer"
	frontLock    point = "front: out side empty, before mu is locked"
	beginLock    point = "begin: before mu is locked"
	unlocked     point = "mu was unlocked"
	grantSwap    point = "grant: before the swap"
	waitLook     point = "wait: before the state is looked at"
	wakeSwap     point = "wake: taken out of the line, mu locked, before the swap"
	retakeSwap   point = "retake: woken, before the swap"
	retakeLock   point = "retake: failed, before mu is locked"
	retakeLook   point = "retake: mu locked, before the state is looked at"
	strictSwap   point = "strict: before the swap"
	countDown    point = "gathering: one object granted, before it is counted"
	giveUpSwap   point = "gathering: before a share is given up"
	tellHeld     point = "place: reached, before the observer is told"
	keepSwap     point = "place: the observer was told, before the swap"
	giveUpLock   point = "give up: before mu is locked"
	parkSwap     point = "wait: ticket taken, before the swap"
	waitEnd      point = "wait: granted"

	// The entries of a Map; see key_idle.go.
	insertEntry point = "pin: the key is absent, before an entry is inserted"
	pinSwap     point = "pin: before pins are looked at"
	unpinAdd    point = "unpin: before pins are changed"
	takenLook   point = "take: the turn is taken, before pins are looked at"
	removeSwap  point = "remove: in the turn, before the swap"
	removeEntry point = "remove: pins say so, before the table does"
)
