package certificates_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"
	"time"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/iam/certificates"
	"sallyport/internal/iam/iamtest"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

func serverCheck(f *iamtest.Fixture, action, path, name string) operation.Check {
	return operation.Check{Action: "iam:" + action, Resource: f.ARN("server-certificate" + path + name), Name: "server certificate " + name}
}

func uploadServer(f *iamtest.Fixture, in *iamapi.UploadServerCertificateRequest) *iamapi.UploadServerCertificateResponse {
	f.Helper()
	return iamtest.Do[iamapi.UploadServerCertificateResponse](f, f.Root(), "UploadServerCertificate", in)
}

// upload asks for a new certificate of that name.
func upload(name string) *iamapi.UploadServerCertificateRequest {
	cert := issue(name, newKey(), nil, nil)
	return &iamapi.UploadServerCertificateRequest{ServerCertificateName: &name, CertificateBody: &cert.pem, PrivateKey: new(pkcs8(cert.key))}
}

// Row iam-192: what a fresh certificate shows.
func TestServerCertificate(t *testing.T) {
	f := iamtest.New(t, certificates.Operations)
	root := issue("root", newKey(), nil, asCA)
	middle := issue("middle", newKey(), root, asCA)
	leaf := issue("www.example.com", newKey(), middle, nil)
	key := pkcs8(leaf.key)
	in := &iamapi.UploadServerCertificateRequest{ServerCertificateName: new("c"), CertificateBody: &leaf.pem, PrivateKey: &key}
	made := uploadServer(f, in)
	f.WantChecks(operation.Check{Action: "iam:UploadServerCertificate", Resource: f.ARN("server-certificate/c")})
	want := &iamapi.ServerCertificateMetadata{
		Path: new("/"), ServerCertificateName: new("c"), ServerCertificateId: made.ServerCertificateMetadata.ServerCertificateId,
		Arn: new(f.ARN("server-certificate/c")), UploadDate: made.ServerCertificateMetadata.UploadDate, Expiration: new(leaf.cert.NotAfter),
	}
	iamtest.WantEqual(t, "uploaded", &iamapi.UploadServerCertificateResponse{ServerCertificateMetadata: want}, made)
	id := *want.ServerCertificateId
	if !strings.HasPrefix(id, "ASCA") || len(id) != 21 {
		t.Errorf("id %s", id)
	}
	get := func(name string) *iamapi.ServerCertificate {
		return iamtest.Do[iamapi.GetServerCertificateResponse](f, f.Root(), "GetServerCertificate",
			&iamapi.GetServerCertificateRequest{ServerCertificateName: &name}).ServerCertificate
	}
	iamtest.WantEqual(t, "got", &iamapi.ServerCertificate{
		ServerCertificateMetadata: want, CertificateBody: new(strings.TrimSuffix(leaf.pem, "\n")), Tags: []iamapi.Tag{},
	}, get("c"))
	f.WantChecks(serverCheck(f, "GetServerCertificate", "/", "c"))
	if string(f.Secret(iam.ServerCertificateSecret(id))) != key {
		t.Error("the sealed key is not the one given")
	}
	wantKeyNotInHistory(f, key)

	// The same with everything that is optional.
	in.ServerCertificateName, in.Path, in.CertificateChain = new("full"), new("/cloudfront/"), new(middle.pem+root.pem)
	in.Tags = []iamapi.Tag{{Key: new("team"), Value: new("red")}}
	full := uploadServer(f, in)
	both := operation.Check{Action: "iam:UploadServerCertificate", Resource: f.ARN("server-certificate/cloudfront/full"), RequestTags: []operation.Tag{{Key: "team", Value: "red"}}}
	tag := both
	tag.Action = "iam:TagServerCertificate"
	f.WantChecks(both, tag)
	iamtest.WantEqual(t, "tags", in.Tags, full.Tags)
	got := get("FULL")
	iamtest.WantEqual(t, "chain", strings.TrimSpace(middle.pem+root.pem), *got.CertificateChain)
	iamtest.WantEqual(t, "tags", in.Tags, got.Tags)

	iamtest.Do[iamapi.DeleteServerCertificateResponse](f, f.Root(), "DeleteServerCertificate", &iamapi.DeleteServerCertificateRequest{ServerCertificateName: new("c")})
	f.WantChecks(serverCheck(f, "DeleteServerCertificate", "/", "c"))
	if f.Secret(iam.ServerCertificateSecret(id)) != nil || iam.ServerCertificates.Len(f.View()) != 1 {
		t.Error("something of the certificate is left")
	}
	// Row iam-191.
	for name, in := range map[string]any{
		"GetServerCertificate":      &iamapi.GetServerCertificateRequest{ServerCertificateName: new("c")},
		"DeleteServerCertificate":   &iamapi.DeleteServerCertificateRequest{ServerCertificateName: new("c")},
		"UpdateServerCertificate":   &iamapi.UpdateServerCertificateRequest{ServerCertificateName: new("c")},
		"ListServerCertificateTags": &iamapi.ListServerCertificateTagsRequest{ServerCertificateName: new("c")},
		"TagServerCertificate":      &iamapi.TagServerCertificateRequest{ServerCertificateName: new("c"), Tags: []iamapi.Tag{}},
		"UntagServerCertificate":    &iamapi.UntagServerCertificateRequest{ServerCertificateName: new("c"), TagKeys: []string{}},
	} {
		f.Fails(f.Root(), name, in, "NoSuchEntity", "The Server Certificate with name c cannot be found.")
		check := serverCheck(f, name, "/", "c")
		if name == "UntagServerCertificate" {
			check.TagKeys = []string{}
		}
		f.WantChecks(check)
	}
}

