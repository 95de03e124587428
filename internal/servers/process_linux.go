package servers

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// endWithUs lets a server end with the test's process, also when that is killed.
func endWithUs(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGKILL }

// Apart lets a program see mounts of its own, which end with it: what it mounts, nobody else sees. Whoever is not root is so in there. Where
// that is forbidden its start fails with EPERM, or its first mount does.
func Apart(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS, Pdeathsig: syscall.SIGKILL} // which also makes them private
	if os.Geteuid() != 0 {
		cmd.SysProcAttr.Cloneflags = syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}
	}
}

// status returns what the system says of a process: its state, its parent's number and more.
func status(pid string) (fields []string) {
	stat, err := os.ReadFile("/proc/" + pid + "/stat")
	if err != nil {
		return nil // it has ended
	}
	_, after, _ := bytes.Cut(stat, []byte(") "))
	return strings.Fields(string(after))
}

// children are the processes that a process has started.
func children(parent int) (found []int) {
	paths, _ := filepath.Glob("/proc/[0-9]*") // the only error is a bad pattern
	for _, path := range paths {
		name := filepath.Base(path)
		if fields := status(name); len(fields) > 1 && fields[1] == strconv.Itoa(parent) {
			if pid, err := strconv.Atoi(name); err == nil {
				found = append(found, pid)
			}
		}
	}
	return found
}

// stands reports whether a process was stopped, or has ended.
func stands(pid int) bool {
	fields := status(strconv.Itoa(pid))
	return len(fields) == 0 || fields[0] == "T" || fields[0] == "Z"
}

// resident is the memory that a process has to itself, in bytes.
func resident(pid int) int64 {
	all, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/smaps_rollup")
	if err != nil {
		return 0
	}
	var kilobytes int64
	for line := range strings.Lines(string(all)) {
		if fields := strings.Fields(line); len(fields) > 1 && strings.HasPrefix(fields[0], "Pss:") {
			kilobytes, _ = strconv.ParseInt(fields[1], 10, 64)
		}
	}
	return kilobytes << 10
}
