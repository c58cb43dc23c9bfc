package saml

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"sallyport/catalog"
	"sallyport/policy/condition"
)

func claimsOf(t *testing.T, attributes string) (*Claims, error) {
	t.Helper()
	p := newParts()
	p.statements = attributeStatement(attributes)
	a := mustVerify(t, p.signed(t, signAssertion, signing{by: keyOf(t, "idp")}), metadataOf(t, "idp"), testRules())
	return a.Claims(testAccount, "example")
}

// aws is an attribute for AWS.
func aws(name string, values ...string) string { return attributeXML(awsAttributes+name, values...) }

func TestClaims(t *testing.T) {
	c, err := claimsOf(t, aws("Role",
		testRole+","+testProvider,
		"arn:aws:iam::111122223333:saml-provider/example , arn:aws:iam::111122223333:role/path/writer",
		testRole, testRole+","+testRole, testProvider+","+testProvider, testRole+","+testProvider+",x", "arn:aws:s3:::role/x,"+testProvider, "", ",",
		"arn:aws:iam::111122223333:role/a,b,"+testProvider, testProvider+",arn:aws:iam::111122223333:role/a,b",
	)+
		aws("RoleSessionName", "diego@example.com")+aws("SessionDuration", "1800")+aws("SourceIdentity", "DiegoRamirez")+
		aws("PrincipalTag:Project", "Marketing")+aws("PrincipalTag:CostCenter", "12345")+aws("TransitiveTagKeys", "Project", "CostCenter")+
		aws("Other", "a", "b")+attributeXML("https://example.com/other", "x"))
	if err != nil {
		t.Fatal(err)
	}
	if want := []RolePair{{testRole, testProvider}, {"arn:aws:iam::111122223333:role/path/writer", testProvider},
		{"arn:aws:iam::111122223333:role/a,b", testProvider}, {"arn:aws:iam::111122223333:role/a,b", testProvider}}; !slices.Equal(c.Roles, want) {
		t.Errorf("roles %v", c.Roles)
	}
	if c.RoleSessionName != "diego@example.com" || c.SessionDuration != 30*time.Minute || c.SourceIdentity != "DiegoRamirez" {
		t.Errorf("%+v", c)
	}
	if !slices.Equal(c.Tags, []Tag{{"Project", "Marketing"}, {"CostCenter", "12345"}}) || !slices.Equal(c.TransitiveTagKeys, []string{"Project", "CostCenter"}) {
		t.Errorf("tags %v, transitive %v", c.Tags, c.TransitiveTagKeys)
	}
	if c.Subject != "diego@example.com" || c.SubjectType != "persistent" || c.Issuer != testEntity || c.Audience != testRecipient {
		t.Errorf("%+v", c)
	}
	if err := c.CheckRole(testRole, testProvider); err != nil {
		t.Error(err)
	}
	for _, pair := range []RolePair{{testProvider, testRole}, {testRole, testProvider + "2"}, {strings.ToUpper(testRole), testProvider}, {"", ""}, {testRole + "*", testProvider}} {
		var e *Error
		if err := c.CheckRole(pair.Role, pair.Provider); !errors.As(err, &e) || e.Message != messageRole {
			t.Errorf("%v: %v", pair, err)
		}
	}
}

// TestNameQualifier has the example of AWS's page on AssumeRoleWithSAML, hashed
// by another program.
func TestNameQualifier(t *testing.T) {
	if got := nameQualifier("https://example.com/saml", "123456789012", "MySAMLIdP"); got != "1uAJanUnBc2XeUkHURMht+xam2c=" {
		t.Error(got)
	}
}

