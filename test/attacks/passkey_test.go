package attacks

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"

	"sallyport/internal/iam"
	"sallyport/test/inprocess"
)

// keyring is a server with a public name, and kate with a password and a security
// key.
type keyring struct {
	*inprocess.Server
	failed int // sign-ins so far
}

func keyed(t *testing.T) (*keyring, *inprocess.Passkey) {
	t.Helper()
	s := inprocess.New(t, inprocess.Localhost)
	s.Root.Do("iam:CreateUser", p{"UserName": "kate"})
	s.Root.Do("iam:CreateLoginProfile", p{"UserName": "kate", "Password": alicePassword})
	return &keyring{Server: s}, s.Root.Passkey("kate")
}

// asked is a browser that kate's password has been typed into.
func asked(t *testing.T, s *keyring) *inprocess.Browser {
	t.Helper()
	b := s.Browser()
	if page := b.SignIn("kate", alicePassword); page.Path != "/signin/mfa" || b.Options() == "" {
		t.Fatalf("the password leads to %s: %s", page.Path, page.Body)
	}
	return b
}

// refused holds a sign-in's answer to a refusal that changed nothing and is on
// record, in so many words.
func refused(t *testing.T, s *keyring, name, before string, page *inprocess.Page, words ...string) {
	t.Helper()
	if page.Status != 403 || page.Path == "/console/" {
		t.Errorf("%s: %d, leads to %s", name, page.Status, page.Path)
	}
	if s.Dump() != before {
		t.Errorf("%s changed the state", name)
	}
	recorded(t, s, name, words...)
}

// recorded holds one more failed sign-in to be on record.
func recorded(t *testing.T, s *keyring, name string, words ...string) {
	t.Helper()
	s.failed++
	records := s.FailedSignIns(s.failed)
	if len(records) != s.failed {
		t.Fatalf("%s: %d failures are on record, want %d", name, len(records), s.failed)
	}
	found := slices.ContainsFunc(records, func(r inprocess.Record) bool {
		return !slices.ContainsFunc(append(words, "Failed authentication"), func(w string) bool { return !strings.Contains(r.Raw, w) })
	})
	if !found {
		t.Errorf("%s: no record says %q", name, words)
	}
}

// TestAttack22PasskeyAnswers: no answer but the right authenticator's, to what was
// asked just now, signs anybody in.
func TestAttack22PasskeyAnswers(t *testing.T) {
	s, k := keyed(t)
	other := s.NewPasskey()
	for name, lie := range map[string]func(k *inprocess.Passkey){
		"another origin": func(k *inprocess.Passkey) { k.Party.Origin = "http://localhost" },
		"a name below": func(k *inprocess.Passkey) {
			k.Party.Origin = strings.Replace(k.Party.Origin, "localhost", "a.localhost", 1)
		},
		"another rpId":       func(k *inprocess.Passkey) { k.Party.ID = "example.com" },
		"nobody present":     func(k *inprocess.Passkey) { k.Authenticator.Options.UserNotPresent = true },
		"another credential": func(k *inprocess.Passkey) { k.Credential = other.Credential },
		"another key":        func(k *inprocess.Passkey) { k.Credential.Key = other.Credential.Key },
	} {
		b, liar := asked(t, s), *k
		before := s.Dump()
		lie(&liar)
		refused(t, s, name, before, b.Prove(&liar))
		if inside(b.Get("/console/")) {
			t.Errorf("%s: inside", name)
		}
	}
	// The signature is over other bytes than come along.
	b := asked(t, s)
	answer := k.Get(b.Options())
	data := between(answer, `"authenticatorData":"`)
	raw, err := base64.RawURLEncoding.DecodeString(data)
	if err != nil {
		t.Fatal(err)
	}
	raw[len(raw)-1]++ // the counter
	before := s.Dump()
	refused(t, s, "other bytes", before, b.Post("/signin/passkey", p{"answer": strings.Replace(answer, data, base64.RawURLEncoding.EncodeToString(raw), 1)}))
	for _, junk := range []string{"", "{}", "null", "[" + strings.Repeat("[", 9000)} {
		b := asked(t, s)
		before := s.Dump()
		refused(t, s, fmt.Sprintf("%.4q", junk), before, b.Post("/signin/passkey", p{"answer": junk}))
	}
	b = asked(t, s)
	if !inside(b.Prove(k)) {
		t.Errorf("the right answer after all those: %d %s", b.Page.Status, b.Page.Body)
	}
}

