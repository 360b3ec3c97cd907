package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/go-desync/go-desync/adapters/kafka"
)

// A child is a consumer in a process of its own, this program with the command consume. It
// writes a line to a file before and after each record.
type child struct {
	cmd *exec.Cmd
	log string
}

func (w *world) child(topic string, number int, flags ...string) (*child, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := &child{log: filepath.Join(filepath.Dir(w.Log()), fmt.Sprint(topic, ".", number))}
	c.cmd = exec.Command(program, append([]string{"consume", "--broker", w.Addr(), "--topic", topic, "--log", c.log}, flags...)...)
	c.cmd.Stderr = os.Stderr
	return c, c.cmd.Start()
}

// A line is one of the file of a child: that the handler of a record has begun, or ended.
type line struct {
	begun bool
	key   string
	place
}

func (c *child) lines() (all []line, err error) {
	f, err := os.Open(c.log)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		fields := strings.Fields(s.Text())
		if len(fields) != 5 {
			continue // the process was killed while it wrote it
		}
		p, err1 := strconv.ParseInt(fields[2], 10, 32)
		o, err2 := strconv.ParseInt(fields[3], 10, 64)
		if err := errors.Join(err1, err2); err != nil {
			return nil, err
		}
		all = append(all, line{fields[0] == "B", fields[4], place{fields[1], int32(p), o}})
	}
	return all, nil
}

// done adds what the child has done to a ledger, and returns how many records that are. Its order
// is judged as that of one owner.
func (l *ledger) child(c *child) (n int, err error) {
	all, err := c.lines()
	if err != nil {
		return 0, err
	}
	owner, cancel := context.WithCancel(context.Background())
	defer cancel()
	for _, one := range all {
		r := &kgo.Record{Topic: one.topic, Partition: one.partition, Offset: one.offset}
		t := turn{owner, one.topic, one.partition, one.key}
		if one.begun {
			l.begin(t, r)
			continue
		}
		l.end(t, r, nil)
		n++
	}
	return n, nil
}

// killed kills a consumer while records come, and has another one go on.
func killed(ctx context.Context, w *world) (string, error) {
	topic, err := w.topic(ctx, "killed", partitions, nil)
	if err != nil {
		return "", err
	}
	s := stream{n: 40_000, keys: 992, rate: 4000, slow: 10}
	var want []place
	var produceErr error
	var produced sync.WaitGroup
	produced.Go(func() { want, produceErr = w.produce(ctx, w.client, topic, s) })
	first, err := w.child(topic, 1)
	if err != nil {
		return "", err
	}
	err = until(ctx, "half is not done", time.Minute, func() bool {
		all, _ := first.lines()
		return len(all) >= s.n // two lines for each
	})
	_ = first.cmd.Process.Kill()
	_ = first.cmd.Wait()
	if err != nil {
		return "", err
	}
	second, err := w.child(topic, 2)
	if err != nil {
		return "", err
	}
	defer func() {
		_ = second.cmd.Process.Kill()
		_ = second.cmd.Wait()
	}()
	produced.Wait()
	if produceErr != nil {
		return "", produceErr
	}
	l := newLedger()
	if _, err := l.child(first); err != nil {
		return "", err
	}
	err = until(ctx, "not all records are done", 2*time.Minute, func() bool {
		both := newLedger()
		_, err1 := both.child(first)
		_, err2 := both.child(second)
		done, _ := both.count()
		return err1 == nil && err2 == nil && done >= s.n
	})
	_, err2 := l.child(second)
	if err := errors.Join(err, err2, l.verify(want)); err != nil {
		return "", err
	}
	return l.summary(nil, buffer+int(float64(s.rate)*interval.Seconds()))
}

// consume is the command of a child. It ends when it is killed.
func consume(ctx context.Context, broker, topic, log string, slow time.Duration) error {
	f, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	defer f.Close()
	c := &kafka.Consumer{Buffer: buffer, CommitEvery: interval, Handle: func(ctx context.Context, r *kgo.Record) error {
		at := fmt.Sprintln(r.Topic, r.Partition, r.Offset, string(r.Key))
		if _, err := f.WriteString("B " + at); err != nil {
			return err
		}
		if strings.HasPrefix(string(r.Key), "slow") {
			time.Sleep(slow)
		}
		_, err := f.WriteString("E " + at)
		return err
	}}
	// As a static member, the one that follows a killed one need not wait for its session.
	return c.Run(ctx, kgo.SeedBrokers(broker), kgo.ConsumerGroup(topic), kgo.ConsumeTopics(topic), kgo.InstanceID("one"), kgo.SessionTimeout(30*time.Second))
}
