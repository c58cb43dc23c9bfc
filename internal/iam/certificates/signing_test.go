package certificates_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"strings"
	"testing"
	"time"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam/certificates"
	"sallyport/internal/iam/iamtest"
	"sallyport/internal/operation"
)

func uploadSigning(f *iamtest.Fixture, caller *operation.Caller, user *string, body string) *iamapi.SigningCertificate {
	f.Helper()
	return iamtest.Do[iamapi.UploadSigningCertificateResponse](f, caller, "UploadSigningCertificate",
		&iamapi.UploadSigningCertificateRequest{UserName: user, CertificateBody: &body}).Certificate
}

func TestSigningCertificate(t *testing.T) {
	f := iamtest.New(t, certificates.Operations)
	f.AddUser("alice")
	for _, who := range []struct {
		caller *operation.Caller
		user   *string
		name   *string
		check  func(action string) operation.Check
	}{
		{f.Root(), new("alice"), new("alice"), func(a string) operation.Check { return userCheck(f, a, "alice") }},
		{f.As("alice"), nil, new("alice"), func(a string) operation.Check { return userCheck(f, a, "alice") }},
		{f.Root(), nil, nil, func(a string) operation.Check {
			return operation.Check{Action: "iam:" + a, Resource: f.ARN("root")}
		}},
	} {
		cert := issue("alice", newKey(), nil, nil)
		made := uploadSigning(f, who.caller, who.user, cert.pem)
		f.WantChecks(who.check("UploadSigningCertificate"))
		want := iamapi.SigningCertificate{
			UserName: who.name, CertificateId: made.CertificateId, CertificateBody: &cert.pem,
			Status: new("Active"), UploadDate: made.UploadDate,
		}
		iamtest.WantEqual(t, "uploaded", &want, made)
		listed := func() []iamapi.SigningCertificate {
			out := iamtest.Do[iamapi.ListSigningCertificatesResponse](f, who.caller, "ListSigningCertificates", &iamapi.ListSigningCertificatesRequest{UserName: who.user})
			f.WantChecks(who.check("ListSigningCertificates"))
			return out.Certificates
		}
		iamtest.WantEqual(t, "listed", []iamapi.SigningCertificate{want}, listed())
		for _, status := range []string{"Inactive", "Active"} {
			iamtest.Do[iamapi.UpdateSigningCertificateResponse](f, who.caller, "UpdateSigningCertificate",
				&iamapi.UpdateSigningCertificateRequest{UserName: who.user, CertificateId: made.CertificateId, Status: &status})
			f.WantChecks(who.check("UpdateSigningCertificate"))
			want.Status = &status
			iamtest.WantEqual(t, status, []iamapi.SigningCertificate{want}, listed())
		}
		f.Fails(who.caller, "UpdateSigningCertificate", &iamapi.UpdateSigningCertificateRequest{UserName: who.user, CertificateId: made.CertificateId, Status: new("Expired")},
			"InvalidInput", "The status must be Active or Inactive.")
		iamtest.Do[iamapi.DeleteSigningCertificateResponse](f, who.caller, "DeleteSigningCertificate",
			&iamapi.DeleteSigningCertificateRequest{UserName: who.user, CertificateId: made.CertificateId})
		f.WantChecks(who.check("DeleteSigningCertificate"))
		iamtest.WantEqual(t, "deleted", []iamapi.SigningCertificate{}, listed())
	}
}

