package certificates_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"math/big"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/iam/certificates"
	"sallyport/internal/iam/iamtest"
	"sallyport/internal/state"
)

func sshLine(key *rsa.PublicKey) string {
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(must(ssh.NewPublicKey(key)))))
}

// bits is a public key of that size that nobody has the private key of.
func bits(n int) *rsa.PublicKey {
	modulus := new(big.Int).Lsh(big.NewInt(1), uint(n-1))
	return &rsa.PublicKey{N: modulus.Add(modulus, big.NewInt(1)), E: 65537}
}

func uploadSSH(f *iamtest.Fixture, user, body string) *iamapi.SSHPublicKey {
	f.Helper()
	return iamtest.Do[iamapi.UploadSSHPublicKeyResponse](f, f.Root(), "UploadSSHPublicKey",
		&iamapi.UploadSSHPublicKeyRequest{UserName: &user, SSHPublicKeyBody: &body}).SSHPublicKey
}

func TestSSHPublicKey(t *testing.T) {
	f := iamtest.New(t, certificates.Operations)
	f.AddUser("alice")
	line := sshLine(&rsaKey().PublicKey)
	made := uploadSSH(f, "alice", line+" alice@example.com\n")
	f.WantChecks(userCheck(f, "UploadSSHPublicKey", "alice"))
	want := &iamapi.SSHPublicKey{
		UserName: new("alice"), SSHPublicKeyId: made.SSHPublicKeyId, SSHPublicKeyBody: &line, Status: new("Active"), UploadDate: made.UploadDate,
		Fingerprint: new(ssh.FingerprintLegacyMD5(must(ssh.NewPublicKey(&rsaKey().PublicKey)))),
	}
	iamtest.WantEqual(t, "uploaded", want, made)
	if id := *made.SSHPublicKeyId; !strings.HasPrefix(id, "APKA") || len(id) != 20 {
		t.Errorf("id %s", id)
	}
	get := func(encoding string) *iamapi.SSHPublicKey {
		out := iamtest.Do[iamapi.GetSSHPublicKeyResponse](f, f.Root(), "GetSSHPublicKey",
			&iamapi.GetSSHPublicKeyRequest{UserName: new("alice"), SSHPublicKeyId: made.SSHPublicKeyId, Encoding: &encoding}).SSHPublicKey
		f.WantChecks(userCheck(f, "GetSSHPublicKey", "alice"))
		return out
	}
	iamtest.WantEqual(t, "as SSH", want, get("SSH"))
	text := block("PUBLIC KEY", must(x509.MarshalPKIXPublicKey(&rsaKey().PublicKey)))
	want.SSHPublicKeyBody = &text
	iamtest.WantEqual(t, "as PEM", want, get("PEM"))

	in := &iamapi.ListSSHPublicKeysRequest{UserName: new("alice")}
	listed := func() []iamapi.SSHPublicKeyMetadata {
		out := iamtest.Do[iamapi.ListSSHPublicKeysResponse](f, f.Root(), "ListSSHPublicKeys", in).SSHPublicKeys
		f.WantChecks(userCheck(f, "ListSSHPublicKeys", "alice"))
		return out
	}
	one := []iamapi.SSHPublicKeyMetadata{{UserName: want.UserName, SSHPublicKeyId: want.SSHPublicKeyId, Status: want.Status, UploadDate: want.UploadDate}}
	iamtest.WantEqual(t, "listed", one, listed())
	for _, status := range []string{"Inactive", "Active"} {
		iamtest.Do[iamapi.UpdateSSHPublicKeyResponse](f, f.Root(), "UpdateSSHPublicKey",
			&iamapi.UpdateSSHPublicKeyRequest{UserName: new("alice"), SSHPublicKeyId: made.SSHPublicKeyId, Status: &status})
		f.WantChecks(userCheck(f, "UpdateSSHPublicKey", "alice"))
		one[0].Status = &status
		iamtest.WantEqual(t, status, one, listed())
	}
	f.Fails(f.Root(), "UpdateSSHPublicKey", &iamapi.UpdateSSHPublicKeyRequest{UserName: new("alice"), SSHPublicKeyId: made.SSHPublicKeyId, Status: new("Expired")},
		"InvalidInput", "The status must be Active or Inactive.")

	iamtest.Do[iamapi.DeleteSSHPublicKeyResponse](f, f.Root(), "DeleteSSHPublicKey",
		&iamapi.DeleteSSHPublicKeyRequest{UserName: new("alice"), SSHPublicKeyId: made.SSHPublicKeyId})
	f.WantChecks(userCheck(f, "DeleteSSHPublicKey", "alice"))
	iamtest.WantEqual(t, "deleted", []iamapi.SSHPublicKeyMetadata{}, listed())
}

