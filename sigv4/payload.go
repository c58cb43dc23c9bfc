package sigv4

import (
	"crypto/sha256"
	"encoding/hex"
)

// Payload says what a signature covers of the body (Amazon S3 API Reference,
// "Signature calculations: transferring payload"). The values are bits, so that
// Rules can name the ones a service takes.
type Payload uint8

const (
	// PayloadLiteral: the hash of the body is part of the signature. It is
	// always allowed.
	PayloadLiteral Payload = 1 << iota
	// PayloadUnsigned (UNSIGNED-PAYLOAD): the signature says nothing of the body.
	PayloadUnsigned
	// PayloadStreaming (STREAMING-AWS4-HMAC-SHA256-PAYLOAD): each chunk is signed.
	PayloadStreaming
	// PayloadStreamingTrailer: each chunk and the trailing headers are signed.
	PayloadStreamingTrailer
	// PayloadUnsignedTrailer (STREAMING-UNSIGNED-PAYLOAD-TRAILER): chunks and
	// trailing headers are unsigned.
	PayloadUnsignedTrailer
	// PayloadEvents (STREAMING-AWS4-HMAC-SHA256-EVENTS): each event of an event
	// stream is signed.
	PayloadEvents
)

// Values of x-amz-content-sha256 that are not a hash.
const (
	UnsignedPayload         = "UNSIGNED-PAYLOAD"
	StreamingPayload        = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
	StreamingPayloadTrailer = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
	StreamingUnsigned       = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
	StreamingEvents         = "STREAMING-AWS4-HMAC-SHA256-EVENTS"
)

// EmptyBodySHA256 is HashBody of no bytes.
const EmptyBodySHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

// HashBody returns the lower-case hex SHA-256 of body, as Verify takes it.
func HashBody(body []byte) string {
	if len(body) == 0 {
		return EmptyBodySHA256
	}
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

// parsePayload reads x-amz-content-sha256.
func parsePayload(value string) (Payload, error) {
	switch value {
	case UnsignedPayload:
		return PayloadUnsigned, nil
	case StreamingPayload:
		return PayloadStreaming, nil
	case StreamingPayloadTrailer:
		return PayloadStreamingTrailer, nil
	case StreamingUnsigned:
		return PayloadUnsignedTrailer, nil
	case StreamingEvents:
		return PayloadEvents, nil
	}
	if !isHash(value) {
		return 0, incomplete("The value of 'x-amz-content-sha256' is neither a SHA-256 in lower-case hex nor a known payload mode.")
	}
	return PayloadLiteral, nil
}

// isHash tells whether s is a SHA-256 in lower-case hex.
func isHash(s string) bool {
	if len(s) != 2*sha256.Size {
		return false
	}
	for i := 0; i < len(s); i++ {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}