// between is the text after a prefix, up to a quotation mark.
func between(text, prefix string) string {
	_, rest, _ := strings.Cut(text, prefix)
	value, _, _ := strings.Cut(rest, `"`)
	return value
}

// TestAttack22PasskeyChallenge: a challenge is answered once, by whom it was made
// for, in time.
func TestAttack22PasskeyChallenge(t *testing.T) {
	s, k := keyed(t)
	s.Root.Do("iam:CreateUser", p{"UserName": "mallory"})
	s.Root.Do("iam:CreateLoginProfile", p{"UserName": "mallory", "Password": alicePassword})
	hers := s.Root.Passkey("mallory")

	// Replayed by who kept the cookie of the step: authenticators without a counter
	// answer the same for ever.
	b := asked(t, s)
	thief := b.Clone()
	k.Credential.Counter = ^uint32(0) // Get counts, to 0
	answer := k.Get(b.Options())
	if !inside(b.Post("/signin/passkey", p{"answer": answer})) {
		t.Fatalf("signing in: %d %s", b.Page.Status, b.Page.Body)
	}
	before := s.Dump()
	refused(t, s, "a challenge twice", before, thief.Post("/signin/passkey", p{"answer": answer}))
	b = asked(t, s)
	before = s.Dump()
	refused(t, s, "yesterday's answer", before, b.Post("/signin/passkey", p{"answer": answer}))

	// Mallory's own key, and kate's answer to mallory's challenge.
	b = asked(t, s)
	before = s.Dump()
	refused(t, s, "another user's key", before, b.Prove(hers))
	b, m := asked(t, s), s.Browser()
	m.SignIn("mallory", alicePassword)
	lured := k.Get(m.Options())
	before = s.Dump()
	refused(t, s, "another user's challenge", before, b.Post("/signin/passkey", p{"answer": lured}))
	before = s.Dump()
	refused(t, s, "the answer of another", before, m.Post("/signin/passkey", p{"answer": lured}))

	b = asked(t, s)
	answer = k.Get(b.Options())
	s.Advance(6 * time.Minute)
	if page := b.Post("/signin/passkey", p{"answer": answer}); page.Status != 403 || inside(page) {
		t.Errorf("after six minutes: %d", page.Status)
	}
}

// TestAttack22PasskeyCounter: of two copies of a security key one is refused, and
// the counter never goes back.
func TestAttack22PasskeyCounter(t *testing.T) {
	s, k := keyed(t)
	k.Credential.Counter = 4
	if b := asked(t, s); !inside(b.Prove(k)) {
		t.Fatalf("the first sign-in: %d %s", b.Page.Status, b.Page.Body)
	}
	for name, count := range map[string]uint32{"the same": 4, "an older one": 1, "none": ^uint32(0)} {
		clone := *k
		clone.Credential.Counter = count
		b := asked(t, s)
		before := s.Dump()
		refused(t, s, name, before, b.Prove(&clone), "counter went back", k.Serial)
		if page := b.Post("/signin/passkey", p{"answer": "{}"}); page.Status != 403 {
			t.Errorf("after %s the step goes on: %d", name, page.Status)
		}
	}
	if b := asked(t, s); !inside(b.Prove(k)) {
		t.Errorf("the counter went on, and it is refused: %d %s", b.Page.Status, b.Page.Body)
	}
}

