package history

import (
	"math/rand/v2"
	"testing"
)

// queued returns a correct history of n operations: some clients call without
// waiting, the jobs run one after the other in the order of the calls, some way
// behind them. The operations stand client by client, as recorders have them.
func queued(n, clients int) *History {
	rng := rand.New(rand.NewPCG(1, 2))
	byClient := make([][]Operation, clients)
	var queue [][2]int // client and index
	var clock int64
	tick := func() int64 { clock++; return clock }
	for id := 0; id < n || len(queue) > 0; {
		if id < n && (len(queue) == 0 || rng.IntN(100) < 52) {
			c := rng.IntN(clients)
			queue = append(queue, [2]int{c, len(byClient[c])})
			byClient[c] = append(byClient[c], Operation{ID: id, Client: c, Kind: "async", Call: tick(), Return: tick(), Outcome: Ran})
			id++
			continue
		}
		o := &byClient[queue[0][0]][queue[0][1]]
		queue = queue[1:]
		o.Start, o.End = tick(), tick()
	}
	h := &History{}
	for _, ops := range byClient {
		h.Operations = append(h.Operations, ops...)
	}
	return h
}

func BenchmarkCheckMillion(b *testing.B) {
	for name, clients := range map[string]int{"8 clients": 8, "1000 clients": 1000} {
		h := queued(1_000_000, clients)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := Check(h); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
