package seal_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"sallyport/internal/seal"
)

func keyOf(t testing.TB, fill byte) seal.Key {
	t.Helper()
	k, err := seal.NewKey(bytes.Repeat([]byte{fill}, seal.KeySize))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func sealer(t testing.TB, keys ...seal.Key) *seal.Sealer {
	t.Helper()
	s, err := seal.New(keys...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestRoundTrip(t *testing.T) {
	s := sealer(t, keyOf(t, 1))
	rapid.Check(t, func(t *rapid.T) {
		purpose := rapid.StringN(1, 20, seal.MaxPurpose).Draw(t, "purpose")
		aad := rapid.SliceOf(rapid.Byte()).Draw(t, "aad")
		plain := rapid.SliceOf(rapid.Byte()).Draw(t, "plain")
		sealed, err := s.Seal(purpose, aad, plain)
		if err != nil {
			t.Fatal(err)
		}
		if len(sealed) != len(plain)+seal.Overhead {
			t.Fatalf("sealed %d bytes to %d", len(plain), len(sealed))
		}
		opened, err := s.Open(purpose, aad, sealed)
		if err != nil || !bytes.Equal(opened, plain) {
			t.Fatalf("Open = %x, %v", opened, err)
		}
	})
}

func TestOpenRefuses(t *testing.T) {
	s := sealer(t, keyOf(t, 1))
	sealed, err := s.Seal("session-token", []byte("111122223333"), []byte("plaintext"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Open("secret", []byte("111122223333"), sealed); !errors.Is(err, seal.ErrOpen) {
		t.Errorf("other purpose: %v", err)
	}
	if _, err := s.Open("session-token", []byte("444455556666"), sealed); !errors.Is(err, seal.ErrOpen) {
		t.Errorf("other context: %v", err)
	}
	// The boundary between purpose and context must not be movable.
	if _, err := s.Open("session-token1", []byte("11122223333"), sealed); !errors.Is(err, seal.ErrOpen) {
		t.Errorf("moved boundary: %v", err)
	}
	for i := range sealed {
		for _, bit := range []byte{1, 0x80} {
			bad := bytes.Clone(sealed)
			bad[i] ^= bit
			_, err := s.Open("session-token", []byte("111122223333"), bad)
			if !errors.Is(err, seal.ErrOpen) && !errors.Is(err, seal.ErrUnknownKey) {
				t.Fatalf("bit flipped in byte %d: %v", i, err)
			}
		}
	}
	for n := range sealed {
		if _, err := s.Open("session-token", []byte("111122223333"), sealed[:n]); err == nil {
			t.Fatalf("opened %d of %d bytes", n, len(sealed))
		}
	}
	if _, err := sealer(t, keyOf(t, 2)).Open("session-token", []byte("111122223333"), sealed); !errors.Is(err, seal.ErrUnknownKey) {
		t.Errorf("other key: %v", err)
	}
}

func TestRotation(t *testing.T) {
	older, newer := keyOf(t, 1), keyOf(t, 2)
	sealed, err := sealer(t, older).Seal("p", nil, []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	both := sealer(t, newer, older)
	if _, err := both.Open("p", nil, sealed); err != nil {
		t.Errorf("old value under rotated keys: %v", err)
	}
	if both.SealedBy(sealed) {
		t.Error("SealedBy claims the old key seals now")
	}
	again, err := both.Seal("p", nil, []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	if !both.SealedBy(again) {
		t.Error("SealedBy denies its own key")
	}
	if _, err := sealer(t, newer).Open("p", nil, again); err != nil {
		t.Errorf("the first key does not seal: %v", err)
	}
}

func TestNewRefuses(t *testing.T) {
	for name, keys := range map[string][]seal.Key{
		"none": {}, "zero": {{}}, "twice": {keyOf(t, 1), keyOf(t, 1)},
	} {
		if _, err := seal.New(keys...); !errors.Is(err, seal.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	s := sealer(t, keyOf(t, 1))
	if _, err := s.Seal("", nil, nil); !errors.Is(err, seal.ErrInvalid) {
		t.Errorf("empty purpose: %v", err)
	}
	if _, err := s.Seal("p", nil, make([]byte, seal.MaxPlaintext+1)); !errors.Is(err, seal.ErrInvalid) {
		t.Errorf("large plaintext: %v", err)
	}
}

func TestSaltsAndNoncesAreFresh(t *testing.T) {
	s := sealer(t, keyOf(t, 1))
	seen := map[string]bool{}
	for range 1000 {
		sealed, err := s.Seal("p", nil, []byte("same"))
		if err != nil {
			t.Fatal(err)
		}
		if header := string(sealed[9:37]); seen[header] {
			t.Fatal("salt and nonce repeat")
		} else {
			seen[header] = true
		}
	}
}

func TestParse(t *testing.T) {
	raw := make([]byte, seal.KeySize)
	for i := range raw {
		raw[i] = byte(251 + i)
	}
	want, err := seal.NewKey(raw)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"base64":     base64.StdEncoding.EncodeToString(raw),
		"raw base64": base64.RawStdEncoding.EncodeToString(raw),
		"url base64": base64.URLEncoding.EncodeToString(raw),
		"hex":        hex.EncodeToString(raw),
		"upper hex":  strings.ToUpper(hex.EncodeToString(raw)),
		"white":      " " + base64.StdEncoding.EncodeToString(raw) + "\n",
	} {
		if got, err := seal.FromEnv(value); err != nil || got.ID() != want.ID() {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	for name, value := range map[string]string{
		"empty":     "",
		"short":     base64.StdEncoding.EncodeToString(raw[:31]),
		"long":      base64.StdEncoding.EncodeToString(append(raw, 1)),
		"bad hex":   strings.Repeat("zz", 32),
		"loose bit": base64.RawStdEncoding.EncodeToString(raw)[:42] + "B",
		"words":     "correct horse battery staple correct horse b",
	} {
		_, err := seal.FromEnv(value)
		if !errors.Is(err, seal.ErrInvalid) {
			t.Errorf("%s: accepted", name)
		}
		if value != "" && strings.Contains(fmt.Sprint(err), value) {
			t.Errorf("%s: the error quotes the value", name)
		}
	}
}

func TestKeyIsNeverShown(t *testing.T) {
	raw := []byte("0123456789abcdef0123456789abcdef")
	k, err := seal.NewKey(raw)
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("key", "key", k, "wrapped", struct{ K seal.Key }{k})
	text, err := json.Marshal(map[string]any{"key": k})
	if err != nil {
		t.Fatal(err)
	}
	shown := log.String() + string(text)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		shown += fmt.Sprintf(verb+verb, k, struct{ K *seal.Key }{&k}) + fmt.Sprintf(verb, []seal.Key{k})
	}
	for _, form := range []string{string(raw), hex.EncodeToString(raw), base64.StdEncoding.EncodeToString(raw), fmt.Sprint(raw[:4])[1:8]} {
		if strings.Contains(strings.ToLower(shown), strings.ToLower(form)) {
			t.Errorf("shown: %s", form)
		}
	}
	if !strings.Contains(log.String(), k.ID()) {
		t.Error("the log does not name the key's id")
	}
}

func TestFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "seal.key")
	if _, err := seal.FromFile(path); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("missing file: %v", err)
	}
	made, err := seal.FromFileOrCreate(path)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v, %v", info.Mode(), err)
	}
	for range 2 {
		again, err := seal.FromFileOrCreate(path)
		if err != nil || again.ID() != made.ID() {
			t.Fatalf("second start: %v, %v; want %v", again, err, made)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Fatalf("left behind: %v, %v", left, err)
	}
	for _, mode := range []os.FileMode{0o640, 0o604, 0o620, 0o644} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := seal.FromFile(path); !errors.Is(err, seal.ErrInvalid) {
			t.Errorf("mode %o: %v", mode, err)
		}
		if _, err := seal.FromFileOrCreate(path); !errors.Is(err, seal.ErrInvalid) {
			t.Errorf("mode %o: %v", mode, err)
		}
	}
	for name, text := range map[string]string{"empty": "", "torn": "AAAA", "long": strings.Repeat("A", 5000)} {
		bad := filepath.Join(dir, name)
		if err := os.WriteFile(bad, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := seal.FromFileOrCreate(bad); !errors.Is(err, seal.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := seal.FromFile(dir); err == nil {
		t.Error("a folder was read as a key")
	}
}

func TestFileCreatedOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "seal.key")
	var ids sync.Map
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			k, err := seal.FromFileOrCreate(path)
			if err != nil {
				t.Error(err)
				return
			}
			ids.Store(k.ID(), true)
		})
	}
	all.Wait()
	count := 0
	ids.Range(func(any, any) bool { count++; return true })
	if count != 1 {
		t.Fatalf("%d keys for one file", count)
	}
}

// golden was sealed by format version 1 with the key of 32 bytes 0x01 for purpose
// "session-token" and context "aad". It must open for as long as there is data.
const golden = "01ef7edaec8bc61c0f5a40421e478537cff50dacbcd7006d188ef8d3cbef4f6f82e05e6423f97156dd9b277a22607cad7e180359e22da451319144029eeb"

func TestGolden(t *testing.T) {
	sealed, err := hex.DecodeString(golden)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := sealer(t, keyOf(t, 1)).Open("session-token", []byte("aad"), sealed)
	if err != nil || string(plain) != "plaintext" {
		t.Fatalf("Open = %q, %v", plain, err)
	}
}

func FuzzOpen(f *testing.F) {
	s := sealer(f, keyOf(f, 1))
	sealed, err := hex.DecodeString(golden)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sealed)
	f.Add(sealed[:seal.Overhead])
	f.Add([]byte{})
	f.Add([]byte{1})
	f.Fuzz(func(t *testing.T, data []byte) {
		plain, err := s.Open("session-token", []byte("aad"), data)
		if err == nil && !bytes.Equal(data, sealed) {
			t.Fatalf("forged %x opens to %x", data, plain)
		}
		if err != nil && !errors.Is(err, seal.ErrOpen) && !errors.Is(err, seal.ErrUnknownKey) {
			t.Fatal(err)
		}
	})
}

func BenchmarkSeal(b *testing.B) {
	s, plain := sealer(b, keyOf(b, 1)), make([]byte, 400)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Seal("session-token", nil, plain); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	s := sealer(b, keyOf(b, 1))
	sealed, err := s.Seal("session-token", nil, make([]byte, 400))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Open("session-token", nil, sealed); err != nil {
			b.Fatal(err)
		}
	}
}

// TestDigest: it depends on purpose, data and the last key alone.
func TestDigest(t *testing.T) {
	digest := func(s *seal.Sealer, purpose, data string) string {
		sum, err := s.Digest(purpose, []byte(data))
		if err != nil || len(sum) != 32 {
			t.Fatalf("%x, %v", sum, err)
		}
		return string(sum)
	}
	s := sealer(t, keyOf(t, 1))
	want := digest(s, "names", "alice")
	if digest(s, "names", "alice") != want || digest(sealer(t, keyOf(t, 2), keyOf(t, 1)), "names", "alice") != want {
		t.Error("it is not always the same")
	}
	for _, other := range []string{digest(s, "names", "bob"), digest(s, "name", "salice"), digest(s, "names", ""), digest(sealer(t, keyOf(t, 1), keyOf(t, 2)), "names", "alice")} {
		if other == want {
			t.Error("others have the same")
		}
	}
	if _, err := s.Digest("", []byte("alice")); !errors.Is(err, seal.ErrInvalid) {
		t.Errorf("without a purpose: %v", err)
	}
}
