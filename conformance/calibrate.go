package conformance

import "time"

// calibrate measures how much slower than an idle, ordinary machine this one is
// now: by how long goroutines take to wake each other.
func calibrate() float64 {
	const (
		trips   = 2000
		nominal = 2 * time.Millisecond
	)
	ping, pong := make(chan int), make(chan int)
	start := time.Now()
	go func() {
		for i := range ping {
			pong <- i
		}
		close(pong)
	}()
	for i := range trips {
		ping <- i
		<-pong
	}
	close(ping)
	<-pong
	return min(max(float64(time.Since(start))/float64(nominal), 1), 10)
}
