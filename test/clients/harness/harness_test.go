package harness

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWords(t *testing.T) {
	for operation, want := range map[string]string{
		"CreateUser":                     "create-user",
		"GetMFADevice":                   "get-mfa-device",
		"ListSSHPublicKeys":              "list-ssh-public-keys",
		"CreateOpenIDConnectProvider":    "create-open-id-connect-provider",
		"CreateSAMLProvider":             "create-saml-provider",
		"ListAWSServiceAccessForARNs":    "list-aws-service-access-for-arns",
		"GetCallerIdentity":              "get-caller-identity",
		"UploadX509Certificate":          "upload-x509-certificate",
		"PutRolePermissionsBoundary":     "put-role-permissions-boundary",
		"GetOrganizationsAccessReport":   "get-organizations-access-report",
		"AssumeRoleWithSAML":             "assume-role-with-saml",
		"ListInstanceProfilesForRole":    "list-instance-profiles-for-role",
		"GetAccountAuthorizationDetails": "get-account-authorization-details",
	} {
		if got := words(operation, "-"); got != want {
			t.Errorf("words(%q) = %q, want %q", operation, got, want)
		}
	}
}

func TestAt(t *testing.T) {
	var output any
	if err := json.Unmarshal([]byte(`{"Users":[{"Arn":"a"},{"Arn":"b","Tags":[]}]}`), &output); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]any{"Users.1.Arn": "b", "Users.0": map[string]any{"Arn": "a"}, "Users.1.Tags": []any{}} {
		if got, ok := at(output, path); !ok || !cmp.Equal(got, want) {
			t.Errorf("at(%s) = %v, %t, want %v", path, got, ok, want)
		}
	}
	for _, path := range []string{"", "Groups", "Users.2", "Users.-1", "Users.x", "Users.0.Arn.0", "Users.0.Tags"} {
		if got, ok := at(output, path); ok {
			t.Errorf("at(%s) = %v, want nothing", path, got)
		}
	}
}

func TestExpandValue(t *testing.T) {
	vars := variables{"account": "111122223333", "alice-2.Id": "x", "odd": `quote " and \`}
	got, err := vars.expandValue(map[string]any{
		"Arn":  "arn:aws:iam::{{account}}:user/${aws:username}",
		"List": []string{"{{odd}}", "{{alice-2.Id}}"},
		"N":    2,
	})
	want := map[string]any{
		"Arn":  "arn:aws:iam::111122223333:user/${aws:username}",
		"List": []any{`quote " and \`, "x"},
		"N":    2.0,
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("expandValue: %v, (-want +got):\n%s", err, diff)
	}
	if got, err := vars.expandValue("{{nothing}}"); err == nil {
		t.Errorf("an unknown variable became %v", got)
	}
}

// A Want that does not hold must be noticed: these checks guard every case.
func TestCheck(t *testing.T) {
	failed := Reply{Err: &ServiceError{Code: "NoSuchEntity", Message: "The user with name a.b cannot be found.", Status: 404}}
	worked := Reply{Output: map[string]any{"N": 1.0, "Arn": "arn:aws:iam::111122223333:user/a", "List": []any{"x"}}}
	tests := []struct {
		name  string
		reply Reply
		want  Want
		wrong string // part of the complaint, or empty
	}{
		{"success", worked, Want{}, ""},
		{"unexpected success", worked, Want{Code: "NoSuchEntity"}, "the call succeeded"},
		{"unexpected error", failed, Want{}, "the call failed"},
		{"error", failed, Want{Code: "NoSuchEntity", Status: 404, Message: "The user with name {{name}} cannot be found."}, ""},
		{"status unknown to the client", Reply{Err: &ServiceError{Code: "X"}}, Want{Code: "X", Status: 404}, ""},
		{"code", failed, Want{Code: "AccessDenied"}, "code"},
		{"status", failed, Want{Code: "NoSuchEntity", Status: 400}, "status 404"},
		{"message", failed, Want{Code: "NoSuchEntity", Message: "The user"}, "message"},
		{"match", failed, Want{Code: "NoSuchEntity", MessageMatch: "name {{name}} c"}, ""},
		{"match quotes variables", failed, Want{Code: "NoSuchEntity", MessageMatch: "{{other}}"}, "message"},
		{"bad expression", failed, Want{Code: "NoSuchEntity", MessageMatch: "("}, "missing closing"},
		{"unknown variable", failed, Want{Code: "NoSuchEntity", Message: "{{gone}}"}, "no step has saved"},
		{"fields", worked, Want{Fields: map[string]any{"N": 1, "List": Count(1), "Arn": Match(`^arn:.*user/a$`)}}, ""},
		{"field value", worked, Want{Fields: map[string]any{"N": 2}}, "N differs"},
		{"field absent", worked, Want{Fields: map[string]any{"M": 2}}, "M is absent"},
		{"field length", worked, Want{Fields: map[string]any{"List": Count(2)}}, "want a list of 2"},
		{"field kind", worked, Want{Fields: map[string]any{"N": Match("1")}}, "want a string"},
		{"field pattern", worked, Want{Fields: map[string]any{"Arn": Match("role")}}, "want match"},
		{"absent", worked, Want{Absent: []string{"M", "List.1"}}, ""},
		{"not absent", worked, Want{Absent: []string{"List.0"}}, "want it absent"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			wrong := strings.Join(test.want.check(test.reply, variables{"name": "a.b", "other": "a..b"}), "\n")
			if (test.wrong == "") != (wrong == "") || !strings.Contains(wrong, test.wrong) {
				t.Errorf("check: %q, want %q", wrong, test.wrong)
			}
		})
	}
}

