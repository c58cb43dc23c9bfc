package sigv4

import (
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"
	"time"
)

// Algorithms of the strings to sign of chunks and of trailing headers.
const (
	algorithmChunk   = "AWS4-HMAC-SHA256-PAYLOAD"
	algorithmTrailer = "AWS4-HMAC-SHA256-TRAILER"
)

// Chunks verifies the chain of signatures of a body sent in signed chunks
// (PayloadStreaming, PayloadStreamingTrailer): each signature covers the one
// before it, the first the one of the request. Amazon S3 API Reference,
// "Signature calculations: transferring payload in multiple chunks". It does
// not read the body: the caller splits the chunks and bounds their size, and
// must see the final, empty chunk, and the trailer where the mode has one,
// before it acts on the body. Not safe for concurrent use.
type Chunks struct {
	key      SigningKey
	time     time.Time
	scope    Scope
	previous hexSum
	buf      []byte
	broken   bool
}

// Format masks the key and the signatures whatever the verb.
func (Chunks) Format(f fmt.State, _ rune) { io.WriteString(f, masked) }

// LogValue masks them in structured logs.
func (Chunks) LogValue() slog.Value { return slog.StringValue(masked) }

// Chunks starts the chain of a request that Verify has accepted with key. It
// returns SignatureDoesNotMatch if the payload mode has no signed chunks.
func (p *Parsed) Chunks(key *SigningKey) (*Chunks, error) {
	if p.Payload&(PayloadStreaming|PayloadStreamingTrailer) == 0 || !isHash(p.signature) {
		return nil, errMismatch
	}
	c := &Chunks{key: *key, time: p.Time, scope: p.Scope}
	copy(c.previous[:], p.signature)
	return c, nil
}

// Verify checks the signature of the next chunk, whose data has the lower-case
// hex hash dataSHA256. After a failure every later call fails.
func (c *Chunks) Verify(dataSHA256, signature string) error {
	return c.verify(algorithmChunk, EmptyBodySHA256+"\n"+dataSHA256, dataSHA256, signature)
}

// VerifyTrailer checks the x-amz-trailer-signature of the trailing headers,
// whose canonical form ("name:value\n" each, lower-case names, sorted) has the
// hash trailerSHA256.
func (c *Chunks) VerifyTrailer(trailerSHA256, signature string) error {
	return c.verify(algorithmTrailer, trailerSHA256, trailerSHA256, signature)
}

func (c *Chunks) verify(algorithm, last, hash, signature string) error {
	if c.broken || !isHash(hash) {
		c.broken = true
		return errMismatch
	}
	want := c.next(algorithm, last)
	if subtle.ConstantTimeCompare([]byte(signature), want[:]) != 1 {
		c.broken = true
		return errMismatch
	}
	c.previous = want
	return nil
}

func (c *Chunks) next(algorithm, last string) hexSum {
	c.buf = appendSignedLines(c.buf[:0], algorithm, c.time, c.scope)
	c.buf = append(append(c.buf, c.previous[:]...), '\n')
	c.buf = append(c.buf, last...)
	return c.key.sign(c.buf)
}

// Sign returns the signature of the next chunk, for the side that sends it.
func (c *Chunks) Sign(dataSHA256 string) string {
	c.previous = c.next(algorithmChunk, EmptyBodySHA256+"\n"+dataSHA256)
	return string(c.previous[:])
}

// SignTrailer returns the signature of the trailing headers.
func (c *Chunks) SignTrailer(trailerSHA256 string) string {
	c.previous = c.next(algorithmTrailer, trailerSHA256)
	return string(c.previous[:])
}
