//go:build linux

package durability

import (
	"testing"
	"time"

	"sallyport/internal/journal/faultfs"
	"sallyport/test/clients/harness"
	"sallyport/test/process"
)

const (
	account  = process.Account
	patience = time.Minute
)

func TestMain(m *testing.M) {
	faultfs.ServeIfAsked()
	harness.Main(m)
}