func wantKeyNotInHistory(f *iamtest.Fixture, key string) {
	f.Helper()
	line := strings.Split(key, "\n")[1]
	entries, err := f.Store.Entries(f.Context(), state.AccountStream(iamtest.Account), 0, 1000)
	if err != nil || len(entries) == 0 {
		f.Fatalf("%d entries, %v", len(entries), err)
	}
	for _, e := range entries {
		for _, c := range e.Changes {
			if contains(c.Value, line) {
				f.Error("history holds the private key")
			}
		}
	}
}

// Private keys in every form that is taken, and what is refused.
func TestServerCertificateKeys(t *testing.T) {
	f := iamtest.New(t, certificates.Operations)
	curve, other := newKey(), newKey()
	ofRSA, ofCurve := issue("rsa", rsaKey(), nil, nil).pem, issue("curve", curve, nil, nil).pem
	sec1 := block("EC PRIVATE KEY", must(x509.MarshalECPrivateKey(curve)))
	pkcs1 := block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey()))
	parameters := "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
	for i, c := range []struct{ cert, key string }{
		{ofRSA, pkcs1}, {ofRSA, pkcs8(rsaKey())}, {ofCurve, sec1}, {ofCurve, pkcs8(curve)}, {ofCurve, parameters + sec1},
	} {
		uploadServer(f, &iamapi.UploadServerCertificateRequest{ServerCertificateName: new(fmt.Sprint("c", i)), CertificateBody: &c.cert, PrivateKey: &c.key})
	}

	_, edwards, _ := ed25519.GenerateKey(rand.Reader)
	encrypted := string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Headers: map[string]string{"Proc-Type": "4,ENCRYPTED"}, Bytes: x509.MarshalPKCS1PrivateKey(rsaKey())}))
	const (
		invalid  = "MalformedCertificate: Invalid Private Key."
		mismatch = "KeyPairMismatch: The public key certificate and the private key do not match."
		unparsed = "MalformedCertificate: Unable to parse certificate. Please ensure the certificate is in PEM format."
	)
	for i, c := range []struct{ cert, key, want string }{
		{ofRSA, "hello", invalid},
		{ofRSA, encrypted, invalid},
		{ofRSA, block("ENCRYPTED PRIVATE KEY", []byte{0x30, 0}), invalid},
		{ofRSA, pkcs1 + pkcs1, invalid},
		{ofCurve, sec1 + parameters, invalid},
		{ofCurve, parameters + parameters, invalid},
		{ofRSA, "key:\n" + pkcs1, invalid},
		{ofRSA, strings.ReplaceAll(pkcs1, "RSA PRIVATE", "PRIVATE"), invalid},
		{ofRSA, block("RSA PRIVATE KEY", make([]byte, 6<<10)), invalid},
		{ofRSA, ofRSA, invalid},
		{ofRSA, pkcs8(curve), mismatch},
		{ofCurve, pkcs8(other), mismatch},
		{ofCurve, pkcs8(edwards), mismatch},
		{"hello", pkcs1, unparsed},
		{ofRSA + ofCurve, pkcs1, unparsed},
		{pkcs1, pkcs1, unparsed},
		{issue("edwards", edwards, nil, nil).pem, pkcs8(edwards), "MalformedCertificate: The certificate's key must be an RSA key of 1024 to 8192 bits or an elliptic curve key."},
		{issue("old", curve, nil, func(c *x509.Certificate) { c.NotAfter = iamtest.Start.Add(-time.Minute) }).pem, sec1,
			"MalformedCertificate: Certificate is no longer valid. The 'Not After' date restriction on the certificate has passed."},
		{issue("new", curve, nil, func(c *x509.Certificate) { c.NotBefore = iamtest.Start.Add(time.Hour) }).pem, sec1,
			"MalformedCertificate: Certificate is not yet valid. The 'Not Before' date restriction on the certificate has not passed."},
	} {
		code, text, _ := strings.Cut(c.want, ": ")
		f.Fails(f.Root(), "UploadServerCertificate",
			&iamapi.UploadServerCertificateRequest{ServerCertificateName: new(fmt.Sprint("bad", i)), CertificateBody: &c.cert, PrivateKey: &c.key}, code, text)
	}
}

