package providers_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/iam/iamtest"
	"sallyport/internal/operation"
)

const (
	issuer = "https://idp.example.com"
	print1 = "990f4193972f2becf12ddeda5237f9c952f20d9e"
)

func createOIDC(f *iamtest.Fixture, in *iamapi.CreateOpenIDConnectProviderRequest) *iamapi.CreateOpenIDConnectProviderResponse {
	f.Helper()
	return iamtest.Do[iamapi.CreateOpenIDConnectProviderResponse](f, f.Root(), "CreateOpenIDConnectProvider", in)
}

func getOIDC(f *iamtest.Fixture, arn string) *iamapi.GetOpenIDConnectProviderResponse {
	f.Helper()
	return iamtest.Do[iamapi.GetOpenIDConnectProviderResponse](f, f.Root(), "GetOpenIDConnectProvider",
		&iamapi.GetOpenIDConnectProviderRequest{OpenIDConnectProviderArn: &arn})
}

func listOIDC(f *iamtest.Fixture) []string {
	f.Helper()
	out := iamtest.Do[iamapi.ListOpenIDConnectProvidersResponse](f, f.Root(), "ListOpenIDConnectProviders", &iamapi.ListOpenIDConnectProvidersRequest{})
	arns := []string{}
	for _, p := range out.OpenIDConnectProviderList {
		arns = append(arns, *p.Arn)
	}
	return arns
}

// As recorded in 2026: repeated client ids count once, thumbprints are in lower
// case and repeated, tags come back in the order of the request, and by key when
// they are asked for. Lists without anything are empty.
func TestCreateOpenIDConnectProvider(t *testing.T) {
	f := fixture(t)
	arn := f.ARN("oidc-provider/idp.example.com/path/")
	asked := []iamapi.Tag{tag("team", "red"), tag("Env", "test")}
	got := createOIDC(f, &iamapi.CreateOpenIDConnectProviderRequest{
		Url: new(issuer + "/path/"), ClientIDList: []string{"z", "a", "z"},
		ThumbprintList: []string{strings.ToUpper(print1), print1}, Tags: asked,
	})
	iamtest.WantEqual(t, "reply", &iamapi.CreateOpenIDConnectProviderResponse{OpenIDConnectProviderArn: &arn, Tags: asked}, got)
	create := operation.Check{Action: "iam:CreateOpenIDConnectProvider", Resource: arn,
		RequestTags: []operation.Tag{{Key: "team", Value: "red"}, {Key: "Env", Value: "test"}}}
	tagging := create
	tagging.Action = "iam:TagOpenIDConnectProvider"
	f.WantChecks(create, tagging)

	shown := getOIDC(f, arn)
	iamtest.WantEqual(t, "provider", &iamapi.GetOpenIDConnectProviderResponse{
		Url: new("idp.example.com/path/"), ClientIDList: []string{"z", "a"}, ThumbprintList: []string{print1, print1},
		CreateDate: shown.CreateDate, Tags: []iamapi.Tag{tag("Env", "test"), tag("team", "red")},
	}, shown)
	tags := []operation.Tag{{Key: "Env", Value: "test"}, {Key: "team", Value: "red"}}
	f.WantChecks(operation.Check{Action: "iam:GetOpenIDConnectProvider", Resource: arn, ResourceTags: tags})

	bare := f.ARN("oidc-provider/idp.example.com")
	got = createOIDC(f, &iamapi.CreateOpenIDConnectProviderRequest{Url: new(issuer)})
	iamtest.WantEqual(t, "reply", &iamapi.CreateOpenIDConnectProviderResponse{OpenIDConnectProviderArn: &bare}, got)
	f.WantChecks(check("CreateOpenIDConnectProvider", bare))
	shown = getOIDC(f, bare)
	iamtest.WantEqual(t, "bare provider", &iamapi.GetOpenIDConnectProviderResponse{
		Url: new("idp.example.com"), ClientIDList: []string{}, ThumbprintList: []string{}, CreateDate: shown.CreateDate, Tags: []iamapi.Tag{},
	}, shown)
	iamtest.WantEqual(t, "list", []string{bare, arn}, listOIDC(f))
	f.WantChecks(check("ListOpenIDConnectProviders", "*"))
}

// A provider without thumbprints stays so: nobody is asked for any.
func TestThumbprintsAreNotFetched(t *testing.T) {
	f := fixture(t)
	arn := *createOIDC(f, &iamapi.CreateOpenIDConnectProviderRequest{Url: new("https://localhost")}).OpenIDConnectProviderArn
	iamtest.WantEqual(t, "thumbprints", []string{}, getOIDC(f, arn).ThumbprintList)
}

