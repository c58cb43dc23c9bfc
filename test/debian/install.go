package debian

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
)

// Install installs packages. Only root can.
func Install(packages ...string) error {
	if os.Geteuid() != 0 {
		return fmt.Errorf("only root can install them: apt-get install %v", packages)
	}
	lock, err := os.OpenFile(filepath.Join(os.TempDir(), "sallyport-test-apt.lock"), os.O_CREATE|os.O_RDWR|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return err
	}
	defer lock.Close() //nolint:errcheck // it is empty
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return err
	}
	install := append([]string{"install", "-y", "--no-install-recommends"}, packages...)
	if aptGet(install...) == nil {
		return nil
	}
	// The lists may be older than what the archive has.
	return errors.Join(aptGet("update"), aptGet(install...))
}

func aptGet(args ...string) error {
	command := exec.Command("apt-get", append([]string{"-q", "-o", "DPkg::Lock::Timeout=600"}, args...)...)
	command.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("apt-get %s: %w\n%s", args[0], err, output)
	}
	return nil
}

// Chromium is the path of the browser.
var Chromium = sync.OnceValues(func() (string, error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	if err := Install("chromium"); err != nil {
		return "", fmt.Errorf("Chromium is not here: %w", err)
	}
	return exec.LookPath("chromium")
})
