package sigv4

import (
	"net/url"
	"strings"
)

// Query parameters of a presigned request.
const (
	paramAlgorithm     = "X-Amz-Algorithm"
	paramCredential    = "X-Amz-Credential"
	paramDate          = "X-Amz-Date"
	paramExpires       = "X-Amz-Expires"
	paramSignedHeaders = "X-Amz-SignedHeaders"
	paramSignature     = "X-Amz-Signature"
	paramToken         = "X-Amz-Security-Token"
	paramPayload       = "X-Amz-Content-Sha256"
)

var params = [...]string{
	paramAlgorithm, paramCredential, paramDate, paramExpires,
	paramSignedHeaders, paramSignature, paramToken, paramPayload,
}

// maxExpires is the longest life of a presigned request, in seconds.
const maxExpires = 7 * 24 * 60 * 60

// authQuery holds the authentication parameters of a query, decoded.
type authQuery struct {
	values [len(params)]string
	seen   [len(params)]bool
}

// scan finds the authentication parameters in raw, once each and in their own
// spelling; other parameters are not looked at.
func (q *authQuery) scan(raw string) error {
	for count, rest := 0, raw; rest != ""; count++ {
		if count == maxQueryParams {
			return malformedQuery("Too many query parameters.")
		}
		var part string
		part, rest, _ = strings.Cut(rest, "&")
		name, value, _ := strings.Cut(part, "=")
		if strings.ContainsAny(name, "%+") {
			decoded, err := url.QueryUnescape(name)
			if err != nil {
				return malformedQuery("Illegal escape % pattern in the query string.")
			}
			name = decoded
		}
		i := paramIndex(name)
		if i < 0 {
			continue
		}
		if q.seen[i] || name != params[i] {
			return incomplete("Query-string parameter '" + params[i] + "' must be given once and spelled so.")
		}
		decoded, err := url.QueryUnescape(value)
		if err != nil {
			return malformedQuery("Illegal escape % pattern in the query string.")
		}
		q.values[i], q.seen[i] = decoded, true
	}
	return nil
}

func paramIndex(name string) int {
	if len(name) < len("X-Amz-Date") || !strings.EqualFold(name[:6], "X-Amz-") {
		return -1
	}
	for i, known := range params {
		if strings.EqualFold(name, known) {
			return i
		}
	}
	return -1
}

func (q *authQuery) any() bool { return q.first() != "" }

func (q *authQuery) first() string {
	for i, seen := range q.seen {
		if seen {
			return params[i]
		}
	}
	return ""
}

func (q *authQuery) has(name string) bool     { return q.seen[paramIndex(name)] }
func (q *authQuery) value(name string) string { return q.values[paramIndex(name)] }