func TestSigningCertificateRefusals(t *testing.T) {
	f := iamtest.New(t, certificates.Operations)
	f.AddUser("alice")
	f.AddUser("bob")
	alice, bob := new("alice"), new("bob")
	const (
		unparsed = "Unable to parse certificate. Please ensure the certificate is in PEM format."
		key      = "The certificate's key must be an RSA key of 1024 to 8192 bits or an elliptic curve key."
	)
	good := issue("good", newKey(), nil, nil)
	_, edwards, _ := ed25519.GenerateKey(rand.Reader)
	for _, c := range []struct{ body, code, text string }{
		{"hello", "MalformedCertificate", unparsed},
		{good.pem + good.pem, "MalformedCertificate", unparsed},
		{"Subject: good\n" + good.pem, "MalformedCertificate", unparsed},
		{good.pem + "more", "MalformedCertificate", unparsed},
		{strings.ReplaceAll(good.pem, "CERTIFICATE", "PUBLIC KEY"), "MalformedCertificate", unparsed},
		{"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "MalformedCertificate", unparsed},
		{"-----BEGIN CERTIFICATE-----\n" + good.pem, "MalformedCertificate", unparsed},
		{pkcs8(good.key), "MalformedCertificate", unparsed},
		{issue("old", newKey(), nil, func(c *x509.Certificate) { c.NotAfter = iamtest.Start.Add(-time.Minute) }).pem, "MalformedCertificate",
			"Certificate is no longer valid. The 'Not After' date restriction on the certificate has passed."},
		{issue("new", newKey(), nil, func(c *x509.Certificate) { c.NotBefore = iamtest.Start.Add(time.Hour) }).pem, "MalformedCertificate",
			"Certificate is not yet valid. The 'Not Before' date restriction on the certificate has not passed."},
		{issue("edwards", edwards, nil, nil).pem, "InvalidCertificate", key},
		{issue("ca", newKey(), nil, asCA).pem, "InvalidCertificate", "The certificate's key usage does not include digital signatures."},
	} {
		f.Fails(f.Root(), "UploadSigningCertificate", &iamapi.UploadSigningCertificateRequest{UserName: alice, CertificateBody: &c.body}, c.code, c.text)
	}

	first := uploadSigning(f, f.Root(), alice, good.pem)
	for _, user := range []*string{alice, bob, nil} {
		f.Fails(f.Root(), "UploadSigningCertificate", &iamapi.UploadSigningCertificateRequest{UserName: user, CertificateBody: &good.pem},
			"DuplicateCertificate", "The certificate is already associated with a user of this account.")
	}
	second := uploadSigning(f, f.Root(), alice, issue("second", rsaKey(), nil, nil).pem)
	third := issue("third", newKey(), nil, nil).pem
	f.Fails(f.Root(), "UploadSigningCertificate", &iamapi.UploadSigningCertificateRequest{UserName: alice, CertificateBody: &third},
		"LimitExceeded", "Cannot exceed quota for SigningCertificatesPerUser: 2")
	pages(t, 3, []string{*first.CertificateId, *second.CertificateId}, func(size int64, marker *string) (ids []string, truncated *bool, next *string) {
		out := iamtest.Do[iamapi.ListSigningCertificatesResponse](f, f.Root(), "ListSigningCertificates",
			&iamapi.ListSigningCertificatesRequest{UserName: alice, MaxItems: &size, Marker: marker})
		for _, c := range out.Certificates {
			ids = append(ids, *c.CertificateId)
		}
		return ids, out.IsTruncated, out.Marker
	})

	id := first.CertificateId
	for name, in := range map[string]func(user *string) any{
		"UpdateSigningCertificate": func(u *string) any {
			return &iamapi.UpdateSigningCertificateRequest{UserName: u, CertificateId: id, Status: new("Inactive")}
		},
		"DeleteSigningCertificate": func(u *string) any { return &iamapi.DeleteSigningCertificateRequest{UserName: u, CertificateId: id} },
	} {
		for _, user := range []*string{bob, nil} {
			f.Fails(f.Root(), name, in(user), "NoSuchEntity", "The Certificate with id "+*id+" cannot be found.")
		}
		f.Fails(f.Root(), name, in(new("nobody")), "NoSuchEntity", "The user with name nobody cannot be found.")
		f.Fails(f.Session("r", "s"), name, in(nil), "ValidationError", "Must specify userName when calling with non-User credentials")
	}
	f.Fails(f.Root(), "UploadSigningCertificate", &iamapi.UploadSigningCertificateRequest{UserName: new("nobody"), CertificateBody: &third},
		"NoSuchEntity", "The user with name nobody cannot be found.")
	f.Fails(f.Root(), "ListSigningCertificates", &iamapi.ListSigningCertificatesRequest{UserName: new("nobody")}, "NoSuchEntity", "The user with name nobody cannot be found.")
	f.Fails(f.Root(), "ListSigningCertificates", &iamapi.ListSigningCertificatesRequest{Marker: new("!")}, "ValidationError", "Invalid Marker.")
}