func TestCreateOpenIDConnectProviderRefusals(t *testing.T) {
	f := fixture(t)
	six := slices.Repeat([]string{print1}, 6)
	var ids []string
	for i := range 101 {
		ids = append(ids, fmt.Sprint(i))
	}
	createOIDC(f, &iamapi.CreateOpenIDConnectProviderRequest{Url: new("https://taken.example.com")})
	for _, tt := range map[string]struct {
		in            iamapi.CreateOpenIDConnectProviderRequest
		code, message string
	}{
		"six thumbprints": {iamapi.CreateOpenIDConnectProviderRequest{Url: new(issuer), ThumbprintList: six}, "InvalidInput", "Thumbprint list must contain fewer than 5 entries."},
		"iam-205":         {iamapi.CreateOpenIDConnectProviderRequest{Url: new("https://taken.example.com:443")}, "EntityAlreadyExists", "Provider with url https://taken.example.com already exists."},
		"iam-211":         {iamapi.CreateOpenIDConnectProviderRequest{Url: new(issuer), ClientIDList: ids}, "LimitExceeded", "Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100"},
		"equal tags": {iamapi.CreateOpenIDConnectProviderRequest{Url: new(issuer), Tags: []iamapi.Tag{tag("a", ""), tag("a", "1")}}, "InvalidInput",
			"Duplicate tag keys found."},
	} {
		f.Fails(f.Root(), "CreateOpenIDConnectProvider", &tt.in, tt.code, tt.message)
	}
	createOIDC(f, &iamapi.CreateOpenIDConnectProviderRequest{Url: new(issuer), ClientIDList: ids[:100], ThumbprintList: six[:5]})
	f.Env.Limits[iam.OIDCProvidersPerAccount] = 2
	f.Fails(f.Root(), "CreateOpenIDConnectProvider", &iamapi.CreateOpenIDConnectProviderRequest{Url: new("https://more.example.com")},
		"LimitExceeded", "Cannot exceed quota for OpenIDConnectProvidersPerAccount: 2")
}

// Which URLs are an issuer's, and what they are called.
func TestIssuerURLs(t *testing.T) {
	f := fixture(t)
	for url, want := range map[string]string{
		"https://a.example.com": "a.example.com", "https://b.example.com/": "b.example.com/", "https://C.Example.com/Path": "C.Example.com/Path",
		"https://d.example.com:443": "d.example.com", "https://d.example.com:443/x/": "d.example.com/x/",
		"https://e.example.com/a%20b/~c;v=1": "e.example.com/a%20b/~c;v=1", "https://192.0.2.1/x": "192.0.2.1/x", "https://localhost": "localhost",
		"https://oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE": "oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE",
	} {
		got := createOIDC(f, &iamapi.CreateOpenIDConnectProviderRequest{Url: &url})
		iamtest.WantEqual(t, url, f.ARN("oidc-provider/"+want), *got.OpenIDConnectProviderArn)
		f.WantChecks(check("CreateOpenIDConnectProvider", *got.OpenIDConnectProviderArn))
	}
	refused := func(url, code, message string) {
		t.Helper()
		f.Fails(f.Root(), "CreateOpenIDConnectProvider", &iamapi.CreateOpenIDConnectProviderRequest{Url: &url}, code, message)
	}
	refused("example.com", "ValidationError", "Invalid Open ID Connect Provider URL")
	for _, url := range []string{"http://example.com", "HTTPS://example.com", "ftp://example.com"} {
		refused(url, "InvalidInput", "Invalid Open ID Connect Provider URL. The URL must begin with https://.")
	}
	for _, rest := range []string{
		"", "/", ":443", "example.com:8443", "example.com:443:443", "example.com:", "alice@example.com", "alice:secret@example.com", "[2001:db8::1]",
		"example.com?", "example.com/?q=v", "example.com/#f", "example.com#", "example.com/*", "example.com/a b", "example.com\\a", "example.com/%", "example.com/%zz",
		"example.com/${aws:username}", "-a.example.com", "a..example.com", "example.com/\u00e9", "b\u00fccher.example.com", strings.Repeat("a", 64) + ".example.com",
	} {
		refused("https://"+rest, "InvalidInput", "Unknown")
	}
}

