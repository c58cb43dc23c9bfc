package attacks

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"

	"sallyport/internal/app"
	"sallyport/internal/audit"
	"sallyport/internal/journal"
	"sallyport/test/inprocess"
)

// TestAttack25SecretsNowhere: every secret that was handed out, proved or
// merely sent is looked for in logs, audit records, journal entries, metrics
// and errors.
func TestAttack25SecretsNowhere(t *testing.T) {
	s, issuer := inprocess.NewFederated(t)
	secrets := map[string]string{
		"admin's secret": inprocess.AdminSecret, "root's secret": inprocess.RootSecret,
		"admin's password": inprocess.AdminPassword, "root's password": inprocess.RootPassword,
	}
	var errorBodies strings.Builder
	keep := func(r *inprocess.Reply) {
		errorBodies.WriteString(r.Body)
		if message := r.Header.Get(inprocess.MessageHeader); message != "" {
			errorBodies.WriteString(s.Root.Do("sts:DecodeAuthorizationMessage", p{"EncodedMessage": message}).Body)
		}
	}

	client := member(s, "alice", "arn:aws:iam::aws:policy/AdministratorAccess")
	secrets["alice's secret"] = string(client.Credentials.SecretAccessKey)
	s.Admin.Do("iam:CreateRole", p{"RoleName": "deploy", "AssumeRolePolicyDocument": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + account + `"},"Action":"sts:AssumeRole"}]}`})
	session := client.Do("sts:AssumeRole", p{"RoleArn": "arn:aws:iam::" + account + ":role/deploy", "RoleSessionName": "session"}).Credentials()
	secrets["the session's secret"], secrets["the session's token"] = string(session.SecretAccessKey), string(session.SessionToken)
	token := client.Do("sts:GetSessionToken", nil).Credentials()
	secrets["the token session's secret"], secrets["the token session's token"] = string(token.SecretAccessKey), string(token.SessionToken)
	kiosk := client.Do("sts:GetFederationToken", p{"Name": "kiosk"}).Credentials()
	secrets["the federated user's secret"], secrets["the federated user's token"] = string(kiosk.SecretAccessKey), string(kiosk.SessionToken)
	s.Admin.Do("iam:EnableOutboundWebIdentityFederation", nil)
	secrets["a web identity token"] = client.Do("sts:GetWebIdentityToken", p{"Audience.member.1": "example", "SigningAlgorithm": "RS256"}).Text("WebIdentityToken")
	secrets["a context assertion"] = "an-assertion-of-nobody"
	keep(client.Call("sts:AssumeRole", p{"RoleArn": "arn:aws:iam::" + account + ":role/deploy", "RoleSessionName": "session",
		"ProvidedContexts.member.1.ProviderArn": "arn:aws:iam::aws:contextProvider/IdentityCenter", "ProvidedContexts.member.1.ContextAssertion": "an-assertion-of-nobody"}))
	created := s.Admin.Do("sallyport:CreateAccount", p{"Email": "bob@example.com", "Name": "AnyCompany"})
	secrets["the account's secret"] = string(created.Credentials().SecretAccessKey)
	for i, password := range created.Texts("Password") {
		secrets["the account's password "+string(rune('1'+i))] = password
	}
	phone := s.Admin.Device("alice")
	secrets["a device's seed"], secrets["the code that enabled it"] = phone.Seed, phone.Code(0)
	s.Advance(30 * time.Second)
	secrets["a code that was used"], secrets["a code to come"] = phone.Code(0), phone.Code(1)
	proved := client.Do("sts:GetSessionToken", phone.Proof(0)).Credentials()
	secrets["the proved session's secret"], secrets["the proved session's token"] = string(proved.SecretAccessKey), string(proved.SessionToken)
	keep(client.Call("sts:GetSessionToken", phone.Proof(0)))
	keep(s.Admin.Call("iam:ResyncMFADevice", p{"UserName": "alice", "SerialNumber": phone.Serial, "AuthenticationCode1": phone.Code(1), "AuthenticationCode2": phone.Code(0)}))
	secrets["a one-time code"] = "845123"
	keep(client.Call("sts:GetSessionToken", p{"SerialNumber": "arn:aws:iam::" + account + ":mfa/alice", "TokenCode": "845123"}))

	secrets["alice's password"], secrets["her next password"] = "Correct-Horse-1", "Another-Horse-2"
	s.Admin.Do("iam:CreateLoginProfile", p{"UserName": "alice", "Password": "Correct-Horse-1"})
	s.Admin.Do("iam:UpdateLoginProfile", p{"UserName": "alice", "Password": "Another-Horse-2"})
	secrets["a password too weak"], secrets["a password too long"] = "all-lower-case", strings.Repeat("Too-Long-1", 13)
	for _, name := range []string{"a password too weak", "a password too long"} {
		keep(s.Admin.Refused("iam:UpdateLoginProfile", p{"UserName": "alice", "Password": secrets[name]}, http.StatusBadRequest,
			map[string]string{"a password too weak": "PasswordPolicyViolation", "a password too long": "ValidationError"}[name]))
	}

	certificate, key := certificate(t)
	secrets["a certificate's private key"] = strings.Split(key, "\n")[1]
	s.Admin.Do("iam:UploadServerCertificate", p{"ServerCertificateName": "www", "CertificateBody": certificate, "PrivateKey": key})
	secrets["a key that is none"] = "AAAAnoPrivateKeyAAAA"
	keep(s.Admin.Refused("iam:UploadServerCertificate", p{"ServerCertificateName": "w", "CertificateBody": certificate,
		"PrivateKey": "-----BEGIN PRIVATE KEY-----\nAAAAnoPrivateKeyAAAA\n-----END PRIVATE KEY-----\n"}, http.StatusBadRequest, "MalformedCertificate"))
	metadata, decrypts := identityProvider(t, certificate)
	secrets["a SAML provider's private key"] = strings.Split(decrypts, "\n")[2]
	s.Admin.Do("iam:CreateSAMLProvider", p{"Name": "Corp", "SAMLMetadataDocument": metadata, "AddPrivateKey": decrypts})
	secrets["a SAML provider's key that is none"] = "AAAAnorPrivateKeyAAA"
	keep(s.Admin.Refused("iam:UpdateSAMLProvider", p{"SAMLProviderArn": "arn:aws:iam::" + account + ":saml-provider/Corp",
		"AddPrivateKey": "-----BEGIN PRIVATE KEY-----\nAAAAnorPrivateKeyAAA\n-----END PRIVATE KEY-----\n"}, http.StatusBadRequest, "InvalidInput"))
	git := s.Admin.Do("iam:CreateServiceSpecificCredential", p{"UserName": "alice", "ServiceName": "codecommit.amazonaws.com"})
	secrets["a service's password"] = git.Text("ServicePassword")
	secrets["the next one"] = s.Admin.Do("iam:ResetServiceSpecificCredential", p{"UserName": "alice",
		"ServiceSpecificCredentialId": git.Text("ServiceSpecificCredentialId")}).Text("ServicePassword")
	secrets["an API key"] = s.Admin.Do("iam:CreateServiceSpecificCredential", p{"UserName": "alice", "ServiceName": "bedrock.amazonaws.com"}).Text("ServiceCredentialSecret")

	claims := issuer.Claims(inprocess.Audience, s.Now())
	identity, forgery := strings.Split(issuer.Sign(claims), "."), strings.Split(issuer.Sign(claims.With("sub", "subject-2")), ".")
	secrets["a web identity token"], secrets["its signature"] = identity[1], identity[2]
	secrets["a forged token"] = forgery[1]
	web := s.Send(s.WebIdentity(strings.Join(identity, "."), nil)).Credentials()
	secrets["the web session's secret"], secrets["the web session's token"] = string(web.SecretAccessKey), string(web.SessionToken)
	for _, token := range []string{identity[0] + "." + forgery[1] + "." + identity[2], strings.Join(identity[1:], ".")} {
		keep(s.Refused(s.WebIdentity(token, nil), http.StatusBadRequest, "InvalidIdentityToken"))
	}
	keep(s.Refused(s.WebIdentity(issuer.Sign(claims.With("sub", "nobody")), nil), http.StatusForbidden, "AccessDenied"))

	// Failures of every door, with real credentials in the wrong places.
	wrong := client.Credentials
	wrong.SecretAccessKey = "wrong-secret-wrong-secret-wrong-secret-01"
	secrets["a wrong secret"] = string(wrong.SecretAccessKey)
	keep(s.Client(wrong).Call("iam:ListUsers", nil))
	forged := session
	forged.SessionToken = token.SessionToken
	keep(s.Client(forged).Call("iam:ListUsers", nil))
	keep(s.Client(session).Call("iam:ListUsers", nil))
	keep(client.Call("iam:CreateUser", p{"UserName": "alice"}))
	keep(client.Call("iam:CreateUser", p{"UserName": "not/valid"}))

	if len(secrets) < 36 {
		t.Fatalf("only %d secrets are looked for", len(secrets))
	}
	for name, secret := range secrets {
		if len(secret) < 6 {
			t.Fatalf("%s is %q", name, secret)
		}
	}
	for place, text := range map[string]string{
		"the logs": s.Logs.String(), "error replies": errorBodies.String(), "metrics": metrics(t, s),
		"audit blocks": blocks(t, s), "journal entries": entries(t, s), "the state": s.Dump(),
	} {
		if text == "" {
			t.Errorf("%s are empty", place)
		}
		for name, secret := range secrets {
			if strings.Contains(text, secret) {
				t.Errorf("%s hold %s", place, name)
			}
		}
	}
}

