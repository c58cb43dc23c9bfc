//go:build linux

package faultfs_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"sallyport/internal/journal/faultfs"
)

func TestMain(m *testing.M) {
	faultfs.ServeIfAsked()
	os.Exit(m.Run())
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func syncFolder(t *testing.T, path string) {
	t.Helper()
	folder, err := os.Open(path)
	must(t, err)
	must(t, folder.Sync())
	must(t, folder.Close())
}

func write(t *testing.T, path, data string, sync bool) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	must(t, err)
	_, err = f.WriteString(data)
	must(t, err)
	if sync {
		must(t, f.Sync())
	}
	must(t, f.Close())
}

func want(t *testing.T, path, data string) {
	t.Helper()
	got, err := os.ReadFile(path)
	must(t, err)
	if string(got) != data {
		t.Fatalf("%s holds %q, want %q", filepath.Base(path), got, data)
	}
}

func wantGone(t *testing.T, path string) {
	t.Helper()
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("%s: %v, want it gone", filepath.Base(path), err)
	}
}

func TestPowerCut(t *testing.T) {
	fs, dir := faultfs.ForTest(t)
	at := func(name string) string { return filepath.Join(dir, name) }
	must(t, os.Mkdir(at("folder"), 0o700))
	write(t, at("synced"), "synced", true)
	write(t, at("written"), "written", false)
	write(t, at("renamed"), "renamed", true)
	write(t, at("deleted"), "deleted", true)
	write(t, at("folder/inner"), "inner", true)
	must(t, os.Link(at("synced"), at("linked")))
	syncFolder(t, dir)
	syncFolder(t, at("folder"))
	write(t, at("nameless"), "its name was not synced", true)
	must(t, os.Rename(at("renamed"), at("renamed to")))
	must(t, os.Remove(at("deleted")))
	held, err := os.OpenFile(at("synced"), os.O_RDWR, 0)
	must(t, err)
	defer held.Close()
	_, err = held.WriteAt([]byte("SYN"), 0)
	must(t, err)
	want(t, at("synced"), "SYNced")

	must(t, fs.PowerCut())
	want(t, at("synced"), "synced")
	want(t, at("linked"), "synced")
	want(t, at("written"), "")
	want(t, at("renamed"), "renamed")
	want(t, at("deleted"), "deleted")
	want(t, at("folder/inner"), "inner")
	wantGone(t, at("nameless"))
	wantGone(t, at("renamed to"))
	if _, err := held.WriteAt([]byte("x"), 0); !errors.Is(err, syscall.EIO) {
		t.Fatalf("a file opened before the cut: %v", err)
	}
	want(t, at("synced"), "synced")

	// Deleting and shortening, once synced, last too.
	must(t, os.Remove(at("deleted")))
	write(t, at("synced"), "s", true)
	syncFolder(t, dir)
	must(t, fs.PowerCut())
	wantGone(t, at("deleted"))
	want(t, at("synced"), "s")
}

func TestShrinkAndGrow(t *testing.T) {
	fs, dir := faultfs.ForTest(t)
	path := filepath.Join(dir, "f")
	write(t, path, string(bytes.Repeat([]byte("x"), 5000)), true)
	syncFolder(t, dir)
	must(t, os.Truncate(path, 10))
	must(t, os.Truncate(path, 3000))
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	must(t, err)
	must(t, f.Sync())
	must(t, f.Close())
	must(t, fs.PowerCut())
	want(t, path, "xxxxxxxxxx"+string(make([]byte, 2990)))
}

func TestTorn(t *testing.T) {
	fs, dir := faultfs.ForTest(t)
	path := filepath.Join(dir, "f")
	const size = 64 * 512
	var none, all, part int
	for seed := range uint64(40) {
		write(t, path, string(bytes.Repeat([]byte("a"), size)), true)
		syncFolder(t, dir)
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		must(t, err)
		_, err = f.Write(bytes.Repeat([]byte("b"), size))
		must(t, err)
		must(t, f.Close())
		must(t, fs.PowerCutTorn(seed))
		got, err := os.ReadFile(path)
		must(t, err)
		kept := 0
		for sector := range 64 {
			piece := got[sector*512:][:512]
			switch {
			case bytes.Equal(piece, bytes.Repeat([]byte("b"), 512)):
				kept++
			case !bytes.Equal(piece, bytes.Repeat([]byte("a"), 512)):
				t.Fatal("a sector is neither old nor new")
			}
		}
		switch kept {
		case 0:
			none++
		case 64:
			all++
		default:
			part++
		}
	}
	if part < 10 || none == 0 {
		t.Fatalf("of 40 torn cuts %d kept nothing, %d all, %d a part", none, all, part)
	}
}

func TestFaults(t *testing.T) {
	fs, dir := faultfs.ForTest(t)
	path := filepath.Join(dir, "f")
	write(t, path, "old", true)
	syncFolder(t, dir)
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	must(t, err)
	defer f.Close()

	must(t, fs.FailWrites(1))
	if _, err := f.WriteAt([]byte("no"), 0); !errors.Is(err, syscall.EIO) {
		t.Fatalf("failing write: %v", err)
	}
	must(t, fs.Quota(2))
	if _, err := f.WriteAt([]byte("longer"), 0); !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("write over the quota: %v", err)
	}
	_, err = f.WriteAt([]byte("newer"), 0)
	must(t, err)
	must(t, fs.Quota(-1))
	must(t, fs.FailSyncs(1))
	if err := f.Sync(); !errors.Is(err, syscall.EIO) {
		t.Fatalf("failing sync: %v", err)
	}
	// The next one succeeds, and the data is lost all the same.
	must(t, f.Sync())
	want(t, path, "newer")
	must(t, fs.PowerCut())
	got, err := os.ReadFile(path)
	must(t, err)
	if bytes.Contains(got, []byte("new")) {
		t.Fatalf("after a failed sync the disk holds %q", got)
	}
	stats, err := fs.Stats()
	must(t, err)
	if stats.FailedWrites != 1 || stats.FailedSyncs != 1 || stats.NoSpc != 1 || stats.Syncs < 3 || stats.FolderSyncs != 1 {
		t.Fatalf("stats %+v", stats)
	}
}