// What is taken for a key, and the encoding it is shown in.
func TestSSHPublicKeyForms(t *testing.T) {
	f := iamtest.New(t, certificates.Operations)
	u := f.AddUser("alice")
	clean := func() {
		f.Change(func(tx *state.Tx) error {
			iam.SSHPublicKeys.AscendPrefix(tx, u.ID, func(key string, _ *iam.SSHPublicKey) bool {
				iam.SSHPublicKeys.Delete(tx, key)
				return true
			})
			return nil
		})
	}
	key := &rsaKey().PublicKey
	line, pkix := sshLine(key), block("PUBLIC KEY", must(x509.MarshalPKIXPublicKey(key)))
	for body, want := range map[string]string{
		line:                                line,
		line + " a b ":                      line,
		"  " + line:                         line,
		strings.Replace(line, " ", "  ", 1): line,
		pkix:                                pkix,
		strings.ReplaceAll("\n"+pkix, "\n", "\r\n"):              pkix,
		block("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(key)): pkix,
		sshLine(bits(2048)):  sshLine(bits(2048)),
		sshLine(bits(16384)): sshLine(bits(16384)),
	} {
		if got := *uploadSSH(f, "alice", body).SSHPublicKeyBody; got != want {
			t.Errorf("%q was taken as %q", body, got)
		}
		clean()
	}

	edwards, _, _ := ed25519.GenerateKey(rand.Reader)
	blob := must(base64.StdEncoding.DecodeString(strings.Fields(line)[1]))
	longer := append(blob[:len(blob):len(blob)], 0)
	negative := append([]byte(nil), blob...)
	// The modulus without its leading zero: a negative number.
	at := 4 + len("ssh-rsa") + 4 + 3
	binary.BigEndian.PutUint32(negative[at:], binary.BigEndian.Uint32(negative[at:])-1)
	negative = append(negative[:at+4], negative[at+5:]...)
	const (
		unrecognized = "UnrecognizedPublicKeyEncoding: The public key must be encoded in ssh-rsa format or PEM format."
		invalid      = "InvalidPublicKey: The public key is malformed or is no RSA key."
		size         = "InvalidPublicKey: The public key must be an RSA key of at least 2048 bits and at most 16384."
	)
	in64 := base64.StdEncoding.EncodeToString
	edwardsBlob := must(ssh.NewPublicKey(edwards)).Marshal()
	for body, want := range map[string]string{
		"hello":                             unrecognized,
		"ssh-ed25519 " + in64(edwardsBlob):  unrecognized,
		"ssh-rsa":                           unrecognized,
		"---- BEGIN SSH2 PUBLIC KEY ----":   unrecognized,
		pkcs8(rsaKey()):                     `UnrecognizedPublicKeyEncoding: A PEM block "PRIVATE KEY" is no public key.`,
		"ssh-rsa AAAA":                      invalid,
		"ssh-rsa !":                         invalid,
		line + "\n" + line:                  invalid,
		pkix + pkix:                         invalid,
		pkix + "more":                       invalid,
		"-----BEGIN PUBLIC KEY-----\nhello": invalid,
		"ssh-rsa " + in64(longer):           invalid,
		"ssh-rsa " + in64(negative):         invalid,
		"ssh-rsa " + in64(edwardsBlob):      invalid,
		sshLine(&rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), 2048), E: 65537}): invalid,
		sshLine(bits(2047)): size,
		sshLine(bits(1024)): size,
		block("PUBLIC KEY", must(x509.MarshalPKIXPublicKey(edwards))):            invalid,
		block("PUBLIC KEY", must(x509.MarshalPKIXPublicKey(bits(2047)))):         size,
		block("RSA PUBLIC KEY", must(x509.MarshalPKIXPublicKey(key))):            invalid,
		strings.Replace(pkix, "-----\n", "-----\nProc-Type: 4,ENCRYPTED\n\n", 1): invalid,
	} {
		code, text, _ := strings.Cut(want, ": ")
		f.Fails(f.Root(), "UploadSSHPublicKey", &iamapi.UploadSSHPublicKeyRequest{UserName: new("alice"), SSHPublicKeyBody: &body}, code, text)
	}
}

