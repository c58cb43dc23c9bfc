package sts

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"sallyport/internal/seal"
)

const ofAccount, stranger = "111122223333", "444455556666"

var at = time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)

func sealer(t testing.TB, keys ...seal.Key) *seal.Sealer {
	t.Helper()
	s, err := seal.New(keys...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func encode(t testing.TB, m *Messages, message string) string {
	t.Helper()
	encoded, err := m.Encode(ofAccount, at, []byte(message))
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}

// TestMessageRoundTrip: any message up to the limit, in no more characters than
// a header takes.
func TestMessageRoundTrip(t *testing.T) {
	m := NewMessages(sealer(t, seal.GenerateKey()))
	longest := `"` + strings.Repeat("x", MaxMessage-2) + `"`
	for _, message := range []string{`{}`, `{"allowed":false}`, longest} {
		encoded := encode(t, m, message)
		if got, err := m.Decode(ofAccount, encoded); got != message || err != nil {
			t.Errorf("%.40s: %.40s, %v", message, got, err)
		}
		if len(encoded) > maxEncodedMessage || strings.Trim(encoded, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			t.Errorf("%d characters: %.40s", len(encoded), encoded)
		}
	}
	if _, err := m.Encode(ofAccount, at, []byte(longest+" ")); err == nil {
		t.Error("a message beyond the limit was sealed")
	}
}

// TestAttackForgedMessage: a message opens for its account, unaltered, and for
// nothing else that this server has sealed.
func TestAttackForgedMessage(t *testing.T) {
	s := sealer(t, seal.GenerateKey())
	m := NewMessages(s)
	encoded := encode(t, m, `{"allowed":false}`)
	raw, err := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil {
		t.Fatal(err)
	}
	forged := map[string]string{
		"empty": "", "not base64": "!", "garbage": "b94d27b9934", "padded": encoded + "=", "cut": encoded[:len(encoded)-4],
		"too long": strings.Repeat("A", maxEncodedMessage+1), "standard base64": base64.StdEncoding.EncodeToString(raw),
	}
	for i := range raw {
		changed := append([]byte(nil), raw...)
		changed[i] ^= 1
		forged["byte "+string(rune('0'+i))] = base64.RawURLEncoding.EncodeToString(changed)
	}
	token, err := s.Seal(tokenPurpose, []byte(ofAccount), []byte(`{"account":"111122223333","time":"2026-01-02T03:04:05Z","message":{}}`))
	if err != nil {
		t.Fatal(err)
	}
	forged["sealed for another purpose"] = base64.RawURLEncoding.EncodeToString(token)
	other, err := s.Seal(messagePurpose, []byte(ofAccount), []byte(`{"account":"444455556666","time":"2026-01-02T03:04:05Z","message":{}}`))
	if err != nil {
		t.Fatal(err)
	}
	forged["says another account"] = base64.RawURLEncoding.EncodeToString(other)
	for name, encoded := range forged {
		if message, err := m.Decode(ofAccount, encoded); !errors.Is(err, ErrMessage) || message != "" {
			t.Errorf("%s: %q, %v", name, message, err)
		}
	}
	if _, err := m.Decode(stranger, encoded); !errors.Is(err, ErrMessage) {
		t.Errorf("for another account: %v", err)
	}
}

// TestMessageAfterRotation: a message sealed by the old key opens as long as the
// key is kept, and no longer.
func TestMessageAfterRotation(t *testing.T) {
	before, after := seal.GenerateKey(), seal.GenerateKey()
	encoded := encode(t, NewMessages(sealer(t, before)), `{}`)
	if got, err := NewMessages(sealer(t, after, before)).Decode(ofAccount, encoded); got != `{}` || err != nil {
		t.Errorf("kept: %q, %v", got, err)
	}
	if _, err := NewMessages(sealer(t, after)).Decode(ofAccount, encoded); !errors.Is(err, ErrMessage) {
		t.Errorf("dropped: %v", err)
	}
}

func FuzzDecodeMessage(f *testing.F) {
	m := NewMessages(sealer(f, seal.GenerateKey()))
	f.Add("b94d27b9934")
	f.Add("AQ" + strings.Repeat("A", 100))
	f.Fuzz(func(t *testing.T, encoded string) {
		if message, err := m.Decode(ofAccount, encoded); err == nil {
			t.Errorf("%q opened: %s", encoded, message)
		}
	})
}
