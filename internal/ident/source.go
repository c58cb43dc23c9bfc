package ident

import (
	"crypto/rand"
	"fmt"
	"io"
	"sync"
)

// bufferSize trades memory holding future randomness against reads: one read
// serves 64 request ids.
const bufferSize = 1024

// Source makes identifiers and secrets. It is safe for concurrent use.
type Source struct {
	r io.Reader

	mu     sync.Mutex
	buffer [bufferSize]byte
	used   int
}

// New returns a source that reads its randomness from r, or from crypto/rand
// when r is nil. A reader that fails makes the source panic: there is no way to
// go on without randomness.
func New(r io.Reader) *Source {
	if r == nil {
		r = rand.Reader
	}
	return &Source{r: r, used: bufferSize}
}

// read fills p. Bytes are wiped from the buffer as they are handed out, so that
// a look at memory shows no secret of the past.
func (s *Source) read(p []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(p) > 0 {
		if s.used == bufferSize {
			if _, err := io.ReadFull(s.r, s.buffer[:]); err != nil {
				panic(fmt.Sprintf("ident: no randomness: %v", err))
			}
			s.used = 0
		}
		n := copy(p, s.buffer[s.used:])
		clear(s.buffer[s.used : s.used+n])
		s.used += n
		p = p[n:]
	}
}

// digits returns n symbols of an alphabet, each equally likely. Bytes past the
// largest multiple of the alphabet's length are dropped, or the first symbols
// would be likelier.
func (s *Source) digits(alphabet string, n int) string {
	out := make([]byte, 0, n)
	fair := 256 - 256%len(alphabet)
	var random [64]byte
	defer clear(random[:])
	for len(out) < n {
		chunk := random[:min(len(random), n-len(out))]
		s.read(chunk)
		for _, b := range chunk {
			if int(b) < fair {
				out = append(out, alphabet[int(b)%len(alphabet)])
			}
		}
	}
	return string(out)
}

// below returns a number from 0 to n-1 (n ≤ 256), each equally likely.
func (s *Source) below(n int) int {
	fair := 256 - 256%n
	for {
		var random [1]byte
		s.read(random[:])
		if int(random[0]) < fair {
			return int(random[0]) % n
		}
	}
}
