package api_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"sallyport/internal/api"
	"sallyport/internal/api/iamapi"
	"sallyport/internal/api/sallyportapi"
	"sallyport/internal/api/stsapi"
)

func x(n int) *string { return new(strings.Repeat("x", n)) }

const one = "1 validation error detected: "

var role = new("arn:aws:iam::123456789012:role/app")

// wordings are inputs with the message that AWS has for them; an empty
// message is a valid input.
var wordings = []struct {
	name string
	op   *api.Operation
	in   any
	want string
}{
	{"valid", iamapi.OpCreateUser, &iamapi.CreateUserRequest{UserName: new("alice"), Path: new("/team/"),
		Tags: []iamapi.Tag{{Key: new("équipe"), Value: new("")}}}, ""},
	{"missing", iamapi.OpCreateUser, &iamapi.CreateUserRequest{}, one + "Value at 'userName' failed to satisfy constraint: Member must not be null"},
	{"too long on create", iamapi.OpCreateUser, &iamapi.CreateUserRequest{UserName: x(65)}, one + "Value at 'userName' failed to satisfy constraint: Member must have length less than or equal to 64"},
	{"longer on read", iamapi.OpGetUser, &iamapi.GetUserRequest{UserName: x(128)}, ""},
	{"too long on read", iamapi.OpGetUser, &iamapi.GetUserRequest{UserName: x(129)}, one + "Value at 'userName' failed to satisfy constraint: Member must have length less than or equal to 128"},
	{"name characters", iamapi.OpCreateUser, &iamapi.CreateUserRequest{UserName: new("bad/name")},
		"The specified value for userName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-"},
	{"path", iamapi.OpCreateUser, &iamapi.CreateUserRequest{UserName: new("alice"), Path: new("test")},
		"The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters."},
	{"path prefix", iamapi.OpListUsers, &iamapi.ListUsersRequest{PathPrefix: new("nope")},
		"The specified value for pathPrefix is invalid. It must begin with the / character and contain only alphanumeric characters and/or / characters."},
	{"range above", iamapi.OpListUserPolicies, &iamapi.ListUserPoliciesRequest{UserName: new("alice"), MaxItems: new(int64(1001))},
		one + "Value at 'maxItems' failed to satisfy constraint: Member must have value less than or equal to 1000"},
	{"range below", iamapi.OpUpdateRole, &iamapi.UpdateRoleRequest{RoleName: new("app"), MaxSessionDuration: new(int64(3599))},
		one + "Value at 'maxSessionDuration' failed to satisfy constraint: Member must have value greater than or equal to 3600"},
	{"role name on read", iamapi.OpGetRole, &iamapi.GetRoleRequest{RoleName: new("/service-role/x")},
		one + `Value at 'roleName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]+`},
	{"empty document", iamapi.OpPutUserPolicy, &iamapi.PutUserPolicyRequest{UserName: new("alice"), PolicyName: new("p"), PolicyDocument: new("")},
		"The specified value for policyDocument is invalid. It must contain only printable ASCII characters."},
	{"document beyond Latin-1", iamapi.OpPutUserPolicy, &iamapi.PutUserPolicyRequest{UserName: new("alice"), PolicyName: new("p"), PolicyDocument: new("{\u0100}")},
		"The specified value for policyDocument is invalid. It must contain only printable ASCII characters."},
	{"document too long", iamapi.OpPutUserPolicy, &iamapi.PutUserPolicyRequest{UserName: new("alice"), PolicyName: new("p"), PolicyDocument: x(131073)},
		one + "Value at 'policyDocument' failed to satisfy constraint: Member must have length less than or equal to 131072"},
	{"enumeration", iamapi.OpUpdateServiceSpecificCredential, &iamapi.UpdateServiceSpecificCredentialRequest{
		ServiceSpecificCredentialId: x(20), Status: new("Invalid")}, one + "Value at 'status' failed to satisfy constraint: Member must satisfy enum value set"},
	{"version id", iamapi.OpSetDefaultPolicyVersion, &iamapi.SetDefaultPolicyVersionRequest{PolicyArn: new("arn:aws:iam::123456789012:policy/p"), VersionId: new("wrong_version_id")},
		one + `Value at 'versionId' failed to satisfy constraint: Member must satisfy regular expression pattern: v[1-9][0-9]*(\.[A-Za-z0-9-]*)?`},
	{"too many tags", iamapi.OpTagUser, &iamapi.TagUserRequest{UserName: new("alice"), Tags: tags(51)},
		one + "Value at 'tags' failed to satisfy constraint: Member must have length less than or equal to 50"},
	{"tag key length", iamapi.OpTagUser, &iamapi.TagUserRequest{UserName: new("alice"), Tags: []iamapi.Tag{{Key: x(129), Value: new("")}}},
		one + "Value at 'tags.1.member.key' failed to satisfy constraint: Member must have length less than or equal to 128"},
	{"tag key characters", iamapi.OpTagUser, &iamapi.TagUserRequest{UserName: new("alice"), Tags: []iamapi.Tag{{Key: new("ok"), Value: new("")}, {Key: new("NOWAY!"), Value: new("")}}},
		one + `Value at 'tags.2.member.key' failed to satisfy constraint: Member must satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]+`},
	{"scalar list", iamapi.OpUntagUser, &iamapi.UntagUserRequest{UserName: new("alice"), TagKeys: []string{"ok", "no!"}},
		one + `Value at 'tagKeys' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 128, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]+, Member must not be null]`},
	{"all violations", iamapi.OpTagUser, &iamapi.TagUserRequest{Tags: []iamapi.Tag{{Key: new("")}}},
		"4 validation errors detected: Value at 'userName' failed to satisfy constraint: Member must not be null; " +
			"Value at 'tags.1.member.key' failed to satisfy constraint: Member must have length greater than or equal to 1; " +
			`Value at 'tags.1.member.key' failed to satisfy constraint: Member must satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]+; ` +
			"Value at 'tags.1.member.value' failed to satisfy constraint: Member must not be null"},
	{"acronym", iamapi.OpGetSAMLProvider, &iamapi.GetSAMLProviderRequest{}, one + "Value at 'sAMLProviderArn' failed to satisfy constraint: Member must not be null"},
	{"union", iamapi.OpSimulatePrincipalPolicy, &iamapi.SimulatePrincipalPolicyRequest{PolicySourceArn: role, ActionNames: []string{"s3:GetObject"},
		PolicyExclusionList: []iamapi.PolicyIdentifier{{}}}, one + "Value at 'policyExclusionList.1.member' failed to satisfy constraint: Member must have exactly one member set"},
	{"map of structures", iamapi.OpAcquireRole, &iamapi.AcquireRoleRequest{TemplateArn: role, ReplacementValues: map[string]iamapi.ReplacementValueEntry{"p": {}}},
		one + "Value at 'replacementValues.p.member.values' failed to satisfy constraint: Member must not be null"},
	{"STS echoes", stsapi.OpAssumeRole, &stsapi.AssumeRoleRequest{RoleArn: role, RoleSessionName: new("Session1:2")},
		one + `Value 'Session1:2' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]*`},
	{"STS token code", stsapi.OpGetSessionToken, &stsapi.GetSessionTokenRequest{TokenCode: new("11111111111111")},
		one + "Value '11111111111111' at 'tokenCode' failed to satisfy constraint: Member must have length less than or equal to 6"},
	{"STS null", stsapi.OpAssumeRole, &stsapi.AssumeRoleRequest{RoleSessionName: new("alice")}, one + "Value null at 'roleArn' failed to satisfy constraint: Member must not be null"},
	{"JSON style", sallyportapi.OpEvaluate, &sallyportapi.EvaluateRequest{PrincipalArn: role, Action: new("s3:*")},
		one + "Value 's3:*' at 'action' failed to satisfy constraint: Member must satisfy regular expression pattern: [A-Za-z0-9-]+:[A-Za-z0-9]+"},
	{"sensitive is not echoed", sallyportapi.OpCreateAccount, sallyportapi.CreateAccountRequest{Email: new("secret"), Name: new("AnyCompany")},
		one + `Value at 'email' failed to satisfy constraint: Member must satisfy regular expression pattern: [^\s@]+@[^\s@]+\.[^\s@]+`},
	{"no input shape", iamapi.OpGetAccountSummary, &iamapi.GetAccountSummaryRequest{}, ""},
}