// Row iam-198: chains that are none, or out of order. Since 2016 AWS names the
// index too, that of the certificate being -1.
func TestServerCertificateChains(t *testing.T) {
	f := iamtest.New(t, certificates.Operations)
	root := issue("root", rsaKey(), nil, asCA)
	second := issue("second", newKey(), root, asCA)
	first := issue("first", newKey(), second, asCA)
	leaf := issue("leaf", newKey(), first, nil)
	noCA := issue("first", first.key, second, nil)
	in := &iamapi.UploadServerCertificateRequest{CertificateBody: &leaf.pem, PrivateKey: new(pkcs8(leaf.key))}
	for i, chain := range []string{first.pem, first.pem + second.pem, first.pem + "\r\n\n" + second.pem + root.pem, "\n" + first.pem + "\n\n"} {
		in.ServerCertificateName, in.CertificateChain = new(fmt.Sprint("c", i)), &chain
		uploadServer(f, in)
	}
	const wrong = "Unable to validate certificate chain. The certificate chain must start with the immediate signing certificate, followed by any intermediaries in order."
	index := func(i int) string {
		return wrong + fmt.Sprintf(" The index within the chain of the invalid certificate is: %d", i)
	}
	for chain, want := range map[string]string{
		"hello": wrong, "Certificate:\n" + first.pem: wrong, first.pem + "\n# the root\n" + root.pem: wrong,
		first.pem + pkcs8(first.key): wrong, strings.Repeat(first.pem, 11): wrong,
		second.pem + first.pem: index(-1), root.pem: index(-1), leaf.pem + first.pem: index(-1), noCA.pem: index(-1),
		first.pem + root.pem: index(0), first.pem + second.pem + second.pem: index(1), first.pem + second.pem + leaf.pem: index(1),
	} {
		in.ServerCertificateName, in.CertificateChain = new("bad"), &chain
		f.Fails(f.Root(), "UploadServerCertificate", in, "MalformedCertificate", want)
	}
}

