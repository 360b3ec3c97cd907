// Package rival runs the parallel consumer of Confluent, to measure it beside Desync.
package rival

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/go-desync/go-desync/adapters/kafka/broker/internal/server"
)

var (
	//go:embed pom.xml
	pom []byte
	//go:embed Rival.java
	source []byte
)

// Missing returns what this machine does not have beyond what a broker needs, or "".
func Missing() string {
	if _, err := exec.LookPath("javac"); err != nil {
		return "javac is not installed (Debian: apt-get install openjdk-17-jdk-headless)"
	}
	return ""
}

// Build fetches the jars into a directory and compiles the program.
func Build(ctx context.Context, dir string) error {
	if err := server.Fetch(ctx, pom, dir); err != nil {
		return err
	}
	file := filepath.Join(dir, "Rival.java")
	if err := os.WriteFile(file, source, 0o666); err != nil {
		return err
	}
	if out, err := exec.CommandContext(ctx, "javac", "-cp", filepath.Join(dir, "*"), "-d", dir, file).CombinedOutput(); err != nil {
		return fmt.Errorf("javac: %w\n%s", err, out)
	}
	return nil
}

// Command returns the program, with its arguments.
func Command(ctx context.Context, dir string, args ...string) *exec.Cmd {
	classes := dir + string(os.PathListSeparator) + filepath.Join(dir, "*")
	return exec.CommandContext(ctx, "java", append([]string{"-Xmx1g", "-Dorg.slf4j.simpleLogger.defaultLogLevel=error", "-cp", classes, "Rival"}, args...)...)
}
