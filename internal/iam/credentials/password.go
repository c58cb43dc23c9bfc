package credentials

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/credential"
	"sallyport/internal/iam"
	"sallyport/internal/journal"
	"sallyport/internal/operation"
	"sallyport/internal/state"
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
// account's policy doesn't take; rules are nil for an account that has set none.
// It never shows the password. The longest one and the characters are constraints
// of the model.
func checkPassword(account *iam.Account, rules *iam.PasswordPolicy, password string) error {
	shortest := shortestPassword
	if rules != nil {
		shortest = rules.MinimumLength
	}
	if utf8.RuneCountInString(password) < shortest {
		return iamapi.PasswordPolicyViolationException("Password should have a minimum length of %d", shortest)
	}
	if rules != nil {
		return checkRules(rules, password)
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

// symbols are those that count when a policy wants one.
const symbols = "!@#$%^&*()_+-=[]{}|'"

// checkRules holds a password to the classes that a policy wants: letters are
// those from A to Z
// (https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccountPasswordPolicy.html).
func checkRules(rules *iam.PasswordPolicy, password string) error {
	var missing []string
	for _, class := range []struct {
		wanted bool
		name   string
		has    func(rune) bool
	}{
		{rules.RequireUppercase, "uppercase letter", func(c rune) bool { return 'A' <= c && c <= 'Z' }},
		{rules.RequireLowercase, "lowercase letter", func(c rune) bool { return 'a' <= c && c <= 'z' }},
		{rules.RequireNumbers, "number", func(c rune) bool { return '0' <= c && c <= '9' }},
		{rules.RequireSymbols, "symbol", func(c rune) bool { return strings.ContainsRune(symbols, c) }},
	} {
		if class.wanted && !strings.ContainsFunc(password, class.has) {
			missing = append(missing, "Password should have at least one "+class.name)
		}
	}
	if len(missing) > 0 {
		return iamapi.PasswordPolicyViolationException("%s", strings.Join(missing, ", "))
	}
	return nil
}

// keptPasswords is how many earlier passwords are remembered: the most that a
// policy can ask for. They are remembered without one too, for a policy may come.
const keptPasswords = 24

// setPassword seals the hash of a user's new password. It is made behind both
// doors, for before them anybody could have hashes made, and outside the account's
// writer. All of a user's hashes have one salt, so that one hash is enough whatever
// the policy says of earlier passwords.
//
// owner is the key of the login profile, rules the policy that the password is held
// to, nil for none.
func setPassword(c *operation.Call, tx *state.Tx, owner string, rules *iam.PasswordPolicy, password string) error {
	account, _ := iam.Accounts.Get(tx, iam.AccountKey)
	if err := checkPassword(account, rules, password); err != nil {
		return err
	}
	earlier, err := earlierPasswords(tx, owner)
	if err != nil {
		return err
	}
	if len(earlier) == 0 {
		hash, err := operation.Outside(c, "first hash", func() (string, error) { return credential.HashPassword(password) })
		if err == nil {
			tx.PutSecret(iam.LoginSecret(owner), []byte(hash))
		}
		return err
	}
	hash, err := hashAlike(c, earlier[0], password)
	if err != nil {
		return err
	}
	if rules != nil {
		for _, old := range earlier[:min(len(earlier), rules.ReusePrevention)] {
			if credential.SameHash(old, hash) {
				return iamapi.PasswordPolicyViolationException("Password should not be one of the last %d passwords", rules.ReusePrevention)
			}
		}
	}
	tx.PutSecret(iam.LoginSecret(owner), []byte(hash))
	tx.PutSecret(iam.EarlierLoginSecret(owner), []byte(strings.Join(earlier[:min(len(earlier), keptPasswords)], "\n")))
	return nil
}

// alike is what a hash with an earlier one's salt depends on.
type alike struct{ earlier, password string }

func hashAlike(c *operation.Call, earlier, password string) (string, error) {
	return operation.Outside(c, alike{earlier, password}, func() (string, error) {
		return credential.HashPasswordAlike(earlier, password)
	})
}

// earlierPasswords are the hashes of an owner's password and of those before it, the
// last first.
func earlierPasswords(tx *state.Tx, owner string) ([]string, error) {
	var all []string
	for _, id := range []string{iam.LoginSecret(owner), iam.EarlierLoginSecret(owner)} {
		text, err := tx.Secret(id)
		if errors.Is(err, journal.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		all = append(all, strings.Split(string(text), "\n")...)
	}
	return all, nil
}