func TestUpdateServerCertificate(t *testing.T) {
	f := iamtest.New(t, certificates.Operations)
	uploadServer(f, upload("a"))
	uploadServer(f, upload("b"))
	update := func(in *iamapi.UpdateServerCertificateRequest, checks ...operation.Check) {
		t.Helper()
		iamtest.Do[iamapi.UpdateServerCertificateResponse](f, f.Root(), "UpdateServerCertificate", in)
		f.WantChecks(checks...)
	}
	to := func(path, name string) operation.Check {
		c := serverCheck(f, "UpdateServerCertificate", path, name)
		c.Name = ""
		return c
	}
	id := *iamtest.Do[iamapi.GetServerCertificateResponse](f, f.Root(), "GetServerCertificate",
		&iamapi.GetServerCertificateRequest{ServerCertificateName: new("a")}).ServerCertificate.ServerCertificateMetadata.ServerCertificateId
	update(&iamapi.UpdateServerCertificateRequest{ServerCertificateName: new("a"), NewServerCertificateName: new("A")},
		serverCheck(f, "UpdateServerCertificate", "/", "a"), to("/", "A"))
	update(&iamapi.UpdateServerCertificateRequest{ServerCertificateName: new("A"), NewServerCertificateName: new("c"), NewPath: new("/x/")},
		serverCheck(f, "UpdateServerCertificate", "/", "A"), to("/x/", "c"))
	update(&iamapi.UpdateServerCertificateRequest{ServerCertificateName: new("c")}, serverCheck(f, "UpdateServerCertificate", "/x/", "c"))
	got := iamtest.Do[iamapi.GetServerCertificateResponse](f, f.Root(), "GetServerCertificate",
		&iamapi.GetServerCertificateRequest{ServerCertificateName: new("c")}).ServerCertificate.ServerCertificateMetadata
	if *got.ServerCertificateId != id || *got.Arn != f.ARN("server-certificate/x/c") {
		t.Errorf("renamed: %+v", got)
	}
	f.Fails(f.Root(), "UpdateServerCertificate", &iamapi.UpdateServerCertificateRequest{ServerCertificateName: new("c"), NewServerCertificateName: new("B")},
		"EntityAlreadyExists", "The Server Certificate with name B already exists.")
}

func TestServerCertificateQuotaAndPages(t *testing.T) {
	f := iamtest.New(t, certificates.Operations)
	f.Env.Limits[iam.ServerCertificateQuota] = 4
	for _, name := range []string{"d", "B", "a"} {
		uploadServer(f, upload(name))
	}
	c := upload("c")
	c.Path = new("/app/")
	uploadServer(f, c)
	f.Fails(f.Root(), "UploadServerCertificate", upload("e"), "LimitExceeded", "Cannot exceed quota for ServerCertificatesPerAccount: 4")
	f.Fails(f.Root(), "UploadServerCertificate", upload("b"), "EntityAlreadyExists", "The Server Certificate with name b already exists.")
	list := func(prefix *string) func(size int64, marker *string) (names []string, truncated *bool, next *string) {
		return func(size int64, marker *string) (names []string, truncated *bool, next *string) {
			out := iamtest.Do[iamapi.ListServerCertificatesResponse](f, f.Root(), "ListServerCertificates",
				&iamapi.ListServerCertificatesRequest{PathPrefix: prefix, MaxItems: &size, Marker: marker})
			f.WantChecks(operation.Check{Action: "iam:ListServerCertificates", Resource: f.ARN("server-certificate" + iam.PathOf(prefix))})
			for _, m := range out.ServerCertificateMetadataList {
				names = append(names, *m.ServerCertificateName)
			}
			return names, out.IsTruncated, out.Marker
		}
	}
	pages(t, 5, []string{"a", "B", "c", "d"}, list(nil))
	pages(t, 2, []string{"c"}, list(new("/app/")))
	f.Fails(f.Root(), "ListServerCertificates", &iamapi.ListServerCertificatesRequest{Marker: new("!")}, "ValidationError", "Invalid Marker.")
	none := iamtest.Do[iamapi.ListServerCertificatesResponse](f, f.Root(), "ListServerCertificates", &iamapi.ListServerCertificatesRequest{PathPrefix: new("/none/")})
	iamtest.WantEqual(t, "none", []iamapi.ServerCertificateMetadata{}, none.ServerCertificateMetadataList)
	for _, in := range []*iamapi.UploadServerCertificateRequest{upload("bad/name"), upload(strings.Repeat("x", 129))} {
		if _, err := f.Call(f.Root(), "UploadServerCertificate", in); err == nil {
			t.Errorf("the name %q was taken", *in.ServerCertificateName)
		}
	}
}

