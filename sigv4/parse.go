package sigv4

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"
)

const (
	headerAuthorization = "Authorization"
	headerDate          = "X-Amz-Date"
	headerToken         = "X-Amz-Security-Token"
	headerPayload       = "X-Amz-Content-Sha256"
)

// Parsed is what a request says about its signature. Nothing of it is true
// until Verify has returned nil.
type Parsed struct {
	AccessKeyID   string
	Scope         Scope
	SignedHeaders []string      // lower case, sorted
	Time          time.Time     // UTC, whole seconds; the time in the string to sign
	SessionToken  Secret        // empty for long-term credentials
	Presigned     bool          // the signature is in the query
	Expires       time.Duration // presigned only; zero when the request names none
	Payload       Payload
	PayloadHash   string // x-amz-content-sha256 as sent; empty if absent
	Path          string // the normalised path, still escaped: what Standard signs

	req        Request
	algorithm  string
	credential string
	terminator string
	signature  string
	signedList string // SignedHeaders as sent
	names      [8]string
}

// Format prints the identity claimed and nothing that must stay secret.
func (p Parsed) Format(f fmt.State, _ rune) { io.WriteString(f, p.describe()) }

// LogValue logs what Format prints.
func (p Parsed) LogValue() slog.Value { return slog.StringValue(p.describe()) }

// MarshalText gives what Format prints.
func (p Parsed) MarshalText() ([]byte, error) { return []byte(p.describe()), nil }

func (p *Parsed) describe() string {
	return "sigv4(" + quoted(p.AccessKeyID) + " " + quoted(p.Scope.String()) + ")"
}

// Parse reads the signature of r, whose fields it copies. Every error is an
// *Error: MissingAuthenticationToken when r is not signed at all,
// IncompleteSignature when parts are missing or malformed, SignatureDoesNotMatch
// when r carries two signatures.
func Parse(r *Request) (*Parsed, error) {
	if err := r.checkShape(); err != nil {
		return nil, err
	}
	var q authQuery
	if err := q.scan(r.RawQuery); err != nil {
		return nil, err
	}
	p := &Parsed{req: *r, Path: normalizePath(r.Path)}
	authorization, signedByHeader := r.only(headerAuthorization)
	var err error
	switch {
	case signedByHeader && q.any():
		return nil, doesNotMatch("Found both '" + q.first() + "' as a query-string param and 'Authorization' as HTTP header.")
	case authorization != "":
		err = p.parseHeader(authorization)
	case q.has(paramAlgorithm) || q.has(paramSignature) || q.has(paramCredential):
		err = p.parseQuery(&q)
	default:
		return nil, errMissingToken
	}
	if err == nil {
		err = p.finish()
	}
	if err != nil {
		return nil, err
	}
	return p, nil
}

// parseHeader reads "AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…".
func (p *Parsed) parseHeader(authorization string) error {
	if len(authorization) > maxAuthorization {
		return incomplete("The Authorization header is too long.")
	}
	separator := func(c byte) bool { return c == ' ' || c == ',' || c == '\t' }
	for rest := authorization; ; {
		for rest != "" && separator(rest[0]) {
			rest = rest[1:]
		}
		if rest == "" {
			break
		}
		end := 0
		for end < len(rest) && !separator(rest[end]) {
			end++
		}
		token := rest[:end]
		rest = rest[end:]
		if p.algorithm == "" {
			p.algorithm = token
			continue
		}
		name, value, found := strings.Cut(token, "=")
		if !found {
			return incomplete("Invalid key=value pair (missing equal-sign) in Authorization header " +
				"(hashed with SHA-256 and encoded with Base64): '" + digest(authorization) + "'.")
		}
		if !p.set(name, value) {
			return incomplete("Authorization header must not repeat its parameters.")
		}
	}
	date, dated := p.req.only(headerDate)
	if !dated {
		date, dated = p.req.only("Date")
	}
	if missing := p.missingInHeader(dated); missing != "" {
		return incomplete(missing + "(Hashed with SHA-256 and encoded with Base64) Authorization=" + digest(authorization))
	}
	if err := p.setTime(date, !p.has(headerDate)); err != nil {
		return err
	}
	token, _ := p.req.only(headerToken)
	p.SessionToken = Secret(token)
	p.PayloadHash, _ = p.req.only(headerPayload)
	return nil
}

// set keeps one parameter of the Authorization header. Unknown ones mean
// nothing to AWS or to us.
func (p *Parsed) set(name, value string) bool {
	var field *string
	switch name {
	case "Credential":
		field = &p.credential
	case "SignedHeaders":
		field = &p.signedList
	case "Signature":
		field = &p.signature
	default:
		return true
	}
	if *field != "" {
		return false
	}
	*field = value
	return true
}

func (p *Parsed) has(header string) bool { return len(p.req.Header[header]) > 0 }

func (p *Parsed) missingInHeader(dated bool) (message string) {
	if p.credential == "" {
		message += "Authorization header requires 'Credential' parameter. "
	}
	if p.signature == "" {
		message += "Authorization header requires 'Signature' parameter. "
	}
	if p.signedList == "" {
		message += "Authorization header requires 'SignedHeaders' parameter. "
	}
	if !dated {
		message += "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. "
	}
	return message
}

