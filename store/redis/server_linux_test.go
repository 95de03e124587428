package redis_test

import (
	"os/exec"
	"syscall"
)

// endWithUs lets a server end with the test's process, also when that is killed.
func endWithUs(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
