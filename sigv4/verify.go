package sigv4

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"mime"
	"strings"
	"time"
)

// maxSkew is how far the clock of a signer may be off, and how long a signature
// in the header can be used (AWS: 15 minutes).
const maxSkew = 15 * time.Minute

// Rules are what a service asks of a signature.
type Rules struct {
	// Service is the signing name the scope must have, such as "iam"; it must be
	// the service the request is dispatched to.
	Service string
	// Region, if set, is the only one the scope may name.
	Region string
	// Payloads are the payload modes taken besides PayloadLiteral. None for
	// services of the Query and JSON protocols.
	Payloads Payload
	// Variant is Standard but for S3.
	Variant Variant
	// PresignedLifetime, if set, is how long a presigned request holds, whatever
	// its X-Amz-Expires says. AWS STS holds them for 15 minutes, which tokens of
	// Kubernetes clusters rely on: they say 60 s and are used for 14 minutes.
	PresignedLifetime time.Duration
}

// Check finds what needs no key: the time of signing against now, headers left
// unsigned, the credential scope and the payload mode. Errors are *Error, in
// AWS's order. A request that passes is not authenticated.
func (p *Parsed) Check(now time.Time, rules Rules) error {
	if err := p.checkTime(now.UTC().Truncate(time.Second), rules); err != nil {
		return err
	}
	if err := p.checkSigned(); err != nil {
		return err
	}
	if err := p.checkScope(rules); err != nil {
		return err
	}
	if mode, value := p.payload(rules); mode&(rules.Payloads|PayloadLiteral) == 0 {
		return incomplete("Payload mode '" + value + "' is not supported by this service.")
	}
	return nil
}

// payload returns the mode and the value that was signed, which is empty when
// it is the hash of whatever body there is.
func (p *Parsed) payload(rules Rules) (Payload, string) {
	if p.PayloadHash == "" && p.Presigned && rules.Variant == S3 {
		return PayloadUnsigned, UnsignedPayload
	}
	return p.Payload, p.PayloadHash
}

func (p *Parsed) checkTime(now time.Time, rules Rules) error {
	if p.Time.After(now.Add(maxSkew)) {
		return tooNew(p.Time, now)
	}
	if !p.Presigned {
		if p.Time.Before(now.Add(-maxSkew)) {
			return tooOld(p.Time, now)
		}
		return nil
	}
	lifetime := p.Expires
	if rules.PresignedLifetime > 0 {
		lifetime = rules.PresignedLifetime
	} else if lifetime == 0 {
		lifetime = maxSkew
	}
	if now.After(p.Time.Add(lifetime)) {
		return errExpired
	}
	return nil
}

// checkSigned refuses headers that decide something and are not signed.
func (p *Parsed) checkSigned() error {
	if !p.signed("host") {
		return notSigned("Host' or ':authority")
	}
	for name := range p.req.Header {
		if strings.HasPrefix(name, "X-Amz-") && !p.signed(name) {
			return notSigned(strings.ToLower(name))
		}
	}
	return nil
}

// signed looks a header name up, whatever its case.
func (p *Parsed) signed(name string) bool {
	for _, s := range p.SignedHeaders {
		if len(s) == len(name) && strings.EqualFold(s, name) {
			return true
		}
	}
	return false
}

func (p *Parsed) checkScope(rules Rules) error {
	message := ""
	if rules.Region != "" && p.Scope.Region != rules.Region {
		message += "Credential should be scoped to a valid region, not '" + quoted(p.Scope.Region) + "'. "
	}
	if rules.Service == "" || p.Scope.Service != rules.Service {
		message += "Credential should be scoped to correct service: '" + rules.Service + "'. "
	}
	if p.terminator != terminator {
		message += "Credential should be scoped with a valid terminator: '" + terminator + "', not '" + quoted(p.terminator) + "'. "
	}
	var day [len(dateFormat)]byte
	if string(p.Time.AppendFormat(day[:0], dateFormat)) != p.Scope.Date {
		message += "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '" +
			quoted(p.Scope.Date) + "' != '" + p.Time.Format(dateFormat) + "', from '" + p.Time.Format(timeFormat) + "'. "
	}
	if message != "" {
		return doesNotMatch(strings.TrimSuffix(message, " "))
	}
	return nil
}

// Verify repeats Check and compares the signature, in constant time, with the
// one key gives for the request that was parsed. bodySHA256 is the lower-case
// hex SHA-256 of the body actually received (HashBody); it is not used in
// payload modes that sign no literal hash, where for streaming modes the caller
// still has each chunk to verify.
func (p *Parsed) Verify(bodySHA256 string, key *SigningKey, now time.Time, rules Rules) error {
	if err := p.Check(now, rules); err != nil {
		return err
	}
	mode, payload := p.payload(rules)
	if mode == PayloadLiteral {
		if !isHash(bodySHA256) {
			return errMismatch
		}
		if payload != "" && subtle.ConstantTimeCompare([]byte(payload), []byte(bodySHA256)) != 1 {
			return errMismatch
		}
		payload = bodySHA256
		if err := p.checkContentType(bodySHA256); err != nil {
			return err
		}
	}
	s := scratchPool.Get().(*scratch)
	defer s.release()
	if err := s.canonicalRequest(&p.req, rules.Variant, p.SignedHeaders, p.signedList, payload); err != nil {
		return err
	}
	want := s.signature(key, p.Time, p.Scope)
	if len(p.signature) != len(want) || subtle.ConstantTimeCompare([]byte(p.signature), want[:]) != 1 {
		return errMismatch
	}
	return nil
}

// checkContentType refuses a signed body whose type could be changed on the way.
func (p *Parsed) checkContentType(bodySHA256 string) error {
	value, ok := p.req.only("Content-Type")
	if !ok || p.signed("content-type") || bodySHA256 == EmptyBodySHA256 {
		return nil
	}
	if mediaType, _, err := mime.ParseMediaType(value); err != nil || mediaType != "application/x-www-form-urlencoded" {
		return notSigned("Content-Type")
	}
	return nil
}

// signature computes the hex signature of the canonical request in s.out (IAM
// User Guide, "Create a string to sign" and "Calculate the signature").
func (s *scratch) signature(key *SigningKey, t time.Time, scope Scope) hexSum {
	sum := sha256.Sum256(s.out)
	s.pairs = appendSignedLines(s.pairs[:0], Algorithm, t, scope)
	s.pairs = hex.AppendEncode(s.pairs, sum[:])
	return key.sign(s.pairs)
}

// hexSum is a SHA-256 or HMAC-SHA-256 in lower-case hex.
type hexSum [2 * sha256.Size]byte

// appendSignedLines appends the lines all strings to sign begin with.
func appendSignedLines(b []byte, algorithm string, t time.Time, scope Scope) []byte {
	b = append(append(b, algorithm...), '\n')
	b = append(t.AppendFormat(b, timeFormat), '\n')
	b = append(append(b, scope.Date...), '/')
	b = append(append(b, scope.Region...), '/')
	b = append(append(b, scope.Service...), '/')
	return append(append(b, terminator...), '\n')
}

func (k *SigningKey) sign(stringToSign []byte) (out hexSum) {
	h := hmac.New(sha256.New, k[:])
	h.Write(stringToSign)
	var sum [sha256.Size]byte
	hex.Encode(out[:], h.Sum(sum[:0]))
	return out
}