// parseQuery reads the parameters of a presigned request.
func (p *Parsed) parseQuery(q *authQuery) error {
	p.Presigned = true
	missing := ""
	for _, name := range []string{paramAlgorithm, paramCredential, paramSignature, paramSignedHeaders, paramDate} {
		if q.value(name) == "" {
			missing += "AWS query-string parameters must include '" + name + "'. "
		}
	}
	if missing != "" {
		return incomplete(missing + "Re-examine the query-string parameters.")
	}
	// A date, token or payload hash in a header too would be a second truth.
	for _, name := range []string{headerDate, headerToken, headerPayload} {
		if p.has(name) && q.has(name) {
			return doesNotMatch("Found '" + name + "' both as a query-string param and as HTTP header.")
		}
	}
	p.algorithm, p.credential = q.value(paramAlgorithm), q.value(paramCredential)
	p.signature, p.signedList = q.value(paramSignature), q.value(paramSignedHeaders)
	p.SessionToken, p.PayloadHash = Secret(q.value(paramToken)), q.value(paramPayload)
	if token, ok := p.req.only(headerToken); ok {
		p.SessionToken = Secret(token)
	}
	if hash, ok := p.req.only(headerPayload); ok {
		p.PayloadHash = hash
	}
	if err := p.setTime(q.value(paramDate), false); err != nil {
		return err
	}
	if !q.has(paramExpires) {
		return nil
	}
	var err error
	p.Expires, err = parseExpires(q.value(paramExpires))
	return err
}

// finish reads the parts that header and query have in common.
func (p *Parsed) finish() error {
	if len(p.SessionToken) > maxSessionToken {
		return incomplete("The security token is too long.")
	}
	p.Payload = PayloadLiteral
	if p.PayloadHash != "" {
		var err error
		if p.Payload, err = parsePayload(p.PayloadHash); err != nil {
			return err
		}
	}
	if err := p.splitSignedHeaders(); err != nil {
		return err
	}
	if p.algorithm != Algorithm {
		return badAlgorithm(p.algorithm)
	}
	return p.splitCredential()
}

func (p *Parsed) splitSignedHeaders() error {
	if strings.Count(p.signedList, ";") >= maxSignedHeaders {
		return incomplete("Too many signed headers.")
	}
	p.SignedHeaders = p.names[:0]
	last := ""
	for name := range strings.SplitSeq(p.signedList, ";") {
		if name <= last || len(name) > maxHeaderName || !isToken(name) || strings.ContainsFunc(name, isUpper) {
			return incomplete("'SignedHeaders' must be header names in lower case, sorted, each named once.")
		}
		last = name
		p.SignedHeaders = append(p.SignedHeaders, name)
	}
	return nil
}

func isUpper(c rune) bool { return 'A' <= c && c <= 'Z' }

func (p *Parsed) splitCredential() error {
	var parts [5]string
	n := 0
	for part := range strings.SplitSeq(p.credential, "/") {
		if n == len(parts) || part == "" || hasControl(part) || n > 0 && len(part) > maxScopeElement || len(part) > maxAccessKeyID {
			n = 0
			break
		}
		parts[n] = part
		n++
	}
	if n != len(parts) {
		// A secret pasted where the key id belongs often holds slashes, so the
		// credential itself is not repeated.
		return incomplete("Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, " +
			"got (hashed with SHA-256 and encoded with Base64) '" + digest(p.credential) + "'")
	}
	p.AccessKeyID = parts[0]
	p.Scope = Scope{Date: parts[1], Region: parts[2], Service: parts[3]}
	p.terminator = parts[4]
	return nil
}

const (
	timeFormat = "20060102T150405Z"
	dateFormat = "20060102"
)

// setTime reads the time of signing; a Date header may also hold an HTTP date
// (RFC 9110, section 5.6.7).
func (p *Parsed) setTime(value string, httpDate bool) error {
	t, ok := parseTime(value)
	if !ok && httpDate {
		parsed, err := http.ParseTime(value)
		t, ok = parsed.UTC(), err == nil
	}
	if !ok {
		return badDate(value)
	}
	p.Time = t
	return nil
}

// parseTime reads timeFormat and nothing near it.
func parseTime(s string) (time.Time, bool) {
	if len(s) != len(timeFormat) || s[8] != 'T' || s[15] != 'Z' {
		return time.Time{}, false
	}
	number := func(from, to int) int {
		n := 0
		for _, c := range []byte(s[from:to]) {
			if c < '0' || c > '9' {
				return -1 << 20
			}
			n = n*10 + int(c-'0')
		}
		return n
	}
	year, month, day := number(0, 4), number(4, 6), number(6, 8)
	hour, minute, second := number(9, 11), number(11, 13), number(13, 15)
	if year < 1 || month < 1 || month > 12 || day < 1 || hour < 0 || hour > 23 ||
		minute < 0 || minute > 59 || second < 0 || second > 59 {
		return time.Time{}, false
	}
	t := time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC)
	return t, t.Day() == day // a 31st of a shorter month would have become a 1st
}

// parseExpires reads X-Amz-Expires: whole seconds from 1 to 604800, seven days
// (IAM User Guide, "Authentication methods": query parameters).
func parseExpires(s string) (time.Duration, error) {
	n := 0
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return 0, incomplete("X-Amz-Expires should be a number")
		}
		if n = n*10 + int(c-'0'); n > maxExpires {
			return 0, incomplete("X-Amz-Expires must be less than a week (in seconds); that is, " +
				"the given X-Amz-Expires must be less than 604800 seconds")
		}
	}
	if n == 0 {
		return 0, incomplete("X-Amz-Expires must be a positive number of seconds")
	}
	return time.Duration(n) * time.Second, nil
}
