package providers_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"slices"
	"strings"
	"testing"
	"time"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/iam/iamtest"
	"sallyport/internal/operation"
)

const entity = "https://idp.example.com/saml"

func createSAML(f *iamtest.Fixture, in *iamapi.CreateSAMLProviderRequest) *iamapi.CreateSAMLProviderResponse {
	f.Helper()
	if in.SAMLMetadataDocument == nil {
		in.SAMLMetadataDocument = new(metadata(entity, ""))
	}
	return iamtest.Do[iamapi.CreateSAMLProviderResponse](f, f.Root(), "CreateSAMLProvider", in)
}

func getSAML(f *iamtest.Fixture, arn string) *iamapi.GetSAMLProviderResponse {
	f.Helper()
	return iamtest.Do[iamapi.GetSAMLProviderResponse](f, f.Root(), "GetSAMLProvider", &iamapi.GetSAMLProviderRequest{SAMLProviderArn: &arn})
}

func updateSAML(f *iamtest.Fixture, in *iamapi.UpdateSAMLProviderRequest) {
	f.Helper()
	out := iamtest.Do[iamapi.UpdateSAMLProviderResponse](f, f.Root(), "UpdateSAMLProvider", in)
	iamtest.WantEqual(f, "updated", *in.SAMLProviderArn, *out.SAMLProviderArn)
}

// provider is the row of the provider with that name.
func provider(f *iamtest.Fixture, name string) *iam.SAMLProvider {
	f.Helper()
	p, err := iam.FindSAMLProvider(f.View(), name)
	if err != nil {
		f.Fatal(err)
	}
	return p
}

// Row iam-213, and as recorded in 2026: a provider is valid for 100 years,
// whatever its metadata say, and assertions may be encrypted.
func TestCreateSAMLProvider(t *testing.T) {
	f := fixture(t)
	arn := f.ARN("saml-provider/Corp")
	document := metadata(entity, ` validUntil="2020-01-01T00:00:00Z"`)
	asked := []iamapi.Tag{tag("z", "1"), tag("A", "2")}
	got := createSAML(f, &iamapi.CreateSAMLProviderRequest{Name: new("Corp"), SAMLMetadataDocument: &document, Tags: asked})
	iamtest.WantEqual(t, "reply", &iamapi.CreateSAMLProviderResponse{SAMLProviderArn: &arn, Tags: asked}, got)
	create := operation.Check{Action: "iam:CreateSAMLProvider", Resource: arn, RequestTags: []operation.Tag{{Key: "z", Value: "1"}, {Key: "A", Value: "2"}}}
	tagging := create
	tagging.Action = "iam:TagSAMLProvider"
	f.WantChecks(create, tagging)

	shown := getSAML(f, arn)
	if id := *shown.SAMLProviderUUID; !strings.HasPrefix(id, "SAMLSP") || len(id) != 22 {
		t.Errorf("SAMLProviderUUID = %s", id)
	}
	iamtest.WantEqual(t, "provider", &iamapi.GetSAMLProviderResponse{
		SAMLProviderUUID: shown.SAMLProviderUUID, SAMLMetadataDocument: &document, CreateDate: shown.CreateDate,
		ValidUntil: new(shown.CreateDate.AddDate(100, 0, 0)), Tags: []iamapi.Tag{tag("A", "2"), tag("z", "1")},
	}, shown)
	f.WantChecks(operation.Check{Action: "iam:GetSAMLProvider", Resource: arn, ResourceTags: []operation.Tag{{Key: "A", Value: "2"}, {Key: "z", Value: "1"}}})

	createSAML(f, &iamapi.CreateSAMLProviderRequest{Name: new("adfs")})
	f.WantChecks(check("CreateSAMLProvider", f.ARN("saml-provider/adfs")))
	iamtest.WantEqual(t, "tags", []iamapi.Tag{}, getSAML(f, f.ARN("saml-provider/adfs")).Tags)
	list := iamtest.Do[iamapi.ListSAMLProvidersResponse](f, f.Root(), "ListSAMLProviders", &iamapi.ListSAMLProvidersRequest{})
	f.WantChecks(check("ListSAMLProviders", "*"))
	adfs := provider(f, "adfs")
	iamtest.WantEqual(t, "list", []iamapi.SAMLProviderListEntry{
		{Arn: new(f.ARN("saml-provider/adfs")), ValidUntil: adfs.ValidUntil, CreateDate: &adfs.Created},
		{Arn: &arn, ValidUntil: shown.ValidUntil, CreateDate: shown.CreateDate},
	}, list.SAMLProviderList)
}

