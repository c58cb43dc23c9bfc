//go:build unix

package pgtest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

var supported error

// identity is who PostgreSQL runs as: nobody, when the tests are root.
func identity() (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	nobody, err := user.Lookup("nobody")
	if err != nil {
		return nil, err
	}
	uid, err := strconv.ParseUint(nobody.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(nobody.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}

// prepare has a program of PostgreSQL run as it must, out of reach of the
// terminal's signals.
func prepare(cmd *exec.Cmd) {
	who, err := identity()
	if err != nil {
		cmd.Err = err
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: who, Setpgid: true}
}

// own gives a folder and all in it to who PostgreSQL runs as.
func own(dir string) error {
	who, err := identity()
	if err != nil || who == nil {
		return err
	}
	return filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, int(who.Uid), int(who.Gid))
	})
}

// guardian waits for the end of its input. A line says that the process it guards
// is gone; without one the test program ended first.
const guardian = `
read -r word || kill -QUIT "$1" 2>/dev/null
case "$word" in keep) exit 0;; esac
while kill -0 "$1" 2>/dev/null; do sleep 0.05; done
rm -rf "$2"`

// guard has a process stopped when this one ends. The function it returns ends the
// guard after the process; it removes dir unless told to keep it.
func guard(pid int, dir string) (release func(keep bool), err error) {
	cmd := exec.Command("/bin/sh", "-c", guardian, "guard", strconv.Itoa(pid), dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return func(keep bool) {
		word := "remove\n"
		if keep {
			word = "keep\n"
		}
		in.Write([]byte(word)) //nolint:errcheck // it sees the end of its input
		in.Close()             //nolint:errcheck // nothing is buffered
		cmd.Wait()             //nolint:errcheck // its status says nothing
	}, nil
}

// kill ends a postmaster and its children at once, as a crash of the machine
// would, and returns when the children are gone.
func kill(postmaster int) error {
	// Stopped first, so that it starts nothing while its children are looked for.
	if err := syscall.Kill(postmaster, syscall.SIGSTOP); err != nil {
		return err
	}
	children, err := childrenOf(postmaster)
	if err != nil {
		return err
	}
	for _, pid := range append(children, postmaster) {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
			return err
		}
	}
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		alive := 0
		for _, pid := range children {
			if running(pid) {
				alive++
			}
		}
		if alive == 0 {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%d processes of PostgreSQL outlive SIGKILL", alive)
		}
	}
}

func childrenOf(parent int) ([]int, error) {
	out, err := exec.Command("ps", "-A", "-o", "pid=,ppid=").Output()
	if err != nil {
		return nil, fmt.Errorf("listing processes: %w", err)
	}
	var children []int
	for line := range strings.Lines(string(out)) {
		var pid, ppid int
		if _, err := fmt.Sscan(line, &pid, &ppid); err == nil && ppid == parent {
			children = append(children, pid)
		}
	}
	return children, nil
}

// running reports whether a process exists and has not ended.
func running(pid int) bool {
	out, err := exec.Command("ps", "-o", "stat=", "-p", strconv.Itoa(pid)).Output()
	state := strings.TrimSpace(string(out))
	return err == nil && state != "" && state[0] != 'Z'
}

// shutdown asks a postmaster to end at once, cleanly enough for its children.
func shutdown(postmaster int) error { return syscall.Kill(postmaster, syscall.SIGQUIT) }