// Client ids are added and removed once; doing so again changes nothing.
func TestClientIDs(t *testing.T) {
	f := fixture(t)
	arn := *createOIDC(f, &iamapi.CreateOpenIDConnectProviderRequest{Url: new(issuer), ClientIDList: []string{"b"}}).OpenIDConnectProviderArn
	add := func(id string) {
		t.Helper()
		iamtest.Do[iamapi.AddClientIDToOpenIDConnectProviderResponse](f, f.Root(), "AddClientIDToOpenIDConnectProvider",
			&iamapi.AddClientIDToOpenIDConnectProviderRequest{OpenIDConnectProviderArn: &arn, ClientID: &id})
		f.WantChecks(check("AddClientIDToOpenIDConnectProvider", arn))
	}
	remove := func(id string) {
		t.Helper()
		iamtest.Do[iamapi.RemoveClientIDFromOpenIDConnectProviderResponse](f, f.Root(), "RemoveClientIDFromOpenIDConnectProvider",
			&iamapi.RemoveClientIDFromOpenIDConnectProviderRequest{OpenIDConnectProviderArn: &arn, ClientID: &id})
		f.WantChecks(check("RemoveClientIDFromOpenIDConnectProvider", arn))
	}
	want := func(ids ...string) {
		t.Helper()
		iamtest.WantEqual(t, "client ids", append([]string{}, ids...), getOIDC(f, arn).ClientIDList)
	}
	add("a")
	add("b")
	add("B")
	want("b", "a", "B")
	remove("a")
	remove("a")
	want("b", "B")
	f.Env.Limits[iam.ClientIDsPerOIDCProvider] = 2
	add("b")
	f.Fails(f.Root(), "AddClientIDToOpenIDConnectProvider", &iamapi.AddClientIDToOpenIDConnectProviderRequest{OpenIDConnectProviderArn: &arn, ClientID: new("c")},
		"LimitExceeded", "Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 2")
	remove("b")
	remove("B")
	want()
}

func TestUpdateThumbprints(t *testing.T) {
	f := fixture(t)
	arn := *createOIDC(f, &iamapi.CreateOpenIDConnectProviderRequest{Url: new(issuer), ThumbprintList: []string{print1}}).OpenIDConnectProviderArn
	update := func(prints []string) *iamapi.UpdateOpenIDConnectProviderThumbprintRequest {
		return &iamapi.UpdateOpenIDConnectProviderThumbprintRequest{OpenIDConnectProviderArn: &arn, ThumbprintList: prints}
	}
	c, g := strings.Repeat("C", 40), strings.Repeat("g", 40)
	iamtest.Do[iamapi.UpdateOpenIDConnectProviderThumbprintResponse](f, f.Root(), "UpdateOpenIDConnectProviderThumbprint", update([]string{c, g}))
	f.WantChecks(check("UpdateOpenIDConnectProviderThumbprint", arn))
	iamtest.WantEqual(t, "thumbprints", []string{strings.ToLower(c), g}, getOIDC(f, arn).ThumbprintList)
	f.Fails(f.Root(), "UpdateOpenIDConnectProviderThumbprint", update([]string{}), "InvalidInput", "Thumbprint list must contain at least one entry.")
	f.Fails(f.Root(), "UpdateOpenIDConnectProviderThumbprint", update(slices.Repeat([]string{c}, 6)), "InvalidInput", "Thumbprint list must contain fewer than 5 entries.")
}

// Rows iam-203 and iam-204, recorded in 2026 too. Only the whole ARN names a
// provider: what else could be taken for one would get past the policies on it.
func TestMissingOpenIDConnectProvider(t *testing.T) {
	f := fixture(t)
	createOIDC(f, &iamapi.CreateOpenIDConnectProviderRequest{Url: new(issuer + "/path")})
	for _, arn := range []string{
		f.ARN("oidc-provider/idp.example.com"), f.ARN("oidc-provider/idp.example.com/path/"), f.ARN("oidc-provider/IDP.example.com/path"),
		f.ARN("oidc-provider/https://idp.example.com/path"), "arn:aws:iam::" + iamtest.OtherAccount + ":oidc-provider/idp.example.com/path",
	} {
		f.Fails(f.Root(), "GetOpenIDConnectProvider", &iamapi.GetOpenIDConnectProviderRequest{OpenIDConnectProviderArn: &arn},
			"NoSuchEntity", "OpenIDConnect Provider not found for arn "+arn)
		f.WantChecks(check("GetOpenIDConnectProvider", arn))
		missing := "OpenId connect Provider " + arn + " cannot be found."
		f.Fails(f.Root(), "DeleteOpenIDConnectProvider", &iamapi.DeleteOpenIDConnectProviderRequest{OpenIDConnectProviderArn: &arn}, "NoSuchEntity", missing)
		f.Fails(f.Root(), "AddClientIDToOpenIDConnectProvider", &iamapi.AddClientIDToOpenIDConnectProviderRequest{OpenIDConnectProviderArn: &arn, ClientID: new("c")}, "NoSuchEntity", missing)
		f.Fails(f.Root(), "RemoveClientIDFromOpenIDConnectProvider", &iamapi.RemoveClientIDFromOpenIDConnectProviderRequest{OpenIDConnectProviderArn: &arn, ClientID: new("c")}, "NoSuchEntity", missing)
		f.Fails(f.Root(), "UpdateOpenIDConnectProviderThumbprint", &iamapi.UpdateOpenIDConnectProviderThumbprintRequest{OpenIDConnectProviderArn: &arn, ThumbprintList: []string{print1}}, "NoSuchEntity", missing)
		f.Fails(f.Root(), "TagOpenIDConnectProvider", &iamapi.TagOpenIDConnectProviderRequest{OpenIDConnectProviderArn: &arn, Tags: []iamapi.Tag{tag("a", "b")}}, "NoSuchEntity", missing)
		f.Fails(f.Root(), "UntagOpenIDConnectProvider", &iamapi.UntagOpenIDConnectProviderRequest{OpenIDConnectProviderArn: &arn, TagKeys: []string{"a"}}, "NoSuchEntity", missing)
		f.Fails(f.Root(), "ListOpenIDConnectProviderTags", &iamapi.ListOpenIDConnectProviderTagsRequest{OpenIDConnectProviderArn: &arn}, "NoSuchEntity", missing)
	}
}

