package harness

import (
	"embed"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

//go:embed js/package.json js/package-lock.json js/driver.mjs js/ambient.mjs
var jsFiles embed.FS

// jsFolder has the driver with the packages that its lock file names, installed
// once per test process. [Main] removes it.
var jsFolder = sync.OnceValues(func() (string, error) {
	folder, err := temporaryFolder("sallyport-js-")
	if err != nil {
		return "", err
	}
	files, err := fs.Sub(jsFiles, "js")
	if err != nil {
		return "", err
	}
	if err := os.CopyFS(folder, files); err != nil {
		return "", err
	}
	install := exec.Command("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline")
	install.Dir = folder
	if output, err := install.CombinedOutput(); err != nil {
		return "", fmt.Errorf("npm ci: %w\n%s", err, output)
	}
	return folder, nil
})

// NodeFolder has the SDK's packages, driver.mjs, and ambient.mjs, which shows whom the
// SDK calls as by itself. What can't be installed fails the test.
func NodeFolder(t *testing.T) string {
	t.Helper()
	_, err := exec.LookPath("node")
	if err == nil {
		_, err = exec.LookPath("npm")
	}
	if err != nil {
		Missing(t, "the AWS SDK for JavaScript", err)
	}
	folder, err := jsFolder()
	if err != nil {
		t.Fatal(err)
	}
	return folder
}

// NewJSSDK is one node process that calls services through the AWS SDK for
// JavaScript.
func NewJSSDK(t *testing.T) Client {
	t.Helper()
	folder := NodeFolder(t)
	process := exec.Command("node", filepath.Join(folder, "driver.mjs"))
	process.Dir = folder
	process.Env = append(clientEnvironment(folder), "NODE_NO_WARNINGS=1")
	return startDriver(t, "js-sdk", process)
}