func TestServerCertificateTags(t *testing.T) {
	f := iamtest.New(t, certificates.Operations)
	in := upload("c")
	in.Tags = []iamapi.Tag{{Key: new("a"), Value: new("1")}, {Key: new("a"), Value: new("2")}}
	f.Fails(f.Root(), "UploadServerCertificate", in, "InvalidInput", "Duplicate tag keys found.")
	in.Tags = []iamapi.Tag{{Key: new("b"), Value: new("1")}}
	uploadServer(f, in)
	tag := func(tags ...iamapi.Tag) {
		iamtest.Do[iamapi.TagServerCertificateResponse](f, f.Root(), "TagServerCertificate", &iamapi.TagServerCertificateRequest{ServerCertificateName: new("c"), Tags: tags})
	}
	tag(iamapi.Tag{Key: new("B"), Value: new("2")}, iamapi.Tag{Key: new("a"), Value: new("3")})
	check := serverCheck(f, "TagServerCertificate", "/", "c")
	check.RequestTags = []operation.Tag{{Key: "B", Value: "2"}, {Key: "a", Value: "3"}}
	check.ResourceTags = []operation.Tag{{Key: "b", Value: "1"}}
	f.WantChecks(check)
	pages(t, 3, []string{"a=3", "B=2", "b=1"}, func(size int64, marker *string) (tags []string, truncated *bool, next *string) {
		out := iamtest.Do[iamapi.ListServerCertificateTagsResponse](f, f.Root(), "ListServerCertificateTags",
			&iamapi.ListServerCertificateTagsRequest{ServerCertificateName: new("c"), MaxItems: &size, Marker: marker})
		for _, t := range out.Tags {
			tags = append(tags, *t.Key+"="+*t.Value)
		}
		return tags, out.IsTruncated, out.Marker
	})
	f.Fails(f.Root(), "ListServerCertificateTags", &iamapi.ListServerCertificateTagsRequest{ServerCertificateName: new("c"), Marker: new("!")}, "ValidationError", "Invalid Marker.")
	iamtest.Do[iamapi.UntagServerCertificateResponse](f, f.Root(), "UntagServerCertificate",
		&iamapi.UntagServerCertificateRequest{ServerCertificateName: new("c"), TagKeys: []string{"b", "none"}})
	check = serverCheck(f, "UntagServerCertificate", "/", "c")
	check.TagKeys, check.ResourceTags = []string{"b", "none"}, []operation.Tag{{Key: "a", Value: "3"}, {Key: "B", Value: "2"}, {Key: "b", Value: "1"}}
	f.WantChecks(check)
	got := iamtest.Do[iamapi.GetServerCertificateResponse](f, f.Root(), "GetServerCertificate", &iamapi.GetServerCertificateRequest{ServerCertificateName: new("c")})
	iamtest.WantEqual(t, "tags", []iamapi.Tag{{Key: new("a"), Value: new("3")}, {Key: new("B"), Value: new("2")}}, got.ServerCertificate.Tags)

	f.Env.Limits[iam.TagsPerServerCert] = 1
	f.Fails(f.Root(), "TagServerCertificate", &iamapi.TagServerCertificateRequest{ServerCertificateName: new("c"), Tags: in.Tags},
		"LimitExceeded", "Cannot exceed quota for TagsPerServerCertificate: 1")
	f.Fails(f.Root(), "TagServerCertificate", &iamapi.TagServerCertificateRequest{ServerCertificateName: new("c"), Tags: []iamapi.Tag{{Key: new("aws:x"), Value: new("1")}}},
		"InvalidInput", "Tag keys and values must not begin with the reserved prefix aws:")
}
