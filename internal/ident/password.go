package ident

// Symbols of a password: the kinds an account password policy can ask for
// ("Setting an account password policy", IAM User Guide), without characters
// that are easily taken for one another or that a shell or form would mangle.
const (
	lowerDigits  = "abcdefghijkmnpqrstuvwxyz"
	upperDigits  = "ABCDEFGHJKLMNPQRSTUVWXYZ"
	numberDigits = "23456789"
	symbolDigits = "@#%^*_+-="

	// MinPassword is the shortest password made, whatever is asked for.
	MinPassword = 12
	// maxPassword is the longest password AWS accepts.
	maxPassword = 128
)

// Password returns a random password of n characters (12 to 128)
// that a person can read and type, holding every kind of character a password
// policy can require.
func (s *Source) Password(n int) string {
	n = min(max(n, MinPassword), maxPassword)
	password := []byte(s.digits(lowerDigits, 1) + s.digits(upperDigits, 1) +
		s.digits(numberDigits, 1) + s.digits(symbolDigits, 1) +
		s.digits(lowerDigits+upperDigits+numberDigits+symbolDigits, n-4))
	for i := len(password) - 1; i > 0; i-- {
		j := s.below(i + 1)
		password[i], password[j] = password[j], password[i]
	}
	return string(password)
}