func TestCreateSAMLProviderRefusals(t *testing.T) {
	f := fixture(t)
	createSAML(f, &iamapi.CreateSAMLProviderRequest{Name: new("Corp")})
	refused := func(change func(*iamapi.CreateSAMLProviderRequest), code, message string) {
		t.Helper()
		in := &iamapi.CreateSAMLProviderRequest{Name: new("new"), SAMLMetadataDocument: new(metadata(entity, ""))}
		change(in)
		f.Fails(f.Root(), "CreateSAMLProvider", in, code, message)
	}
	refused(func(in *iamapi.CreateSAMLProviderRequest) { in.AssertionEncryptionMode = new("Required") },
		"ValidationError", "Unable to set assertion encryption mode to Required because no private key is provided.")
	refused(func(in *iamapi.CreateSAMLProviderRequest) { in.Name = new("CORP") }, "EntityAlreadyExists", "Provider with name CORP already exists.")
	refused(func(in *iamapi.CreateSAMLProviderRequest) { in.Tags = []iamapi.Tag{tag("a", ""), tag("a", "1")} },
		"InvalidInput", "Duplicate tag keys found.")
	f.Env.Limits[iam.SAMLProvidersPerAccount] = 1
	refused(func(*iamapi.CreateSAMLProviderRequest) {}, "LimitExceeded", "Cannot exceed quota for SAMLProvidersPerAccount: 1")
}

// The metadata that AWS was seen to refuse in 2026, and further ones that are
// none.
func TestSAMLMetadataRefusals(t *testing.T) {
	f := fixture(t)
	arn := *createSAML(f, &iamapi.CreateSAMLProviderRequest{Name: new("Corp")}).SAMLProviderArn
	document := metadata(entity, "")
	padding := "<!--" + strings.Repeat("x", 1000) + "-->"
	for name, tt := range map[string]string{
		"no XML":         strings.Repeat("x", 1000),
		"no entity":      strings.Replace(document, ` entityID="`+entity+`"`, "", 1),
		"another root":   strings.ReplaceAll(document, "EntityDescriptor", "SomethingElse"),
		"no certificate": strings.Replace(document, signingCertificate(), strings.Repeat("a", 1000), 1),
		"DTD":            `<!DOCTYPE x [<!ENTITY y "z">]>` + document,
		"not closed":     document[:len(document)-1],
		"assertion":      `<Assertion xmlns="urn:oasis:names:tc:SAML:2.0:assertion"/>` + padding,
	} {
		f.Fails(f.Root(), "CreateSAMLProvider", &iamapi.CreateSAMLProviderRequest{Name: new("new"), SAMLMetadataDocument: &tt}, "InvalidInput", "Could not parse metadata")
		f.Fails(f.Root(), "UpdateSAMLProvider", &iamapi.UpdateSAMLProviderRequest{SAMLProviderArn: &arn, SAMLMetadataDocument: &tt}, "InvalidInput", "Could not parse metadata")
		if t.Failed() {
			t.Fatal(name)
		}
	}
	iamtest.WantEqual(t, "metadata", document, *getSAML(f, arn).SAMLMetadataDocument)
}