// TestAttack22PasskeyCounterLater: the counter is asked again when the session is
// made, which a change of the password may come before.
func TestAttack22PasskeyCounterLater(t *testing.T) {
	s, k := keyed(t)
	s.Root.Do("iam:AttachUserPolicy", p{"UserName": "kate", "PolicyArn": "arn:aws:iam::aws:policy/IAMUserChangePassword"})
	s.Root.Do("iam:UpdateLoginProfile", p{"UserName": "kate", "PasswordResetRequired": "true"})
	b := asked(t, s)
	if page := b.Prove(k); page.Path != "/signin/password" {
		t.Fatalf("a change is due, and the key leads to %s", page.Path)
	}
	early := b.Clone()
	if inside(early.Get("/console/")) {
		t.Error("past the change that is due")
	}
	s.Root.Do("iam:UpdateLoginProfile", p{"UserName": "kate", "PasswordResetRequired": "false"})
	if c := asked(t, s); !inside(c.Prove(k)) {
		t.Fatalf("a second sign-in: %d %s", c.Page.Status, c.Page.Body)
	}
	page := b.Post("/signin/password", p{"old": alicePassword, "new": "Another-Horse-2", "confirm": "Another-Horse-2"})
	if inside(page) || page.Status != 403 {
		t.Errorf("an older answer makes a session: %d, leads to %s", page.Status, page.Path)
	}
	recorded(t, s, "an older answer", "counter went back")
}

// TestAttack22PasskeySkipped: the step is asked in its turn, for its own browser,
// and a device that is taken away meanwhile counts no more.
func TestAttack22PasskeySkipped(t *testing.T) {
	s, k := keyed(t)
	b := s.Browser()
	b.Get("/signin")
	before := s.Dump()
	if page := b.Post("/signin/passkey", p{"answer": "{}"}); page.Status != 403 {
		t.Errorf("before the password: %d", page.Status)
	}
	b = asked(t, s)
	answer := k.Get(b.Options())
	stranger := s.Browser()
	stranger.Get("/signin")
	stranger.Page = b.Page
	if page := stranger.Post("/signin/passkey", p{"answer": answer}); page.Status != 403 || inside(page) {
		t.Errorf("a stranger's browser: %d", page.Status)
	}
	page := *b.Page
	page.Body = ""
	without := b.Clone()
	without.Page = &page
	if page := without.Post("/signin/passkey", p{"answer": answer}); page.Status != 403 {
		t.Errorf("without the form's token: %d", page.Status)
	}
	for _, path := range []string{"/console/", "/signin/devices", "/signin/password"} {
		if page := b.Clone().Get(path); inside(page) || page.Path == path {
			t.Errorf("%s opens before the second factor", path)
		}
	}
	if s.Dump() != before {
		t.Error("something changed")
	}
	s.Root.Do("iam:DeactivateMFADevice", p{"UserName": "kate", "SerialNumber": k.Serial})
	if page := b.Post("/signin/passkey", p{"answer": answer}); inside(page) || page.Status != 403 {
		t.Errorf("a device that was taken away: %d", page.Status)
	}
}

