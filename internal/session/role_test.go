package session_test

import (
	"reflect"
	"testing"
	"time"

	"sallyport/internal/operation"
	"sallyport/internal/session"
	"sallyport/internal/sts"
	"sallyport/test/inprocess"
)

// TestAttack09RoleSessionKeepsEverything: what limits temporary credentials limits
// the console session that was made with them. A member that a session token gets
// must be kept too.
func TestAttack09RoleSessionKeepsEverything(t *testing.T) {
	s := inprocess.New(t)
	id := s.Root.Do("iam:CreateRole", inprocess.P{"RoleName": "deploy", "AssumeRolePolicyDocument": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + inprocess.Account + `"},"Action":"sts:AssumeRole"}]}`}).Text("RoleId")
	token := &sts.Token{
		AccessKeyID: "ASIAEXAMPLE", Account: inprocess.Account, EntityID: id, Name: "bob",
		Issued: inprocess.Start, Expires: inprocess.Start.Add(time.Hour), Policies: []string{"{}"}, PolicyARNs: []string{"arn"},
		Tags: []operation.Tag{{Key: "k", Value: "v"}}, Transitive: []string{"k"}, SourceIdentity: "carol", Chained: true,
		Federation: &operation.Federation{Provider: "arn", Keys: map[string][]string{"saml:sub": {"x"}}},
	}
	// Roles' sessions carry no second factor; the others are all set.
	without := map[string]bool{"Secret": true, "Kind": true, "MFAAt": true, "MFADevice": true}
	v := reflect.ValueOf(*token)
	for i := range v.NumField() {
		if name := v.Type().Field(i).Name; v.Field(i).IsZero() != without[name] {
			t.Errorf("the member %s of a session token is not part of this test", name)
		}
	}
	kept := session.Temporary(token)
	caller, err := session.TemporaryCaller(s.View(inprocess.Account), &kept)
	if err != nil {
		t.Fatal(err)
	}
	if want := token.Session(); !reflect.DeepEqual(caller.Session, want) {
		t.Errorf("got %+v\nwant %+v", caller.Session, want)
	}
	if len(caller.Tags) != 1 || caller.AccessKeyID != "ASIAEXAMPLE" {
		t.Errorf("caller %+v", caller)
	}
}