func TestValidateWording(t *testing.T) {
	for _, c := range wordings {
		t.Run(c.name, func(t *testing.T) {
			style := c.op.Service.Style()
			err := api.Validate(c.op, c.in, style)
			if c.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			var e *api.Error
			if !errors.As(err, &e) {
				t.Fatalf("valid, want %s", c.want)
			}
			if e.Message != c.want || e.Code != style.Code || e.Status != 400 || !e.Sender {
				t.Errorf("got  %+v\nwant %s", e, c.want)
			}
		})
	}
}

func tags(n int) []iamapi.Tag {
	list := make([]iamapi.Tag, n)
	for i := range list {
		list[i] = iamapi.Tag{Key: new(fmt.Sprint("k", i)), Value: new("")}
	}
	return list
}

// TestAttackSecretInValidationError: no style echoes a sensitive member, nor
// does the sentence about a name.
func TestAttackSecretInValidationError(t *testing.T) {
	secret := "p\u0100ssw0rd"
	echoing := api.ValidationStyle{Code: "ValidationError", EchoValue: true, ListEnum: true}
	for _, style := range []api.ValidationStyle{api.StyleIAM, api.StyleSTS, api.StyleJSON, echoing} {
		for _, c := range []struct {
			op *api.Operation
			in any
		}{
			{iamapi.OpCreateLoginProfile, &iamapi.CreateLoginProfileRequest{UserName: new("alice"), Password: &secret}},
			{iamapi.OpChangePassword, &iamapi.ChangePasswordRequest{OldPassword: &secret, NewPassword: &secret}},
		} {
			err := api.Validate(c.op, c.in, style)
			if err == nil || strings.Contains(err.Error(), secret) {
				t.Errorf("%s: %v", c.op.Name, err)
			}
		}
	}
}

// TestLengthsAreCodePoints: lengths count code points, not bytes or UTF-16.
func TestLengthsAreCodePoints(t *testing.T) {
	in := &iamapi.TagUserRequest{UserName: new("alice"), Tags: []iamapi.Tag{{Key: new(strings.Repeat("𝒳", 128)), Value: new("")}}}
	if err := api.Validate(iamapi.OpTagUser, in, api.StyleIAM); err != nil {
		t.Error(err)
	}
}

func BenchmarkValidateAssumeRole(b *testing.B) {
	in := &stsapi.AssumeRoleRequest{RoleArn: new("arn:aws:iam::123456789012:role/app"), RoleSessionName: new("alice@example.com"), DurationSeconds: new(int64(3600))}
	b.ReportAllocs()
	for b.Loop() {
		if err := api.Validate(stsapi.OpAssumeRole, in, api.StyleSTS); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkValidateLargeDocument(b *testing.B) {
	in := &iamapi.PutUserPolicyRequest{UserName: new("alice"), PolicyName: new("p"), PolicyDocument: x(131072)}
	for b.Loop() {
		if err := api.Validate(iamapi.OpPutUserPolicy, in, api.StyleIAM); err != nil {
			b.Fatal(err)
		}
	}
}
