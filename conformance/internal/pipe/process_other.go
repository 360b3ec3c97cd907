//go:build !unix

package pipe

import "os/exec"

func ownGroup(*exec.Cmd) {}

// killGroup kills the command's process; there are no groups here.
func killGroup(cmd *exec.Cmd) { _ = cmd.Process.Kill() }