// TestAttack22PasskeyRegistration: what registers a security key is the answer to
// what was asked for this user by this caller, once, in time.
func TestAttack22PasskeyRegistration(t *testing.T) {
	s, _ := keyed(t)
	s.Root.Do("iam:CreateUser", p{"UserName": "lee"})
	_, stranger := accountOf(s.Server)
	stranger.Do("iam:CreateUser", p{"UserName": "lee"})
	const finish = "sallyport:FinishPasskeyRegistration"
	wrong := func(name, code string, client *inprocess.Client, in p) {
		t.Helper()
		before := s.Dump()
		reply := client.Call(finish, in)
		reply.Want(400, code)
		if s.Dump() != before {
			t.Errorf("%s changed the state", name)
		}
		if client == stranger {
			return // in another trail
		}
		if record := s.RecordOf(reply, inprocess.Account); record.ErrorCode != code {
			t.Errorf("%s is on record as %s", name, record.Raw)
		}
	}
	for name, lie := range map[string]func(k *inprocess.Passkey){
		"another origin": func(k *inprocess.Passkey) { k.Party.Origin = "http://localhost" },
		"another rpId":   func(k *inprocess.Passkey) { k.Party.ID = "example.com" },
		"nobody present": func(k *inprocess.Passkey) { k.Authenticator.Options.UserNotPresent = true },
		"no id":          func(k *inprocess.Passkey) { k.Credential.ID = nil },
		"a long id":      func(k *inprocess.Passkey) { k.Credential.ID = make([]byte, 1024) },
	} {
		k, begun := s.NewPasskey(), s.Root.Begin("lee")
		lie(k)
		wrong(name, "InvalidPasskeyException", s.Root, inprocess.Finishing("lee", begun, k.Create(begun.Text("CreationOptions"))))
	}
	k, begun := s.NewPasskey(), s.Root.Begin("lee")
	answer := k.Create(begun.Text("CreationOptions"))
	// -260 is no algorithm, and -65535 (RS1) one that nobody asked for.
	for _, algorithm := range []string{"390103", "39fffe"} {
		begun := s.Root.Begin("lee")
		changed := withAlgorithm(t, k.Create(begun.Text("CreationOptions")), algorithm)
		wrong("algorithm "+algorithm, "InvalidPasskeyException", s.Root, inprocess.Finishing("lee", begun, changed))
	}
	wrong("another user's", "InvalidPasskeyException", s.Root, inprocess.Finishing("kate", begun, answer))
	wrong("another caller's", "InvalidPasskeyException", s.Admin, inprocess.Finishing("lee", begun, answer))
	wrong("another account's", "InvalidPasskeyException", stranger, inprocess.Finishing("lee", begun, answer))
	wrong("root's own", "InvalidPasskeyException", s.Root, inprocess.Finishing("", begun, answer))
	torn := inprocess.Finishing("lee", begun, answer)
	torn["Registration"] = torn["Registration"][:len(torn["Registration"])-2] + "AA"
	wrong("a forged one", "InvalidPasskeyException", s.Root, torn)

	serial := s.Root.Do(finish, inprocess.Finishing("lee", begun, answer)).Text("SerialNumber")
	wrong("twice", "InvalidPasskeyException", s.Root, inprocess.Finishing("lee", begun, answer))
	again := s.Root.Begin("lee")
	wrong("the same key again", "EntityAlreadyExistsException", s.Root, inprocess.Finishing("lee", again, k.Create(again.Text("CreationOptions"))))
	again = s.Root.Begin("kate")
	wrong("another's credential", "EntityAlreadyExistsException", s.Root, inprocess.Finishing("kate", again, k.Create(again.Text("CreationOptions"))))
	s.Root.Do("iam:DeactivateMFADevice", p{"UserName": "lee", "SerialNumber": serial})
	wrong("again when it is gone", "InvalidPasskeyException", s.Root, inprocess.Finishing("lee", begun, answer))

	begun = s.Root.Begin("lee")
	answer = k.Create(begun.Text("CreationOptions"))
	s.Advance(5 * time.Minute)
	wrong("after five minutes", "InvalidPasskeyException", s.Root, inprocess.Finishing("lee", begun, answer))
}

