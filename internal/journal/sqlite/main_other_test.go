//go:build !linux

package sqlite_test

import (
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	workIfAsked()
	os.Exit(m.Run())
}