func TestSSHPublicKeyRefusals(t *testing.T) {
	f := iamtest.New(t, certificates.Operations)
	f.AddUser("alice")
	f.AddUser("bob")
	line := sshLine(bits(2048))
	first := uploadSSH(f, "alice", line)
	f.Fails(f.Root(), "UploadSSHPublicKey", &iamapi.UploadSSHPublicKeyRequest{UserName: new("alice"), SSHPublicKeyBody: new(line + " again")},
		"DuplicateSSHPublicKey", "The SSH public key is already associated with user alice.")
	uploadSSH(f, "bob", line)
	want := []string{*first.SSHPublicKeyId}
	for n := 2049; n < 2053; n++ {
		want = append(want, *uploadSSH(f, "alice", sshLine(bits(n))).SSHPublicKeyId)
	}
	f.Fails(f.Root(), "UploadSSHPublicKey", &iamapi.UploadSSHPublicKeyRequest{UserName: new("alice"), SSHPublicKeyBody: new(sshLine(bits(2053)))},
		"LimitExceeded", "Cannot exceed quota for SSHPublicKeysPerUser: 5")
	pages(t, 6, want, func(size int64, marker *string) (ids []string, truncated *bool, next *string) {
		out := iamtest.Do[iamapi.ListSSHPublicKeysResponse](f, f.As("alice"), "ListSSHPublicKeys", &iamapi.ListSSHPublicKeysRequest{MaxItems: &size, Marker: marker})
		for _, k := range out.SSHPublicKeys {
			ids = append(ids, *k.SSHPublicKeyId)
		}
		return ids, out.IsTruncated, out.Marker
	})

	for name, in := range map[string]func(user, id string) any{
		"GetSSHPublicKey": func(u, id string) any {
			return &iamapi.GetSSHPublicKeyRequest{UserName: &u, SSHPublicKeyId: &id, Encoding: new("SSH")}
		},
		"UpdateSSHPublicKey": func(u, id string) any {
			return &iamapi.UpdateSSHPublicKeyRequest{UserName: &u, SSHPublicKeyId: &id, Status: new("Inactive")}
		},
		"DeleteSSHPublicKey": func(u, id string) any { return &iamapi.DeleteSSHPublicKeyRequest{UserName: &u, SSHPublicKeyId: &id} },
	} {
		id := *first.SSHPublicKeyId
		f.Fails(f.Root(), name, in("bob", id), "NoSuchEntity", "The SSH Public Key with id "+id+" cannot be found.")
		f.WantChecks(userCheck(f, name, "bob"))
		f.Fails(f.Root(), name, in("nobody", id), "NoSuchEntity", "The user with name nobody cannot be found.")
		f.WantChecks(userCheck(f, name, "nobody"))
	}
	f.Fails(f.Root(), "GetSSHPublicKey", &iamapi.GetSSHPublicKeyRequest{UserName: new("alice"), SSHPublicKeyId: first.SSHPublicKeyId, Encoding: new("DER")},
		"ValidationError", "1 validation error detected: Value at 'encoding' failed to satisfy constraint: Member must satisfy enum value set")
	f.Fails(f.Root(), "UploadSSHPublicKey", &iamapi.UploadSSHPublicKeyRequest{UserName: new("nobody"), SSHPublicKeyBody: &line},
		"NoSuchEntity", "The user with name nobody cannot be found.")
	root := iamtest.Do[iamapi.ListSSHPublicKeysResponse](f, f.Root(), "ListSSHPublicKeys", &iamapi.ListSSHPublicKeysRequest{})
	iamtest.WantEqual(t, "root's keys", []iamapi.SSHPublicKeyMetadata{}, root.SSHPublicKeys)
	f.Fails(f.Session("r", "s"), "ListSSHPublicKeys", &iamapi.ListSSHPublicKeysRequest{}, "ValidationError", "Must specify userName when calling with non-User credentials")
	f.Fails(f.Root(), "ListSSHPublicKeys", &iamapi.ListSSHPublicKeysRequest{UserName: new("alice"), Marker: new("!")}, "ValidationError", "Invalid Marker.")
	f.Fails(f.Root(), "ListSSHPublicKeys", &iamapi.ListSSHPublicKeysRequest{UserName: new("nobody")}, "NoSuchEntity", "The user with name nobody cannot be found.")
}
