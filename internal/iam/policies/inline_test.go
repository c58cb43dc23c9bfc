package policies_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"sallyport/internal/api"
	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/iam/iamtest"
	"sallyport/internal/operation"
	"sallyport/internal/protocol/awsquery"
	"sallyport/internal/state"
	"sallyport/policy/condition"
)

// wantError holds err to AWS's code and message.
func wantError(t *testing.T, what string, err error, code, message string) {
	t.Helper()
	var e *api.Error
	if !errors.As(err, &e) || e.Code != code || e.Message != message {
		t.Errorf("%s: %v\nwant %s: %s", what, err, code, message)
	}
}

func ok(t *testing.T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

func title(noun string) string { return strings.ToUpper(noun[:1]) + noun[1:] }

func TestInlinePolicies(t *testing.T) {
	eachKind(t, func(t *testing.T, f *iamtest.Fixture, s *subject) {
		ok(t, "put", s.put(strings.ToUpper(s.name), "p", readOne))
		check := s.check("iam:Put" + title(s.noun) + "Policy")
		check.Name = s.noun + " " + strings.ToUpper(s.name)
		f.WantChecks(check)
		// Names of inline policies tell upper from lower case.
		ok(t, "put", s.put(s.name, "P", " "+listOne+"\n"))

		name, policyName, document, err := s.get(strings.ToUpper(s.name), "P")
		ok(t, "get", err)
		iamtest.WantEqual(t, "get", []string{s.name, "P", awsquery.EncodeDocument(" " + listOne + "\n")}, []string{name, policyName, document})
		_, _, _, err = s.get(s.name, "p")
		ok(t, "get", err)
		f.WantChecks(s.check("iam:Get" + title(s.noun) + "Policy"))

		ok(t, "replace", s.put(s.name, "p", listOne))
		_, _, document, _ = s.get(s.name, "p")
		iamtest.WantEqual(t, "replaced", awsquery.EncodeDocument(listOne), document)

		names, truncated, marker, err := s.list(s.name, nil, nil)
		ok(t, "list", err)
		f.WantChecks(s.check("iam:List" + title(s.noun) + "Policies"))
		iamtest.WantEqual(t, "list", []string{"P", "p"}, names)
		if *truncated || marker != nil {
			t.Errorf("a list of two is truncated")
		}

		ok(t, "delete", s.remove(s.name, "P"))
		f.WantChecks(s.check("iam:Delete" + title(s.noun) + "Policy"))
		names, _, _, _ = s.list(s.name, nil, nil)
		iamtest.WantEqual(t, "left", []string{"p"}, names)
		ok(t, "delete", s.remove(s.name, "p"))
		names, _, _, _ = s.list(s.name, nil, nil)
		if names == nil || len(names) != 0 {
			t.Errorf("a list of none = %#v, want an empty one", names)
		}
	})
}

// Rows iam-107, iam-108 and iam-110's neighbours: what is refused, and that the
// entity is looked up before the document is judged.
func TestInlineRefusals(t *testing.T) {
	eachKind(t, func(t *testing.T, f *iamtest.Fixture, s *subject) {
		wantError(t, "put", s.put("nobody", "p", "{"), "NoSuchEntity", s.missing)
		f.WantChecks(operation.Check{Action: "iam:Put" + title(s.noun) + "Policy", Resource: f.ARN(s.noun + "/nobody"), Name: s.noun + " nobody"})
		_, _, _, err := s.get("nobody", "p")
		wantError(t, "get", err, "NoSuchEntity", s.missing)
		_, _, _, err = s.list("nobody", nil, nil)
		wantError(t, "list", err, "NoSuchEntity", s.missing)
		wantError(t, "delete", s.remove("nobody", "p"), "NoSuchEntity", s.missing)

		noPolicy := fmt.Sprintf("The %s policy with name NoSuchPolicy cannot be found.", s.noun)
		_, _, _, err = s.get(s.name, "NoSuchPolicy")
		wantError(t, "get", err, "NoSuchEntity", noPolicy)
		wantError(t, "delete", s.remove(s.name, "NoSuchPolicy"), "NoSuchEntity", noPolicy)
		wantError(t, "put", s.put(s.name, "p", "{"), "MalformedPolicyDocument", "Syntax errors in policy.")
		// Row iam-165.
		wantError(t, "put", s.put(s.name, "p", strings.Replace(readOne, `"Effect"`, `"Principal":"*","Effect"`, 1)),
			"MalformedPolicyDocument", "Policy document should not specify a principal.")
		// Row iam-164: only managed policies must say their version.
		ok(t, "put without a version", s.put(s.name, "p", strings.Replace(readOne, `"Version":"2012-10-17",`, "", 1)))
		// Row iam-109.
		wantError(t, "put", s.put(s.name, "p", strings.Repeat(" ", 131073)), "ValidationError",
			"1 validation error detected: Value at 'policyDocument' failed to satisfy constraint: Member must have length less than or equal to 131072")
		_, _, _, err = s.list(s.name, nil, new(int64(1001)))
		// Row iam-017.
		wantError(t, "list", err, "ValidationError",
			"1 validation error detected: Value at 'maxItems' failed to satisfy constraint: Member must have value less than or equal to 1000")
	})
}

// The quota is on all inline policies of an entity together, white space not
// counted; a policy that is replaced makes room for its successor.
func TestInlineSizes(t *testing.T) {
	eachKind(t, func(t *testing.T, f *iamtest.Fixture, s *subject) {
		limit := map[string]int{"user": 2048, "group": 5120, "role": 10240}[s.noun]
		sized := func(n int) string {
			return "\n\t" + strings.Replace(readOne, "b/*", "b/"+strings.Repeat("x", n-len(readOne)+1), 1) + "  "
		}
		exceeded := fmt.Sprintf("Maximum policy size of %d bytes exceeded for %s %s", limit, s.noun, s.name)
		wantError(t, "too large", s.put(s.name, "p", sized(limit+1)), "LimitExceeded", exceeded)
		ok(t, "as large as may be", s.put(s.name, "p", sized(limit)))
		wantError(t, "one more", s.put(s.name, "q", readOne), "LimitExceeded", exceeded)
		ok(t, "replace", s.put(s.name, "p", sized(limit-len(readOne))))
		ok(t, "fill", s.put(s.name, "q", readOne))
		wantError(t, "grow", s.put(s.name, "q", strings.Replace(readOne, "b/*", "b/**", 1)), "LimitExceeded", exceeded)
	})
}

func TestInlinePages(t *testing.T) {
	eachKind(t, func(t *testing.T, _ *iamtest.Fixture, s *subject) {
		var want, got []string
		for i := range 5 {
			name := fmt.Sprintf("p%d", i)
			want = append(want, name)
			ok(t, "put", s.put(s.name, name, readOne))
		}
		var marker *string
		for {
			names, truncated, next, err := s.list(s.name, marker, new(int64(2)))
			ok(t, "list", err)
			got = append(got, names...)
			if !*truncated {
				break
			}
			marker = next
		}
		iamtest.WantEqual(t, "names", want, got)
		_, _, _, err := s.list(s.name, new("%"), nil)
		wantError(t, "list", err, "ValidationError", "Invalid Marker.")
	})
}

// The boundary of a user or role is a condition key of changes of its policies,
// and of nothing that reads them.
func TestBoundaryKey(t *testing.T) {
	f := fixture(t)
	boundary := f.AddPolicy("limit", readOne)
	f.Change(func(tx *state.Tx) error {
		iam.Users.Put(tx, "AIDAB", &iam.User{ID: "AIDAB", Name: "bob", Path: "/", Boundary: boundary, Tags: []operation.Tag{{Key: "team", Value: "red"}}})
		return nil
	})
	addRole(f, "/", "r", boundary)
	keys := condition.Map{"iam:permissionsboundary": condition.One(boundary)}
	withPolicy := condition.Map{"iam:permissionsboundary": condition.One(boundary), "iam:policyarn": condition.One(administrator)}
	tags := []operation.Tag{{Key: "team", Value: "red"}}
	for _, tt := range []struct {
		name string
		in   any
		keys condition.Map
	}{
		{"PutUserPolicy", &iamapi.PutUserPolicyRequest{UserName: new("bob"), PolicyName: new("p"), PolicyDocument: new(readOne)}, keys},
		{"GetUserPolicy", &iamapi.GetUserPolicyRequest{UserName: new("bob"), PolicyName: new("p")}, nil},
		{"ListUserPolicies", &iamapi.ListUserPoliciesRequest{UserName: new("bob")}, nil},
		{"DeleteUserPolicy", &iamapi.DeleteUserPolicyRequest{UserName: new("bob"), PolicyName: new("p")}, keys},
		{"AttachUserPolicy", &iamapi.AttachUserPolicyRequest{UserName: new("bob"), PolicyArn: new(administrator)}, withPolicy},
		{"ListAttachedUserPolicies", &iamapi.ListAttachedUserPoliciesRequest{UserName: new("bob")}, nil},
		{"DetachUserPolicy", &iamapi.DetachUserPolicyRequest{UserName: new("bob"), PolicyArn: new(administrator)}, withPolicy},
	} {
		if _, err := f.Call(f.Root(), tt.name, tt.in); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		f.WantChecks(operation.Check{Action: "iam:" + tt.name, Resource: f.ARN("user/bob"), Name: "user bob", Keys: tt.keys, ResourceTags: tags})
	}
	role := func(action string, keys condition.Map) operation.Check {
		return operation.Check{Action: action, Resource: f.ARN("role/r"), Name: "role r", Keys: keys}
	}
	iamtest.Do[iamapi.PutRolePolicyResponse](f, f.Root(), "PutRolePolicy", &iamapi.PutRolePolicyRequest{RoleName: new("r"), PolicyName: new("p"), PolicyDocument: new(readOne)})
	f.WantChecks(role("iam:PutRolePolicy", keys))
	iamtest.Do[iamapi.AttachRolePolicyResponse](f, f.Root(), "AttachRolePolicy", &iamapi.AttachRolePolicyRequest{RoleName: new("r"), PolicyArn: new(administrator)})
	f.WantChecks(role("iam:AttachRolePolicy", withPolicy))
}
