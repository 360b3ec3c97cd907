package mutant

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"time"
)

// A Range says where a mutant's parameter is drawn from, so that no case can be made
// for a value.
type Range struct {
	Low, High int
	Unit      string // of the values: ms and ns are times, all others count something
	Example   int    // what the seed 1 draws, or 0
}

func (r Range) String() string {
	if r.Unit == "" {
		return ""
	}
	return fmt.Sprintf("%s to %s %s", grouped(r.Low), grouped(r.High), r.Unit)
}

// Draw returns the value for a seed. Small values are as likely as large ones: each
// octave is. Of the counts, half are a power of two, or next to one.
func (r Range) Draw(seed uint64, mutant string) int {
	if r.Unit == "" || seed == 1 && r.Example != 0 {
		return r.Example
	}
	name := fnv.New64a()
	name.Write([]byte(mutant))
	rnd := rand.New(rand.NewPCG(seed, name.Sum64()))
	low, high := math.Log2(float64(r.Low)), math.Log2(float64(r.High))
	exponent := low + rnd.Float64()*(high-low)
	v := math.Exp2(exponent)
	if rnd.IntN(2) == 0 && r.Unit != "ms" && r.Unit != "ns" {
		v = math.Exp2(math.Round(exponent)) + float64(rnd.IntN(3)-1)
	}
	return min(max(int(v), r.Low), r.High)
}

// grouped writes a number with a comma before each three digits.
func grouped(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", grouped(n/1000), n%1000)
}

// param is what a mutant's objects know of its parameter.
type param struct {
	n int
	d time.Duration // n as a time, if it is one
}

func (r Range) param(n int) param {
	switch r.Unit {
	case "ms":
		return param{n, time.Duration(n) * time.Millisecond}
	case "ns":
		return param{n, time.Duration(n)}
	}
	return param{n: n}
}

// spin keeps the processor for a time, so that a window is open for as long.
func spin(d time.Duration) {
	for begin := time.Now(); time.Since(begin) < d; {
	}
}

// openFor is how long a window that opens at a certain time stays open.
const openFor = time.Millisecond
