package condition

import (
	"bytes"
	"encoding/base64"
	"fmt"
)

// maxBinary bounds the base64 text of a request value, which is decoded on the
// stack.
const maxBinary = 1024

// binaries matches base64 text by the bytes it encodes.
type binaries struct{ want [][]byte }

func compileBinary(values []string, _ bool) (matcher, error) {
	m := &binaries{}
	for _, value := range values {
		b, err := base64.StdEncoding.Strict().DecodeString(value)
		if err != nil || len(value) > maxBinary {
			return nil, fmt.Errorf("%q is not base64 of at most %d characters", value, maxBinary)
		}
		m.want = append(m.want, b)
	}
	return m, nil
}

func (m *binaries) match(value string, _ Context) verdict {
	if len(value) > maxBinary {
		return doubt
	}
	var text, decoded [maxBinary]byte
	n, err := base64.StdEncoding.Decode(decoded[:], text[:copy(text[:], value)])
	if err != nil {
		return doubt
	}
	for _, want := range m.want {
		if bytes.Equal(want, decoded[:n]) {
			return yes
		}
	}
	return no
}
