package reference

import (
	"os"
	"runtime/debug"
	"testing"
)

// TestMain has garbage collected less often: cases are small and many.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400)
	os.Exit(m.Run())
}
