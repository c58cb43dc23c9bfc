package federation

import (
	"testing"

	"sallyport/test/clients/harness"
)

func TestMain(m *testing.M) { harness.Main(m) }
