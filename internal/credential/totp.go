package credential

import (
	"bytes"
	"crypto/subtle"
	"errors"
	"fmt"
	"image/png"
	"time"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/qr"
	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
)

// The codes of a virtual MFA device are those of RFC 6238 with its defaults,
// which every authenticator app assumes: HMAC-SHA-1, six digits, 30 seconds.

// TOTPPeriod is how long a device shows one code.
const TOTPPeriod = 30 * time.Second

var totpOptions = hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1}

// errSeed says that a stored seed can't be read; it never shows it.
var errSeed = errors.New("credential: not a TOTP seed")

// TOTPStep is the number of the period that t is in (RFC 6238, section 4.2).
func TOTPStep(t time.Time) int64 { return t.Unix() / int64(TOTPPeriod/time.Second) }

// TOTPCode is the code of a seed, in base32, in a period.
func TOTPCode(seed string, step int64) (string, error) {
	if step < 0 {
		return "", errSeed
	}
	code, err := hotp.GenerateCodeCustom(seed, uint64(step), totpOptions)
	if err != nil {
		return "", errSeed
	}
	return code, nil
}

// MatchTOTP looks for the code among those of the periods from first to last
// and returns the latest one it is of. Every period is looked at, so that the
// time taken does not tell which.
func MatchTOTP(seed, code string, first, last int64) (step int64, ok bool, err error) {
	for s := max(first, 0); s <= last; s++ {
		want, err := TOTPCode(seed, s)
		if err != nil {
			return 0, false, err
		}
		if subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			step, ok = s, true
		}
	}
	return step, ok, nil
}

// MatchTOTPPair looks for two consecutive codes, the first of a period from
// first to last. It returns the period of the second code, nearest to the
// period about.
func MatchTOTPPair(seed, code1, code2 string, first, last, about int64) (step int64, ok bool, err error) {
	first = max(first, 0)
	before, err := TOTPCode(seed, first)
	if err != nil {
		return 0, false, err
	}
	for s := first; s <= last; s++ {
		next, err := TOTPCode(seed, s+1)
		if err != nil {
			return 0, false, err
		}
		both := subtle.ConstantTimeCompare([]byte(before), []byte(code1)) & subtle.ConstantTimeCompare([]byte(next), []byte(code2))
		if both == 1 && (!ok || distance(s+1, about) < distance(step, about)) {
			step, ok = s+1, true
		}
		before = next
	}
	return step, ok, nil
}

func distance(a, b int64) int64 { return max(a-b, b-a) }

// qrPixels is the side of a QR code: four pixels and more to a module, for the
// longest name.
const qrPixels = 300

// maxQRText is more than any otpauth URI of ours has.
const maxQRText = 1024

// QRCodePNG draws text as a QR code.
func QRCodePNG(text string) ([]byte, error) {
	if len(text) > maxQRText {
		return nil, fmt.Errorf("credential: %d bytes are too many for a QR code", len(text))
	}
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return nil, fmt.Errorf("credential: QR code: %w", err)
	}
	scaled, err := barcode.Scale(code, qrPixels, qrPixels)
	if err != nil {
		return nil, fmt.Errorf("credential: QR code: %w", err)
	}
	var out bytes.Buffer
	if err := png.Encode(&out, scaled); err != nil {
		return nil, fmt.Errorf("credential: QR code: %w", err)
	}
	return out.Bytes(), nil
}