// certificate is one that signs itself, and its private key.
func certificate(t *testing.T) (certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: inprocess.Start.Add(-time.Hour), NotAfter: inprocess.Start.Add(24 * time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}))
}

// identityProvider is the metadata of a SAML provider that signs with the
// certificate's key, and a private key that decrypts its assertions.
func identityProvider(t *testing.T, certificate string) (metadata, key string) {
	t.Helper()
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	body := strings.NewReplacer("-----BEGIN CERTIFICATE-----", "", "-----END CERTIFICATE-----", "").Replace(certificate)
	metadata = `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example.com/saml">` +
		`<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><KeyDescriptor use="signing">` +
		`<KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>` + body + `</X509Certificate></X509Data></KeyInfo>` +
		`</KeyDescriptor><SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example.com/sso"/>` +
		`</IDPSSODescriptor></EntityDescriptor><!--` + strings.Repeat(" ", 500) + `-->`
	return metadata, string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(private)}))
}

func metrics(t *testing.T, s *inprocess.Server) string {
	t.Helper()
	request, err := http.NewRequest(http.MethodGet, s.URL+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+inprocess.MetricsToken)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("metrics: %s, %v", response.Status, err)
	}
	return string(text)
}

// blocks are the records of everything that changed nothing so far: they are
// written in order, so when that of a last call is there, all are.
func blocks(t *testing.T, s *inprocess.Server) string {
	t.Helper()
	s.RecordOf(s.Root.Call("iam:ListUsers", nil), account)
	var text strings.Builder
	for after := journal.BlockCursor(0); ; {
		page, err := s.Journal.ReadBlocks(context.Background(), after, 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range page {
			after = b.Cursor
			records, err := audit.Records(b)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range records {
				text.Write(r)
			}
		}
		if len(page) < 100 {
			return text.String()
		}
	}
}

func entries(t *testing.T, s *inprocess.Server) string {
	t.Helper()
	var text strings.Builder
	for _, id := range s.App.State().Streams() {
		page, err := s.Journal.Read(context.Background(), id, 0, 10000)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range page {
			text.Write(e.Data)
		}
	}
	return text.String()
}

// TestAttack25SealedAtRest: what the store holds of a secret is sealed.
func TestAttack25SealedAtRest(t *testing.T) {
	s := inprocess.New(t, func(*app.Config) {})
	client := member(s, "alice", readOnly)
	sealed, err := s.Journal.LoadSecret(context.Background(), "account/"+account, "access-key/"+client.Credentials.AccessKeyID)
	if err != nil || len(sealed) == 0 {
		t.Fatalf("the secret is not there: %v", err)
	}
	if strings.Contains(string(sealed), string(client.Credentials.SecretAccessKey)) {
		t.Error("the secret is stored as it is")
	}
}