// withAlgorithm has an answer's public key say another algorithm (COSE label 3, of
// which ES256 is 0x26), in hexadecimal CBOR.
func withAlgorithm(t *testing.T, answer, algorithm string) string {
	t.Helper()
	object := between(answer, `"attestationObject":"`)
	raw, err := base64.RawURLEncoding.DecodeString(object)
	if err != nil {
		t.Fatal(err)
	}
	const es256 = "\x01\x02\x03\x26\x20"
	if strings.Count(string(raw), es256) != 1 {
		t.Fatalf("no ES256 key in %x", raw)
	}
	code, err := hex.DecodeString(algorithm)
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(string(raw), es256, "\x01\x02\x03"+string(code)+"\x20", 1)
	// The authenticator data is two bytes longer, and its length in one byte before.
	at := strings.Index(changed, "hauthData\x58")
	if at < 0 {
		t.Fatalf("no authenticator data in %x", raw)
	}
	length := at + len("hauthData\x58")
	changed = changed[:length] + string([]byte{changed[length] + byte(len(code)-1)}) + changed[length+1:]
	return strings.Replace(answer, object, base64.RawURLEncoding.EncodeToString([]byte(changed)), 1)
}

// TestAttack22PasskeyWithoutName: a server that has an address alone registers none.
func TestAttack22PasskeyWithoutName(t *testing.T) {
	s := inprocess.New(t)
	before := s.Dump()
	s.Root.Call("sallyport:BeginPasskeyRegistration", nil).Want(400, "PasskeysUnavailableException")
	if s.Dump() != before {
		t.Error("something changed")
	}
}

// TestAttack25PasskeySecrets: neither a challenge nor what a seal holds is in a log
// or a record.
func TestAttack25PasskeySecrets(t *testing.T) {
	s, k := keyed(t)
	begun := s.Root.Begin("kate")
	fresh := s.NewPasskey()
	fresh.Party.Origin = "http://localhost"
	answer := fresh.Create(begun.Text("CreationOptions"))
	s.Root.Call("sallyport:FinishPasskeyRegistration", inprocess.Finishing("kate", begun, answer)).Want(400, "InvalidPasskeyException")
	b := asked(t, s)
	proof := k.Get(b.Options())
	b.Post("/signin/passkey", p{"answer": proof})
	asked, err := virtualwebauthn.ParseAttestationOptions(begun.Text("CreationOptions"))
	if err != nil {
		t.Fatal(err)
	}
	seen := s.Logs.String()
	for _, record := range s.Trail() {
		seen += record.Raw
	}
	for name, secret := range map[string]string{
		"the registration": begun.Text("Registration"), "the challenge": base64.RawURLEncoding.EncodeToString(asked.Challenge),
		"the signature": between(proof, `"signature":"`), "the attestation": between(answer, `"attestationObject":"`),
	} {
		if secret == "" || strings.Contains(seen, secret) {
			at := strings.Index(seen, secret)
			t.Errorf("%s %.12q is in a log or record: %s", name, secret, seen[max(0, at-200):min(len(seen), at+200)])
		}
	}
}

// accountOf makes another account.
func accountOf(s *inprocess.Server) (string, *inprocess.Client) {
	reply := s.Root.Do("sallyport:CreateAccount", p{"Email": "other@example.com", "Name": "AnyCompany"})
	return reply.Text("Id"), s.Client(reply.Credentials())
}

// TestAttack22PasskeyParallel: of parallel answers one counts.
func TestAttack22PasskeyParallel(t *testing.T) {
	s, k := keyed(t)
	b := asked(t, s)
	answer := k.Get(b.Options())
	pages := make(chan *inprocess.Page, 12)
	for range cap(pages) {
		c := b.Clone()
		go func() {
			page, err := c.TrySend(c.Form("/signin/passkey", p{"answer": answer}))
			if err != nil {
				page = &inprocess.Page{Status: 500, Body: err.Error()}
			}
			pages <- page
		}()
	}
	let := 0
	for range cap(pages) {
		page := <-pages
		if page.Location == "/console/" {
			let++
		} else if page.Status != 403 {
			t.Errorf("%d %s", page.Status, page.Body)
		}
	}
	if let != 1 {
		t.Errorf("one answer signs in %d times", let)
	}
	sessions := 0
	iam.ConsoleSessions.Ascend(s.View(account), "", func(string, *iam.ConsoleSession) bool { sessions++; return true })
	if sessions != 1 {
		t.Errorf("%d sessions", sessions)
	}
}
