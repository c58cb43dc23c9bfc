//go:build linux

package faultfs

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"testing"

	"github.com/hanwen/go-fuse/v2/fuse"
)

// asked is the environment variable that has ServeIfAsked serve the folder it
// names.
const asked = "SALLYPORT_TEST_FAULTFS"

// FS is a mounted file system. Its methods may be called concurrently.
type FS struct {
	dir     string
	process *exec.Cmd

	mu      sync.Mutex
	to      io.WriteCloser
	send    *json.Encoder
	receive *json.Decoder
}

type command struct {
	Do    string
	Count int64
	Seed  uint64
}

type answer struct {
	Error string
	Stats Stats
}

// Available returns why file systems can't be mounted here, or nil.
func Available() error {
	f, err := os.OpenFile("/dev/fuse", os.O_RDWR, 0)
	if err != nil {
		return err
	}
	f.Close()
	if os.Geteuid() != 0 {
		return errors.New("mounting needs root")
	}
	return nil
}

// ForTest mounts a file system on a new folder until the test ends. Where that
// is not possible the test is skipped with the reason, or fails when
// SALLYPORT_TEST_REQUIRE_ALL is 1.
func ForTest(t testing.TB) (fs *FS, dir string) {
	t.Helper()
	if err := Available(); err != nil {
		if os.Getenv("SALLYPORT_TEST_REQUIRE_ALL") == "1" {
			t.Fatalf("no FUSE here: %v", err)
		}
		t.Skipf("no FUSE here: %v", err)
	}
	dir = t.TempDir()
	fs, err := Mount(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := fs.Unmount(); err != nil {
			t.Error(err)
		}
	})
	return fs, dir
}

// Mount mounts a new, empty file system on the folder dir.
func Mount(dir string) (*FS, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	f := &FS{dir: dir, process: exec.Command(program)}
	f.process.Env = append(os.Environ(), asked+"="+dir)
	f.process.Stderr = os.Stderr
	if f.to, err = f.process.StdinPipe(); err != nil {
		return nil, err
	}
	from, err := f.process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	f.send, f.receive = json.NewEncoder(f.to), json.NewDecoder(from)
	if err := f.process.Start(); err != nil {
		return nil, err
	}
	if _, err := f.do(command{Do: "mounted"}); err != nil {
		f.to.Close()
		f.process.Wait()
		return nil, fmt.Errorf("mounting %s (does TestMain call faultfs.ServeIfAsked?): %w", dir, err)
	}
	return f, nil
}

// PowerCut forgets everything that was not synced. Files opened before it fail
// with EIO from now on; injected faults end.
func (f *FS) PowerCut() error { return f.order(command{Do: "cut"}) }

// PowerCutTorn is PowerCut, but a random part of what was not synced survives.
func (f *FS) PowerCutTorn(seed uint64) error { return f.order(command{Do: "tear", Seed: seed}) }

// FailSyncs makes the next n syncs of files or folders fail with EIO.
func (f *FS) FailSyncs(n int) error { return f.order(command{Do: "failSyncs", Count: int64(n)}) }

// FailWrites makes the next n writes fail with EIO.
func (f *FS) FailWrites(n int) error { return f.order(command{Do: "failWrites", Count: int64(n)}) }

// Quota lets files grow by no more than n bytes in total before ENOSPC; a
// negative n lifts it.
func (f *FS) Quota(n int64) error { return f.order(command{Do: "quota", Count: n}) }

// Stats returns what was counted since the mount.
func (f *FS) Stats() (Stats, error) { return f.do(command{Do: "stats"}) }

// Unmount ends the file system, with files open or not, and loses its content.
func (f *FS) Unmount() error {
	err := syscall.Unmount(f.dir, syscall.MNT_DETACH)
	f.to.Close()
	return errors.Join(err, f.process.Wait())
}

func (f *FS) order(c command) error {
	_, err := f.do(c)
	return err
}

func (f *FS) do(c command) (Stats, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.send.Encode(c); err != nil {
		return Stats{}, err
	}
	var a answer
	if err := f.receive.Decode(&a); err != nil {
		return Stats{}, err
	}
	if a.Error != "" {
		return Stats{}, errors.New(a.Error)
	}
	return a.Stats, nil
}

// ServeIfAsked serves a file system and does not return if this process was
// started by Mount to do so.
func ServeIfAsked() {
	dir := os.Getenv(asked)
	if dir == "" {
		return
	}
	if err := serve(dir, os.Stdin, os.Stdout); err != nil {
		json.NewEncoder(os.Stdout).Encode(answer{Error: err.Error()})
		os.Exit(1)
	}
	os.Exit(0)
}

// serve mounts, and answers commands until the other side is gone.
func serve(dir string, from io.Reader, to io.Writer) error {
	s := newServer()
	mounted, err := fuse.NewServer(s, dir, &fuse.MountOptions{
		FsName: "faultfs", Name: "faultfs", DirectMountStrict: true,
		MaxWrite: 1 << 20, DisableXAttrs: true, DisableReadDirPlus: true,
		// A read of MaxWrite and its header is larger than a pipe may be.
		DisableSplice: true,
	})
	if err != nil {
		return err
	}
	go mounted.Serve()
	if err := mounted.WaitMount(); err != nil {
		return err
	}
	commands, answers := json.NewDecoder(from), json.NewEncoder(to)
	for {
		var c command
		if err := commands.Decode(&c); err != nil {
			// The other side is gone; it may have unmounted already.
			syscall.Unmount(dir, syscall.MNT_DETACH)
			return nil
		}
		if err := answers.Encode(s.d.obey(c)); err != nil {
			return err
		}
	}
}

func (d *disk) obey(c command) answer {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch c.Do {
	case "cut":
		d.powerCut(nil)
	case "tear":
		d.powerCut(rand.New(rand.NewPCG(c.Seed, 0)))
	case "failSyncs":
		d.failSyncs = int(c.Count)
	case "failWrites":
		d.failWrites = int(c.Count)
	case "quota":
		d.quota = c.Count
	case "mounted", "stats":
	default:
		return answer{Error: "unknown command " + c.Do}
	}
	return answer{Stats: d.stats}
}
