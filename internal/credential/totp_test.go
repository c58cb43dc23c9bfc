package credential

import (
	"bytes"
	"encoding/base32"
	"image/png"
	"strings"
	"testing"
	"time"
)

// rfcSeed is the seed of RFC 6238, appendix B, for SHA-1.
var rfcSeed = base32.StdEncoding.EncodeToString([]byte("12345678901234567890"))

// The vectors of RFC 6238, appendix B, whose eight digits end with our six.
func TestTOTPVectors(t *testing.T) {
	for at, want := range map[int64]string{
		59: "94287082", 1111111109: "07081804", 1111111111: "14050471",
		1234567890: "89005924", 2000000000: "69279037", 20000000000: "65353130",
	} {
		got, err := TOTPCode(rfcSeed, TOTPStep(time.Unix(at, 0)))
		if err != nil || got != want[2:] {
			t.Errorf("at %d: %s, %v; want %s", at, got, err, want[2:])
		}
	}
}

func code(t *testing.T, step int64) string {
	t.Helper()
	c, err := TOTPCode(rfcSeed, step)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestMatchTOTP(t *testing.T) {
	for step, want := range map[int64]bool{98: false, 99: true, 100: true, 101: true, 102: false} {
		got, ok, err := MatchTOTP(rfcSeed, code(t, step), 99, 101)
		if err != nil || ok != want || ok && got != step {
			t.Errorf("step %d: %d, %v, %v", step, got, ok, err)
		}
	}
	for _, wrong := range []string{"", "12345", "1234567", " " + code(t, 100), code(t, 100) + " ", "٣٣٣٣٣٣"} {
		if _, ok, err := MatchTOTP(rfcSeed, wrong, 0, 200); ok || err != nil {
			t.Errorf("%q passes, or %v", wrong, err)
		}
	}
	if _, ok, _ := MatchTOTP(rfcSeed, code(t, 0), -2, 0); !ok {
		t.Error("the first period is not looked at")
	}
	if _, _, err := MatchTOTP("not base32!", "123456", 0, 1); err != errSeed || strings.Contains(err.Error(), "not base32") {
		t.Errorf("a seed that is none: %v", err)
	}
}

func TestMatchTOTPPair(t *testing.T) {
	for _, c := range []struct {
		first, second int64
		want          bool
	}{{90, 91, true}, {110, 111, true}, {89, 90, false}, {111, 112, false}, {100, 100, false}, {101, 100, false}, {100, 102, false}} {
		got, ok, err := MatchTOTPPair(rfcSeed, code(t, c.first), code(t, c.second), 90, 110, 100)
		if err != nil || ok != c.want || ok && got != c.second {
			t.Errorf("%+v: %d, %v, %v", c, got, ok, err)
		}
	}
	if _, _, err := MatchTOTPPair("1", "123456", "123456", 0, 1, 0); err != errSeed {
		t.Errorf("a seed that is none: %v", err)
	}
}

func TestQRCodePNG(t *testing.T) {
	text := "otpauth://totp/" + strings.Repeat("n", 226) + "@" + strings.Repeat("a", 63) + "?secret=" + strings.Repeat("A", 64)
	drawn, err := QRCodePNG(text)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(drawn))
	if err != nil || img.Bounds().Dx() != qrPixels || img.Bounds().Dy() != qrPixels {
		t.Errorf("drawn as %v, %v", img, err)
	}
	if _, err := QRCodePNG(strings.Repeat("x", maxQRText+1)); err == nil {
		t.Error("a text without end was drawn")
	}
}

// No code, however odd, matches without being the period's.
func FuzzMatchTOTP(f *testing.F) {
	f.Add("123456")
	f.Add("")
	f.Add("00000\x00")
	f.Fuzz(func(t *testing.T, given string) {
		step, ok, err := MatchTOTP(rfcSeed, given, 1000, 1002)
		if err != nil {
			t.Fatal(err)
		}
		if want := code(t, step); ok && given != want {
			t.Errorf("%q passes for %q", given, want)
		}
	})
}
