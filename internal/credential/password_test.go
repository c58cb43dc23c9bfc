package credential

import (
	"strings"
	"testing"
)

func TestPassword(t *testing.T) {
	const password = "correct horse battery staple"
	hash, err := HashPassword(password)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(hash, password) {
		t.Fatal("the hash shows the password")
	}
	for _, c := range []struct {
		password string
		want     bool
	}{{password, true}, {password + " ", false}, {"", false}, {strings.ToUpper(password), false}} {
		got, err := VerifyPassword(hash, c.password)
		if err != nil || got != c.want {
			t.Errorf("VerifyPassword(%q) = %v, %v; want %v", c.password, got, err, c.want)
		}
	}
	again, err := HashPassword(password)
	if err != nil || again == hash {
		t.Errorf("two hashes of one password are equal, or failed: %v", err)
	}
}

func TestPasswordLimits(t *testing.T) {
	if _, err := HashPassword(strings.Repeat("x", maxPassword+1)); err != ErrTooLong {
		t.Errorf("hashing too long a password: %v, want ErrTooLong", err)
	}
	for _, hash := range []string{
		"", "plain", "$argon2i$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA",
		"$argon2id$v=16$m=64,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA",
		"$argon2id$v=19$m=4294967295,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA",
		"$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$",
	} {
		if ok, err := VerifyPassword(hash, "x"); ok || err == nil {
			t.Errorf("VerifyPassword(%q) = %v, %v; want an error", hash, ok, err)
		}
	}
}
