// Package server runs an Apache Kafka broker on loopback: one node, without ZooKeeper, from
// the artifacts that Maven fetches.
package server

import (
	"bytes"
	"context"
	"crypto/rand"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

var (
	//go:embed pom.xml
	pom []byte
	//go:embed log4j2.properties
	log4j []byte
	//go:embed server.properties.in
	properties string
)

// Missing returns what a broker needs and this machine does not have, or "".
func Missing() string {
	for _, command := range []string{"java", "mvn"} {
		if _, err := exec.LookPath(command); err != nil {
			return command + " is not installed (Debian: apt-get install openjdk-17-jre-headless maven)"
		}
	}
	return ""
}

// Fetch makes Maven copy the jars of a project into a directory, unless they are there.
func Fetch(ctx context.Context, pom []byte, dir string) error {
	done := filepath.Join(dir, "pom.xml")
	if have, err := os.ReadFile(done); err == nil && bytes.Equal(have, pom) {
		return nil
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	work, err := os.MkdirTemp(dir, "maven")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	if err := os.WriteFile(filepath.Join(work, "pom.xml"), pom, 0o666); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "mvn", "-B", "-q", "-ntp", "dependency:copy-dependencies", "-DoutputDirectory="+dir)
	cmd.Dir = work
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("mvn cannot fetch the jars: %w\n%s", err, out)
	}
	return os.WriteFile(done, pom, 0o666)
}

// A Server is a broker. Its methods are called by one goroutine at a time.
type Server struct {
	dir, jars string
	port      int
	process   *exec.Cmd
	ended     chan struct{}
	log       *os.File
}

// New returns a broker that keeps everything in a directory, which must be empty. The jars
// are in jars. It is not started.
func New(ctx context.Context, dir, jars string) (*Server, error) {
	if err := Fetch(ctx, pom, jars); err != nil {
		return nil, err
	}
	ports, err := freePorts(2)
	if err != nil {
		return nil, err
	}
	s := &Server{dir: dir, jars: jars, port: ports[0]}
	filled := strings.NewReplacer("@PORT@", strconv.Itoa(ports[0]), "@CONTROLLER@", strconv.Itoa(ports[1]), "@DATA@", filepath.ToSlash(s.file("data"))).Replace(properties)
	if err := os.WriteFile(s.file("server.properties"), []byte(filled), 0o666); err != nil {
		return nil, err
	}
	if err := os.WriteFile(s.file("log4j2.properties"), log4j, 0o666); err != nil {
		return nil, err
	}
	id := make([]byte, 16)
	rand.Read(id)
	if out, err := s.java(ctx, "kafka.tools.StorageTool", "format", "-t", "A"+base64.RawURLEncoding.EncodeToString(id)[1:], "-c", s.file("server.properties")).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("the data directory cannot be formatted: %w\n%s", err, out)
	}
	s.log, err = os.OpenFile(s.Log(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o666)
	return s, err
}

func (s *Server) file(name string) string { return filepath.Join(s.dir, name) }

// Log is the file with what the broker has printed.
func (s *Server) Log() string { return s.file("log") }

// Addr is where clients reach the broker. It stays the same over restarts.
func (s *Server) Addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

func (s *Server) java(ctx context.Context, class string, args ...string) *exec.Cmd {
	return exec.CommandContext(ctx, "java", append([]string{
		"-Xms64m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:+ExitOnOutOfMemoryError", "-Djava.awt.headless=true",
		"-Dlog4j2.configurationFile=" + s.file("log4j2.properties"), "-cp", filepath.Join(s.jars, "*"), class,
	}, args...)...)
}

// Start starts the broker and waits until it is ready.
func (s *Server) Start(ctx context.Context) error {
	info, err := s.log.Stat()
	if err != nil {
		return err
	}
	before := info.Size()
	s.process = s.java(context.Background(), "kafka.Kafka", s.file("server.properties"))
	s.process.Stdout, s.process.Stderr = s.log, s.log
	if err := s.process.Start(); err != nil {
		return err
	}
	s.ended = make(chan struct{})
	go func() {
		_ = s.process.Wait()
		close(s.ended)
	}()
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	for {
		text, err := os.ReadFile(s.Log())
		if err != nil {
			return err
		}
		if bytes.Contains(text[before:], []byte("Kafka Server started")) {
			return nil
		}
		select {
		case <-s.ended:
			return fmt.Errorf("the broker has ended; see %s", s.Log())
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("the broker is not ready; see %s", s.Log()), s.Kill())
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// Stop ends the broker in the clean way, and waits until it has.
func (s *Server) Stop() error {
	if !s.running() {
		return nil
	}
	if err := s.process.Process.Signal(os.Interrupt); err != nil {
		return s.Kill() // there is no such signal on this system
	}
	select {
	case <-s.ended:
		return nil
	case <-time.After(time.Minute):
		return errors.Join(errors.New("the broker does not stop"), s.Kill())
	}
}

// Kill ends the broker at once.
func (s *Server) Kill() error {
	if !s.running() {
		return nil
	}
	err := s.process.Process.Kill()
	<-s.ended
	return err
}

func (s *Server) running() bool {
	if s.process == nil {
		return false
	}
	select {
	case <-s.ended:
		return false
	default:
		return true
	}
}

// freePorts returns ports on loopback that nobody listens at.
func freePorts(n int) (ports []int, err error) {
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer l.Close()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}
