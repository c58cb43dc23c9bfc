package providers

import (
	"strings"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
)

const scheme = "https://"

// issuerURL is a provider's URL as its ARN has it: without "https://" and the
// port that it stands for, else as it came, case and final slash included. A URL
// with another port, user information, a query or a fragment is none of an issuer
// (OpenID Connect Discovery 1.0, section 3; row iam-208). AWS's answer to one is
// the word "Unknown".
func issuerURL(raw string) (string, error) {
	rest, secure := strings.CutPrefix(raw, scheme)
	switch {
	case !secure && !strings.Contains(raw, "://"):
		return "", iam.ValidationError("Invalid Open ID Connect Provider URL")
	case !secure:
		return "", iamapi.InvalidInputException("Invalid Open ID Connect Provider URL. The URL must begin with https://.")
	}
	end := strings.IndexByte(rest, '/')
	if end < 0 {
		end = len(rest)
	}
	host, path := strings.TrimSuffix(rest[:end], ":443"), rest[end:]
	if !hostName(host) || !urlPath(path) {
		return "", iamapi.InvalidInputException("Unknown")
	}
	return host + path, nil
}

// hostName reports whether s is a host name or an IPv4 address (RFC 1123,
// section 2.1), of any case.
func hostName(s string) bool {
	for _, label := range strings.Split(s, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for i := range len(label) {
			if !alphanumeric(label[i]) && label[i] != '-' && label[i] != '_' {
				return false
			}
		}
	}
	return true
}

// urlPath reports whether s is the path of a URL (RFC 3986, section 3.3) without
// "*", which would be a wildcard in policies.
func urlPath(s string) bool {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case alphanumeric(c) || strings.IndexByte("/-._~!$&'()+,;=:@", c) >= 0:
		case c == '%' && i+2 < len(s) && hexDigit(s[i+1]) && hexDigit(s[i+2]):
			i += 2
		default:
			return false
		}
	}
	return true
}

func alphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}

func hexDigit(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'F' || c >= 'a' && c <= 'f'
}
