package conformance

import "math/rand/v2"

// A template makes the clients of a program that aims at one thing.
type template func(rng *rand.Rand, kinds []string) [][]Step

// mixed is calls of all kinds by some clients.
func mixed(rng *rand.Rand, kinds []string) [][]Step {
	clients := make([][]Step, 2+rng.IntN(3))
	for c := range clients {
		for range 3 + rng.IntN(20) {
			clients[c] = append(clients[c], someStep(rng, kinds))
		}
	}
	return clients
}

// alone is one client, whose calls follow each other without a wait.
func alone(rng *rand.Rand, kinds []string) [][]Step {
	return [][]Step{mixed(rng, kinds)[0]}
}

// idleEdge lets the clients meet at an idle object again and again: one more job
// arrives just when the last one ends.
func idleEdge(rng *rand.Rand, kinds []string) [][]Step {
	clients := make([][]Step, 2+rng.IntN(3))
	for range 5 + rng.IntN(15) {
		for c := range clients {
			s := Step{Kind: kinds[rng.IntN(len(kinds))], Before: Pause{Spins: rng.IntN(200)}}
			if rng.IntN(4) == 0 {
				s.Start = Pause{Spins: rng.IntN(100)}
			}
			clients[c] = append(clients[c], Step{Kind: stepBarrier}, s)
			if rng.IntN(2) == 0 {
				clients[c] = append(clients[c], Step{Kind: stepDo, Before: Pause{Spins: rng.IntN(100)}})
			}
		}
	}
	return clients
}

// growth lets a long queue build up behind one job.
func growth(rng *rand.Rand, kinds []string) [][]Step {
	clients := make([][]Step, 1+rng.IntN(3))
	for c := range clients {
		if c == 0 {
			clients[c] = append(clients[c], Step{Kind: stepAsync, Start: Pause{Micros: 200 + rng.IntN(800)}})
		}
		for range 50 + rng.IntN(1<<(6+rng.IntN(5))) {
			clients[c] = append(clients[c], Step{Kind: stepAsync})
		}
		for range 3 {
			clients[c] = append(clients[c], someStep(rng, kinds))
		}
	}
	return clients
}

// wrap fills and empties the queue to lengths about the powers of two.
func wrap(rng *rand.Rand, kinds []string) [][]Step {
	var steps []Step
	for range 4 + rng.IntN(8) {
		steps = append(steps, Step{Kind: stepAsync, Start: Pause{Micros: 20 + rng.IntN(100)}})
		for range max(1, 1<<rng.IntN(8)-1+rng.IntN(3)) {
			steps = append(steps, Step{Kind: stepAsync})
		}
		if rng.IntN(3) > 0 {
			steps = append(steps, Step{Kind: stepDo})
		}
	}
	return [][]Step{steps}
}

// relay has the clients call in turns while the object is busy, so that many calls
// return before others begin.
func relay(rng *rand.Rand, kinds []string) [][]Step {
	clients := make([][]Step, 2+rng.IntN(3))
	clients[0] = append(clients[0], Step{Kind: stepAsync, Start: Pause{Micros: 100 + rng.IntN(400)}})
	for range 4 + rng.IntN(10) {
		for c := range clients {
			clients[c] = append(clients[c], Step{Kind: stepBarrier})
			for range rng.IntN(3) {
				s := Step{Kind: kinds[rng.IntN(len(kinds))], Start: somePause(rng)}
				if s.Kind == stepDo || s.Kind == stepContext {
					s.Kind = stepAsync // it would end the job in front
				}
				clients[c] = append(clients[c], s)
			}
		}
	}
	for c := range clients {
		clients[c] = append(clients[c], someStep(rng, kinds))
	}
	return clients
}

// barging has clients wait for their turn behind jobs that are queued.
func barging(rng *rand.Rand, kinds []string) [][]Step {
	clients := make([][]Step, 2+rng.IntN(3))
	for range 4 + rng.IntN(8) {
		for c := range clients {
			for range 1 + rng.IntN(6) {
				clients[c] = append(clients[c], Step{Kind: stepAsync, Start: somePause(rng)})
			}
			clients[c] = append(clients[c], someStep(rng, kinds))
		}
	}
	return clients
}

// crowd is many clients with a few calls each, most of which wait.
func crowd(rng *rand.Rand, kinds []string) [][]Step {
	clients := make([][]Step, 2<<rng.IntN(6))
	for c := range clients {
		for range 3 + rng.IntN(2+128/len(clients)) {
			s := someStep(rng, kinds)
			if rng.IntN(2) == 0 {
				s.Kind, s.Cancel = stepDo, nil
			}
			clients[c] = append(clients[c], s)
		}
	}
	return clients
}

// contended gives every job a body in which another one can show itself.
func contended(rng *rand.Rand, kinds []string) [][]Step {
	clients := mixed(rng, kinds)
	for _, steps := range clients {
		for i := range steps {
			steps[i].Start = Pause{Yields: rng.IntN(3), Spins: rng.IntN(2000)}
			steps[i].Before, steps[i].After = Pause{}, Pause{}
		}
	}
	return clients
}

// cancelEdge lets contexts end just when their jobs get their turn.
func cancelEdge(rng *rand.Rand, kinds []string) [][]Step {
	clients := make([][]Step, 2+rng.IntN(3))
	for c := range clients {
		for range 5 + rng.IntN(15) {
			s := someStep(rng, kinds)
			if s.Kind == stepContext || s.Kind == stepFutureContext {
				s.Cancel = &Pause{Spins: rng.IntN(1 << rng.IntN(14)), Yields: rng.IntN(3)}
			} else {
				s.Start, s.End = Pause{Spins: rng.IntN(2000)}, Pause{}
			}
			clients[c] = append(clients[c], s)
		}
	}
	return clients
}

// crossing holds several objects at once, named in any order.
func crossing(rng *rand.Rand, _ []string) [][]Step {
	clients := make([][]Step, 2+rng.IntN(3))
	for c := range clients {
		for range 5 + rng.IntN(15) {
			perm := rng.Perm(3)
			s := Step{Kind: stepSeveral, Object: perm[0], Also: perm[1 : 2+rng.IntN(2)]}
			if rng.IntN(3) == 0 {
				s = Step{Kind: stepAsync, Object: perm[0]}
			}
			s.Before, s.Start = somePause(rng), somePause(rng)
			clients[c] = append(clients[c], s)
		}
	}
	return clients
}