// Metadata that are given anew start the provider's 100 years again; nothing
// else does.
func TestUpdateSAMLMetadata(t *testing.T) {
	f := fixture(t)
	arn := *createSAML(f, &iamapi.CreateSAMLProviderRequest{Name: new("Corp")}).SAMLProviderArn
	before := getSAML(f, arn)
	f.Advance(time.Hour)
	updateSAML(f, &iamapi.UpdateSAMLProviderRequest{SAMLProviderArn: &arn, AddPrivateKey: new(pkcs8(rsaKey()))})
	f.WantChecks(check("UpdateSAMLProvider", arn))
	iamtest.WantEqual(t, "ValidUntil", before.ValidUntil, getSAML(f, arn).ValidUntil)

	document := metadata("https://other.example.com", "")
	updateSAML(f, &iamapi.UpdateSAMLProviderRequest{SAMLProviderArn: &arn, SAMLMetadataDocument: &document})
	after := getSAML(f, arn)
	iamtest.WantEqual(t, "metadata", document, *after.SAMLMetadataDocument)
	iamtest.WantEqual(t, "UUID", before.SAMLProviderUUID, after.SAMLProviderUUID)
	iamtest.WantEqual(t, "CreateDate", before.CreateDate, after.CreateDate)
	updated := provider(f, "Corp").Updated
	if !updated.After(before.CreateDate.Add(time.Hour)) || !after.ValidUntil.Equal(updated.AddDate(100, 0, 0)) {
		t.Errorf("updated %v, valid until %v", updated, after.ValidUntil)
	}
	f.Fails(f.Root(), "UpdateSAMLProvider", &iamapi.UpdateSAMLProviderRequest{SAMLProviderArn: &arn}, "ValidationError",
		"Unable to update identity provider. No updates are defined for metadata or encryption assertion.")
}

// Private keys as recorded in 2026: at most two, the same one twice if need be,
// and one as long as assertions must be encrypted. They are sealed and go with
// the provider.
func TestSAMLPrivateKeys(t *testing.T) {
	f := fixture(t)
	key := strings.TrimSpace(pkcs8(rsaKey()))
	arn := *createSAML(f, &iamapi.CreateSAMLProviderRequest{Name: new("Corp")}).SAMLProviderArn
	update := func(change iamapi.UpdateSAMLProviderRequest) *iamapi.UpdateSAMLProviderRequest {
		change.SAMLProviderArn = &arn
		return &change
	}
	refused := func(change iamapi.UpdateSAMLProviderRequest, code, message string) {
		t.Helper()
		f.Fails(f.Root(), "UpdateSAMLProvider", update(change), code, message)
	}
	refused(iamapi.UpdateSAMLProviderRequest{AssertionEncryptionMode: new("Required")}, "InvalidInput",
		"Failed to set assertion encryption mode to Required because no private key is present.")
	updateSAML(f, update(iamapi.UpdateSAMLProviderRequest{AddPrivateKey: &key}))
	updateSAML(f, update(iamapi.UpdateSAMLProviderRequest{AddPrivateKey: &key}))
	refused(iamapi.UpdateSAMLProviderRequest{AddPrivateKey: &key}, "LimitExceeded", "Private key limit of 2 is reached.")

	p, shown := provider(f, "Corp"), getSAML(f, arn)
	var ids []string
	for i, k := range shown.PrivateKeyList {
		ids = append(ids, *k.KeyId)
		iamtest.WantEqual(t, "key", p.PrivateKeys[i], iam.SAMLPrivateKey{ID: *k.KeyId, Created: *k.Timestamp})
		iamtest.WantEqual(t, "sealed", key, string(f.Secret(iam.SAMLKeySecret(p.ID, *k.KeyId))))
		if !strings.HasPrefix(*k.KeyId, "SAMLPK") || len(*k.KeyId) != 22 {
			t.Errorf("KeyId = %s", *k.KeyId)
		}
	}
	if len(ids) != 2 || ids[0] == ids[1] {
		t.Fatalf("keys %q", ids)
	}
	updateSAML(f, update(iamapi.UpdateSAMLProviderRequest{AssertionEncryptionMode: new("Required")}))
	iamtest.WantEqual(t, "mode", "Required", *getSAML(f, arn).AssertionEncryptionMode)
	refused(iamapi.UpdateSAMLProviderRequest{AddPrivateKey: &key, RemovePrivateKey: &ids[0]}, "ValidationError",
		"Unable to add and remove private keys in the same request. Set a value for only one of the two parameters.")
	updateSAML(f, update(iamapi.UpdateSAMLProviderRequest{RemovePrivateKey: &ids[0]}))
	if f.Secret(iam.SAMLKeySecret(p.ID, ids[0])) != nil {
		t.Error("the key that was removed is still there")
	}
	for _, id := range ids {
		refused(iamapi.UpdateSAMLProviderRequest{RemovePrivateKey: &id}, "InvalidInput", "Failed to remove private key.")
	}
	updateSAML(f, update(iamapi.UpdateSAMLProviderRequest{RemovePrivateKey: &ids[1], AssertionEncryptionMode: new("Allowed")}))
	iamtest.WantEqual(t, "keys", []iamapi.SAMLPrivateKey{}, getSAML(f, arn).PrivateKeyList)

	updateSAML(f, update(iamapi.UpdateSAMLProviderRequest{AddPrivateKey: &key, AssertionEncryptionMode: new("Required")}))
	last := iam.SAMLKeySecret(p.ID, provider(f, "Corp").PrivateKeys[0].ID)
	if f.Secret(last) == nil {
		t.Fatal("no key")
	}
	iamtest.Do[iamapi.DeleteSAMLProviderResponse](f, f.Root(), "DeleteSAMLProvider", &iamapi.DeleteSAMLProviderRequest{SAMLProviderArn: &arn})
	f.WantChecks(check("DeleteSAMLProvider", arn))
	if f.Secret(last) != nil {
		t.Error("the key of a provider that is gone is still there")
	}
}

