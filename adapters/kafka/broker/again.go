package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// kills measures how many records both sides do again after a kill.
func (b *bench) kills(ctx context.Context, rate int) (round, error) {
	r := make(round)
	for _, side := range []string{ours, parallel} {
		again, lost, err := b.replays(ctx, side, rate)
		if err == nil && lost > 0 && side == ours {
			err = fmt.Errorf("%d records are lost; see %s", lost, filepath.Dir(b.Log()))
		}
		if err != nil {
			return nil, err
		}
		r[side], r[lostBy+side] = float64(again), float64(lost)
	}
	return r, nil
}

const lostBy = "lost by "

// stuck is after how much time in which nothing is done what is not done is lost.
const stuck = 20 * time.Second

// replays kills a consumer, has another one go on, and returns how many records were done by both,
// and how many by none.
func (b *bench) replays(ctx context.Context, side string, rate int) (again, lost int, err error) {
	s := b.slowKeys(rate)
	topic, err := b.topic(ctx, "replays", partitions, nil)
	if err != nil {
		return 0, 0, err
	}
	produced := make(chan error, 1)
	produce := func() {
		_, err := b.produce(ctx, b.client, topic, s)
		produced <- err
	}
	if rate == 0 {
		produce()
	} else {
		go produce()
	}
	var children [2]*child
	for i := range children {
		c := &child{log: filepath.Join(filepath.Dir(b.Log()), fmt.Sprint(topic, ".", i))}
		if c.cmd, err = b.command(ctx, side, topic, topic, c.log, 0, s.n); err != nil {
			return 0, 0, err
		}
		c.cmd.Stderr = os.Stderr
		if err := c.cmd.Start(); err != nil {
			return 0, 0, err
		}
		children[i] = c
		began, before, changed := time.Now(), 0, time.Now()
		err := until(ctx, "the records are not done", 5*time.Minute, func() bool {
			done := b.doneBy(children[:i+1])
			if done > before {
				before, changed = done, time.Now()
			}
			switch {
			case i == 1:
				return done >= s.n || time.Since(changed) > stuck
			case rate > 0:
				return done >= s.n/2
			}
			return time.Since(began) > 12*time.Second/time.Duration(b.small)
		})
		_ = c.cmd.Process.Kill()
		_ = c.cmd.Wait()
		if err != nil {
			return 0, 0, err
		}
	}
	l := newLedger()
	for _, c := range children {
		if _, err := l.child(c); err != nil {
			return 0, 0, err
		}
	}
	done, again := l.count()
	return again, s.n - done, <-produced
}

func (b *bench) doneBy(children []*child) int {
	l := newLedger()
	for _, c := range children {
		_, _ = l.child(c)
	}
	done, _ := l.count()
	return done
}