func TestClaimsAreRefused(t *testing.T) {
	session := aws("RoleSessionName", "diego")
	cases := []struct{ name, attributes, message string }{
		{"no session name", aws("Role", testRole+","+testProvider), messageSession},
		{"no attributes", "", messageSession},
		{"session name of one letter", aws("RoleSessionName", "a"), messageSessionName},
		{"long session name", aws("RoleSessionName", strings.Repeat("a", 65)), messageSessionName},
		{"session name with a space", aws("RoleSessionName", "Diego Ramirez"), messageSessionName},
		{"session name with a slash", aws("RoleSessionName", "diego/x"), messageSessionName},
		{"session name with a star", aws("RoleSessionName", "diego*"), messageSessionName},
		{"session name with a variable", aws("RoleSessionName", "${aws:username}"), messageSessionName},
		{"session name in look-alikes", aws("RoleSessionName", "dіego"), messageSessionName},
		{"session name with a line break", aws("RoleSessionName", "diego&#10;"), messageSessionName},
		{"two session names", aws("RoleSessionName", "diego", "maria"), messageSessionName},
		{"no value of a session name", aws("RoleSessionName"), messageSessionName},
		{"session name twice", session + session, messageMalformed},
		{"roles twice", session + aws("Role", "") + aws("Role", ""), messageMalformed},
		{"tag twice", session + aws("PrincipalTag:a", "1") + aws("PrincipalTag:a", "2"), messageMalformed},
		{"source with a colon", session + aws("SourceIdentity", "aws:diego"), messageSource},
		{"two sources", session + aws("SourceIdentity", "diego", "maria"), messageSource},
		{"duration in words", session + aws("SessionDuration", "long"), messageDuration},
		{"duration too short", session + aws("SessionDuration", "899"), messageDuration},
		{"duration too long", session + aws("SessionDuration", "43201"), messageDuration},
		{"negative duration", session + aws("SessionDuration", "-900"), messageDuration},
		{"two durations", session + aws("SessionDuration", "900", "1000"), messageDuration},
		{"tag without key", session + aws("PrincipalTag:", "1"), messageTag},
		{"tag of two values", session + aws("PrincipalTag:a", "1", "2"), messageTag},
		{"tag without value", session + aws("PrincipalTag:a"), messageTag},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := claimsOf(t, c.attributes)
			var e *Error
			if !errors.As(err, &e) {
				t.Fatal(err)
			}
			checkError(t, e, CodeInvalidIdentityToken, c.message)
		})
	}
	for _, seconds := range []string{"900", "43200"} {
		if _, err := claimsOf(t, session+aws("SessionDuration", seconds)); err != nil {
			t.Error(seconds, err)
		}
	}
	if c, err := claimsOf(t, session); err != nil || c.SessionDuration != 0 || c.SourceIdentity != "" || len(c.Roles) > 0 {
		t.Errorf("without what is optional: %+v, %v", c, err)
	}
}

func TestKeys(t *testing.T) {
	c, err := claimsOf(t, aws("RoleSessionName", "diego")+
		attributeXML("urn:oid:1.3.6.1.4.1.5923.1.1.1.1", "staff", "member")+
		attributeXML("urn:oid:1.3.6.1.4.1.5923.1.1.1.6", "diego@example.com", "root@example.com")+
		attributeXML("urn:oid:1.3.6.1.4.1.5923.1.1.1.10", `<saml:NameID>targeted</saml:NameID>`)+
		attributeXML("http://schemas.xmlsoap.org/claims/CommonName", "Diego")+attributeXML("2.5.4.3", "Root")+
		attributeXML("urn:oid:2.5.4.3", "*")+attributeXML("2.5.4.4")+
		attributeXML("saml:sub", "root")+attributeXML("URN:OID:1.3.6.1.4.1.5923.1.1.1.7", "x"))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{
		"saml:aud": {testRecipient}, "saml:doc": {"111122223333/example"}, "saml:iss": {testEntity},
		"saml:namequalifier": {c.NameQualifier}, "saml:sub": {"diego@example.com"}, "saml:sub_type": {"persistent"},
		"saml:edupersonaffiliation":   {"staff", "member"},
		"saml:edupersonprincipalname": {"diego@example.com"}, // the first of a key that is no list
		"saml:edupersontargetedid":    {"targeted"},
		"saml:commonname":             {"Diego"}, // the first of two attributes
		"saml:cn":                     {"*"},
	}
	if len(c.Keys) != len(want) {
		t.Errorf("the keys are %v", c.Keys)
	}
	for key, values := range want {
		got, ok := c.Keys.Lookup(key)
		if !ok || !slices.Equal(valuesOf(got), values) {
			t.Errorf("%s is %v", key, valuesOf(got))
		}
	}
}

func valuesOf(v condition.Values) []string {
	var s []string
	for i := range v.Len() {
		s = append(s, v.At(i))
	}
	return s
}

// TestEveryKeyIsKnown compares the keys with the catalogue of actions: all of them
// are conditions of AssumeRoleWithSAML, and none of those is left out.
func TestEveryKeyIsKnown(t *testing.T) {
	made := map[string]bool{"saml:aud": true, "saml:doc": true, "saml:iss": true, "saml:namequalifier": true, "saml:sub": true, "saml:sub_type": true}
	for _, keys := range attributeKeys {
		for _, k := range keys {
			made[k.key] = true
		}
	}
	service, action, ok := catalog.AWS().Action("sts:AssumeRoleWithSAML")
	if !ok {
		t.Fatal("AssumeRoleWithSAML is not in the catalogue")
	}
	for key := range made {
		if key != strings.ToLower(key) {
			t.Errorf("%s is not in lower case", key)
		}
		if !catalog.AWS().ActionHasKey(service, action, key) {
			t.Errorf("%s is no key of AssumeRoleWithSAML", key)
		}
	}
	known := 0
	for _, k := range service.Keys {
		if strings.HasPrefix(k.Name, "saml:") {
			known++
			if !made[strings.ToLower(k.Name)] {
				t.Errorf("%s is not made of any attribute", k.Name)
			}
		}
	}
	if known < 30 {
		t.Errorf("only %d keys are known", known)
	}
}