// The private keys that are taken: those that decrypt assertions. AWS was seen to
// take keys of elliptic curves and short ones as well.
func TestSAMLPrivateKeyForms(t *testing.T) {
	f := fixture(t)
	small := must(rsa.GenerateKey(rand.Reader, 1024))
	n := 0
	for name, tt := range map[string]struct {
		key string
		ok  bool
	}{
		"PKCS #8":            {pkcs8(rsaKey()), true},
		"PKCS #1":            {block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey())), true},
		"1,024 bits":         {pkcs8(small), false},
		"elliptic curve":     {pkcs8(ecKey()), false},
		"white space around": {"\n " + pkcs8(rsaKey()) + "\n", true},
		"a public key":       {block("PUBLIC KEY", must(x509.MarshalPKIXPublicKey(rsaKey().Public()))), false},
		"encrypted":          {block("ENCRYPTED PRIVATE KEY", must(x509.MarshalPKCS8PrivateKey(rsaKey()))), false},
		"two":                {pkcs8(rsaKey()) + pkcs8(rsaKey()), false},
		"text before":        {"key\n" + pkcs8(rsaKey()), false},
		"a broken one":       {"-----BEGIN PRIVATE KEY-----\nAAAA\n" + pkcs8(rsaKey()), false},
		"text":               {"secret", false},
	} {
		n++
		in := &iamapi.CreateSAMLProviderRequest{
			Name: new("p" + string(rune('a'+n))), SAMLMetadataDocument: new(metadata(entity, "")), AddPrivateKey: &tt.key, AssertionEncryptionMode: new("Required"),
		}
		if !tt.ok {
			f.Fails(f.Root(), "CreateSAMLProvider", in, "InvalidInput", "Invalid Private Key.")
			continue
		}
		createSAML(f, in)
		p := provider(f, *in.Name)
		if len(p.PrivateKeys) != 1 || string(f.Secret(iam.SAMLKeySecret(p.ID, p.PrivateKeys[0].ID))) != strings.TrimSpace(tt.key) {
			t.Errorf("%s: keys %v", name, p.PrivateKeys)
		}
	}
}

