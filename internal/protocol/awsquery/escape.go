package awsquery

import "unicode/utf8"

// appendText appends s as XML character data. Apostrophes and quotes stay
// as they are, as in AWS's replies. What XML 1.0 cannot hold even escaped
// (section 2.2: most control characters, U+FFFE and U+FFFF, bytes that are
// not UTF-8) becomes U+FFFD, so that a stored name can never break or extend
// the document. A carriage return is escaped because parsers would turn it
// into a line feed.
func appendText(dst []byte, s string) []byte {
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if esc := asciiEscape[c]; esc != "" {
				dst = append(dst, s[start:i]...)
				dst = append(dst, esc...)
				start = i + 1
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if (r == utf8.RuneError && size == 1) || r == 0xFFFE || r == 0xFFFF {
			dst = append(dst, s[start:i]...)
			dst = append(dst, "\uFFFD"...)
			start = i + size
		}
		i += size
	}
	return append(dst, s[start:]...)
}

// asciiEscape holds the replacement of the ASCII characters that need one.
var asciiEscape = func() (table [utf8.RuneSelf]string) {
	for c := range 0x20 {
		table[c] = "\uFFFD"
	}
	table['\t'], table['\n'], table['\r'] = "", "", "&#xD;"
	table['&'], table['<'], table['>'] = "&amp;", "&lt;", "&gt;"
	return table
}()

// EncodeDocument percent-encodes a policy document the way IAM returns it in
// GetRole, GetPolicyVersion and their like: everything outside the unreserved
// characters of RFC 3986 section 2.3.
func EncodeDocument(doc string) string {
	const hex = "0123456789ABCDEF"
	escaped := 0
	for i := range len(doc) {
		if !unreserved(doc[i]) {
			escaped++
		}
	}
	if escaped == 0 {
		return doc
	}
	b := make([]byte, 0, len(doc)+2*escaped)
	for i := range len(doc) {
		if c := doc[i]; unreserved(c) {
			b = append(b, c)
		} else {
			b = append(b, '%', hex[c>>4], hex[c&15])
		}
	}
	return string(b)
}

func unreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
		c == '-' || c == '.' || c == '_' || c == '~'
}
