package state

import (
	"bytes"
	"fmt"
	"strconv"
)

// An upgradeStep turns an envelope of one version into the next version's. It
// is a pure function of the bytes, so that history reads the same forever;
// each has a golden file of the version it reads in testdata.
type upgradeStep func(envelope []byte) ([]byte, error)

// upgrades holds the step away from each past version. There is none before
// version 1.
var upgrades = map[int]upgradeStep{}

// upgradeEnvelope brings an envelope to version want.
func upgradeEnvelope(data []byte, want int, steps map[int]upgradeStep) ([]byte, error) {
	version, err := envelopeVersion(data)
	if err != nil {
		return nil, err
	}
	for version != want {
		step, ok := steps[version]
		if !ok || version > want {
			return nil, fmt.Errorf("entry version %d; this program reads up to %d", version, want)
		}
		if data, err = step(data); err != nil {
			return nil, fmt.Errorf("upgrade from entry version %d: %w", version, err)
		}
		next, err := envelopeVersion(data)
		if err != nil {
			return nil, err
		}
		if next != version+1 {
			return nil, fmt.Errorf("upgrade from entry version %d gave version %d", version, next)
		}
		version = next
	}
	return data, nil
}

// envelopeVersion reads the version without parsing the rest, whose shape
// depends on it. Every version begins with its number.
func envelopeVersion(data []byte) (int, error) {
	rest, ok := bytes.CutPrefix(data, []byte(`{"v":`))
	end := bytes.IndexByte(rest, ',')
	if !ok || end < 1 || end > 6 {
		return 0, fmt.Errorf("entry does not begin with its version")
	}
	version, err := strconv.Atoi(string(rest[:end]))
	if err != nil || version < 1 {
		return 0, fmt.Errorf("entry has version %q", rest[:end])
	}
	return version, nil
}