// A deleted provider is gone; one created again under its URL has nothing of it.
func TestDeleteOpenIDConnectProvider(t *testing.T) {
	f := fixture(t)
	arn := *createOIDC(f, &iamapi.CreateOpenIDConnectProviderRequest{Url: new(issuer), ClientIDList: []string{"a"}}).OpenIDConnectProviderArn
	in := &iamapi.DeleteOpenIDConnectProviderRequest{OpenIDConnectProviderArn: &arn}
	iamtest.Do[iamapi.DeleteOpenIDConnectProviderResponse](f, f.Root(), "DeleteOpenIDConnectProvider", in)
	f.WantChecks(check("DeleteOpenIDConnectProvider", arn))
	iamtest.WantEqual(t, "list", []string{}, listOIDC(f))
	f.Fails(f.Root(), "DeleteOpenIDConnectProvider", in, "NoSuchEntity", "OpenId connect Provider "+arn+" cannot be found.")
	createOIDC(f, &iamapi.CreateOpenIDConnectProviderRequest{Url: new(issuer)})
	iamtest.WantEqual(t, "client ids", []string{}, getOIDC(f, arn).ClientIDList)
}

func TestOpenIDConnectProviderTags(t *testing.T) {
	f := fixture(t)
	arn := *createOIDC(f, &iamapi.CreateOpenIDConnectProviderRequest{Url: new(issuer), Tags: []iamapi.Tag{tag("team", "red")}}).OpenIDConnectProviderArn
	old := []operation.Tag{{Key: "team", Value: "red"}}
	list := func(want ...iamapi.Tag) {
		t.Helper()
		out := iamtest.Do[iamapi.ListOpenIDConnectProviderTagsResponse](f, f.Root(), "ListOpenIDConnectProviderTags", &iamapi.ListOpenIDConnectProviderTagsRequest{OpenIDConnectProviderArn: &arn})
		iamtest.WantEqual(t, "tags", append([]iamapi.Tag{}, want...), out.Tags)
	}
	iamtest.Do[iamapi.TagOpenIDConnectProviderResponse](f, f.Root(), "TagOpenIDConnectProvider",
		&iamapi.TagOpenIDConnectProviderRequest{OpenIDConnectProviderArn: &arn, Tags: []iamapi.Tag{tag("env", "test"), tag("team", "blue")}})
	f.WantChecks(operation.Check{Action: "iam:TagOpenIDConnectProvider", Resource: arn, ResourceTags: old,
		RequestTags: []operation.Tag{{Key: "env", Value: "test"}, {Key: "team", Value: "blue"}}})
	list(tag("env", "test"), tag("team", "blue"))
	iamtest.Do[iamapi.UntagOpenIDConnectProviderResponse](f, f.Root(), "UntagOpenIDConnectProvider",
		&iamapi.UntagOpenIDConnectProviderRequest{OpenIDConnectProviderArn: &arn, TagKeys: []string{"env", "none"}})
	if got := f.Checks[0].TagKeys; !slices.Equal(got, []string{"env", "none"}) {
		t.Errorf("TagKeys = %q", got)
	}
	list(tag("team", "blue"))
	f.Env.Limits[iam.TagsPerOIDCProvider] = 1
	f.Fails(f.Root(), "TagOpenIDConnectProvider", &iamapi.TagOpenIDConnectProviderRequest{OpenIDConnectProviderArn: &arn, Tags: []iamapi.Tag{tag("a", "b")}},
		"LimitExceeded", "Cannot exceed quota for TagsPerOpenIDConnectProvider: 1")
}