// Row iam-214. Only the whole ARN names a provider.
func TestMissingSAMLProvider(t *testing.T) {
	f := fixture(t)
	createSAML(f, &iamapi.CreateSAMLProviderRequest{Name: new("corporate-identities")})
	for _, arn := range []string{
		f.ARN("saml-provider/other"), f.ARN("saml-provider/Corporate-Identities"), f.ARN("saml-provider/x/corporate-identities"),
		"arn:aws:iam::" + iamtest.OtherAccount + ":saml-provider/corporate-identities",
	} {
		message := "Manifest not found for arn " + arn
		f.Fails(f.Root(), "GetSAMLProvider", &iamapi.GetSAMLProviderRequest{SAMLProviderArn: &arn}, "NoSuchEntity", message)
		f.WantChecks(check("GetSAMLProvider", arn))
		f.Fails(f.Root(), "UpdateSAMLProvider", &iamapi.UpdateSAMLProviderRequest{SAMLProviderArn: &arn, AssertionEncryptionMode: new("Allowed")}, "NoSuchEntity", message)
		f.Fails(f.Root(), "DeleteSAMLProvider", &iamapi.DeleteSAMLProviderRequest{SAMLProviderArn: &arn}, "NoSuchEntity", message)
		f.Fails(f.Root(), "TagSAMLProvider", &iamapi.TagSAMLProviderRequest{SAMLProviderArn: &arn, Tags: []iamapi.Tag{tag("a", "b")}}, "NoSuchEntity", message)
		f.Fails(f.Root(), "UntagSAMLProvider", &iamapi.UntagSAMLProviderRequest{SAMLProviderArn: &arn, TagKeys: []string{"a"}}, "NoSuchEntity", message)
		f.Fails(f.Root(), "ListSAMLProviderTags", &iamapi.ListSAMLProviderTagsRequest{SAMLProviderArn: &arn}, "NoSuchEntity", message)
	}
}

func TestSAMLProviderTags(t *testing.T) {
	f := fixture(t)
	arn := *createSAML(f, &iamapi.CreateSAMLProviderRequest{Name: new("Corp"), Tags: []iamapi.Tag{tag("team", "red")}}).SAMLProviderArn
	list := func(want ...iamapi.Tag) {
		t.Helper()
		out := iamtest.Do[iamapi.ListSAMLProviderTagsResponse](f, f.Root(), "ListSAMLProviderTags", &iamapi.ListSAMLProviderTagsRequest{SAMLProviderArn: &arn})
		iamtest.WantEqual(t, "tags", append([]iamapi.Tag{}, want...), out.Tags)
	}
	iamtest.Do[iamapi.TagSAMLProviderResponse](f, f.Root(), "TagSAMLProvider", &iamapi.TagSAMLProviderRequest{SAMLProviderArn: &arn, Tags: []iamapi.Tag{tag("env", "test")}})
	f.WantChecks(operation.Check{Action: "iam:TagSAMLProvider", Resource: arn,
		ResourceTags: []operation.Tag{{Key: "team", Value: "red"}}, RequestTags: []operation.Tag{{Key: "env", Value: "test"}}})
	list(tag("env", "test"), tag("team", "red"))
	iamtest.Do[iamapi.UntagSAMLProviderResponse](f, f.Root(), "UntagSAMLProvider", &iamapi.UntagSAMLProviderRequest{SAMLProviderArn: &arn, TagKeys: []string{"team"}})
	if got := f.Checks[0].TagKeys; !slices.Equal(got, []string{"team"}) {
		t.Errorf("TagKeys = %q", got)
	}
	list(tag("env", "test"))
	f.Env.Limits[iam.TagsPerSAMLProvider] = 1
	f.Fails(f.Root(), "TagSAMLProvider", &iamapi.TagSAMLProviderRequest{SAMLProviderArn: &arn, Tags: []iamapi.Tag{tag("a", "b")}},
		"LimitExceeded", "Cannot exceed quota for TagsPerSAMLProvider: 1")
}