func TestNeutral(t *testing.T) {
	output := map[string]any{
		"ResultMetadata":   map[string]any{},
		"ResponseMetadata": map[string]any{"RequestId": "x"},
		"User":             map[string]any{"UserName": "alice", "Tags": nil, "Groups": []any{}},
		"PolicyDocument":   "%7B%22Version%22%3A%222012-10-17%22%7D",
		"Document":         "not a document",
	}
	want := map[string]any{
		"User":           map[string]any{"UserName": "alice", "Groups": []any{}},
		"PolicyDocument": map[string]any{"Version": "2012-10-17"},
		"Document":       "not a document",
	}
	if diff := cmp.Diff(want, neutral(output)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestCLIFailure(t *testing.T) {
	reply, err := cliFailure(254, "\nAn error occurred (AccessDenied) when calling the CreateUser operation: User: x is not\n authorized\n")
	want := Reply{Err: &ServiceError{Code: "AccessDenied", Message: "User: x is not\n authorized"}}
	if diff := cmp.Diff(want, reply); err != nil || diff != "" {
		t.Errorf("cliFailure: %v (-want +got):\n%s", err, diff)
	}
	if reply, err := cliFailure(252, "Parameter validation failed"); err == nil {
		t.Errorf("a refusal by the CLI became %+v", reply)
	}
}

// Every client sends what the service's protocol asks for and reads both kinds
// of answers, here from a server that is not the product.
func TestClientsAgainstFixedAnswers(t *testing.T) {
	answer := func(w http.ResponseWriter, r *http.Request) {
		signed := r.Header.Get("Authorization")
		switch {
		case r.Header.Get("X-Amz-Target") == sallyportTarget+"Evaluate" && strings.Contains(signed, "/us-east-1/sallyport/aws4_request"):
			w.Header().Set("Content-Type", "application/x-amz-json-1.1")
			_, _ = w.Write([]byte(`{"Decision":"allow","DecidedBy":{"Layer":"identityPolicy"},"Reason":"r"}`))
		case r.PostFormValue("Action") == "GetUser" && strings.Contains(signed, "/iam/aws4_request"):
			w.Header().Set("Content-Type", "text/xml")
			w.WriteHeader(http.StatusNotFound)
			_, _ = w.Write([]byte(`<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type>` +
				`<Code>NoSuchEntity</Code><Message>The user with name ` + r.PostFormValue("UserName") + ` cannot be found.</Message></Error>` +
				`<RequestId>0</RequestId></ErrorResponse>`))
		case r.PostFormValue("Action") == "GetCallerIdentity" && r.Header.Get("X-Amz-Security-Token") == "token":
			w.Header().Set("Content-Type", "text/xml")
			_, _ = w.Write([]byte(`<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>` +
				`<Arn>arn:aws:iam::111122223333:user/alice</Arn><UserId>AIDAEXAMPLE</UserId><Account>111122223333</Account>` +
				`</GetCallerIdentityResult></GetCallerIdentityResponse>`))
		default:
			http.Error(w, "unexpected call", http.StatusTeapot)
		}
	}
	server := httptest.NewServer(http.HandlerFunc(answer))
	defer server.Close()
	session := Admin
	session.SessionToken = "token"
	tests := []struct {
		call Call
		want Reply
	}{
		{
			Call{Service: "sallyport", Operation: "Evaluate", Credentials: Admin, Params: map[string]any{
				"PrincipalArn": "arn:aws:iam::111122223333:user/alice", "Action": "s3:GetObject"}},
			Reply{Output: map[string]any{"Decision": "allow", "DecidedBy": map[string]any{"Layer": "identityPolicy"}, "Reason": "r"}},
		},
		{
			Call{Service: "iam", Operation: "GetUser", Credentials: Admin, Params: map[string]any{"UserName": "ghost"}},
			Reply{Err: &ServiceError{Code: "NoSuchEntity", Message: "The user with name ghost cannot be found.", Status: 404}},
		},
		{
			Call{Service: "sts", Operation: "GetCallerIdentity", Credentials: session},
			Reply{Output: map[string]any{"Arn": "arn:aws:iam::111122223333:user/alice", "UserId": "AIDAEXAMPLE", "Account": "111122223333"}},
		},
	}
	for _, entry := range Clients {
		t.Run(entry.Name, func(t *testing.T) {
			client := entry.New(t)
			if client.Name() != entry.Name {
				t.Errorf("the client's name is %q", client.Name())
			}
			for _, test := range tests {
				test.call.Endpoint = server.URL
				got, err := client.Call(t.Context(), test.call)
				if err != nil {
					t.Errorf("%s: %v", test.call.Operation, err)
					continue
				}
				want := test.want
				if want.Err != nil && entry.Name == "aws-cli" {
					withoutStatus := *want.Err
					withoutStatus.Status = 0
					want.Err = &withoutStatus
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", test.call.Operation, diff)
				}
			}
			if entry.Name == "js-sdk" {
				return // it leaves out what it does not know; every case runs through clients that refuse it too
			}
			refused := Call{Endpoint: server.URL, Service: "iam", Operation: "GetUser", Credentials: Admin, Params: map[string]any{"UserNme": "x"}}
			if reply, err := client.Call(t.Context(), refused); err == nil {
				t.Errorf("an unknown parameter was accepted: %+v", reply)
			}
		})
	}
}
