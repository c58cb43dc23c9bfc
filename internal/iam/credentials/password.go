package credentials

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
)

// The password policy of an account that has set none: at least eight
// characters of at least three of four classes, and neither the account's name
// nor its e-mail address
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html).
const (
	shortestPassword = 8
	wantedClasses    = 3
)

// passwordClasses are the classes of characters, as AWS's refusal names them
// (row iam-175).
var passwordClasses = []struct {
	name string
	has  func(rune) bool
}{
	{"uppercase letter", unicode.IsUpper},
	{"lowercase letter", unicode.IsLower},
	{"number", unicode.IsDigit},
	{"symbol", func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) && !unicode.IsSpace(c) }},
}

// checkPassword returns AWS's PasswordPolicyViolation for a password that the
// account's policy doesn't take. It never shows the password. The longest one
// and the characters are constraints of the model.
func checkPassword(account *iam.Account, password string) error {
	if utf8.RuneCountInString(password) < shortestPassword {
		return iamapi.PasswordPolicyViolationException("Password should have a minimum length of %d", shortestPassword)
	}
	var missing []string
	for _, class := range passwordClasses {
		if !strings.ContainsFunc(password, class.has) {
			missing = append(missing, "Password should have at least one "+class.name)
		}
	}
	if more := wantedClasses - (len(passwordClasses) - len(missing)); more > 0 {
		return iamapi.PasswordPolicyViolationException("%s",
			fmt.Sprintf("Password should meet %d more of the following requirements: %s", more, strings.Join(missing, ", ")))
	}
	if account != nil && (strings.EqualFold(password, account.Email) || strings.EqualFold(password, account.Alias)) {
		return iamapi.PasswordPolicyViolationException("Password should not be the account's name or e-mail address")
	}
	return nil
}
