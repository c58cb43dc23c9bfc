package audit

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/api/stsapi"
	"sallyport/internal/operation"
	"sallyport/policy"
)

var at = time.Date(2023, 7, 10, 12, 24, 29, 0, time.UTC)

func alice() *operation.Caller {
	return &operation.Caller{
		Principal: policy.Principal{Kind: policy.User, Account: "111122223333", ARN: "arn:aws:iam::111122223333:user/alice", ID: "AIDAEXAMPLE"},
		UserName:  "alice", EntityID: "AIDAEXAMPLE", AccessKeyID: "AKIAIOSFODNN7EXAMPLE",
	}
}

func record(t *testing.T, e Event) map[string]any {
	t.Helper()
	text := e.Append(nil)
	if strings.ContainsAny(string(text), "\n\r") {
		t.Errorf("the record has a line break: %s", text)
	}
	var m map[string]any
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return m
}

// TestCreateRole: rows ct-018 and ct-022. Dates are IAM's, the document is
// plain in the request and percent-encoded in the reply.
func TestCreateRole(t *testing.T) {
	got := record(t, Event{
		ID: "event", RequestID: "request", Time: at, Source: "iam.amazonaws.com", Name: "CreateRole", Region: "us-east-1",
		SourceIP: "192.0.2.1", UserAgent: "aws-cli", Caller: alice(), Op: iamapi.OpCreateRole, Mutating: true, Recipient: "111122223333",
		In: &iamapi.CreateRoleRequest{RoleName: new("deploy"), AssumeRolePolicyDocument: new(`{"Version":"2012-10-17"}`)},
		Out: &iamapi.CreateRoleResponse{Role: &iamapi.Role{RoleName: new("deploy"), CreateDate: new(at),
			AssumeRolePolicyDocument: new("%7B%22Version%22%3A%222012-10-17%22%7D")}},
	})
	want := map[string]any{
		"eventVersion": "1.11",
		"userIdentity": map[string]any{"type": "IAMUser", "principalId": "AIDAEXAMPLE", "arn": "arn:aws:iam::111122223333:user/alice",
			"accountId": "111122223333", "accessKeyId": "AKIAIOSFODNN7EXAMPLE", "userName": "alice"},
		"eventTime": "2023-07-10T12:24:29Z", "eventSource": "iam.amazonaws.com", "eventName": "CreateRole", "awsRegion": "us-east-1",
		"sourceIPAddress": "192.0.2.1", "userAgent": "aws-cli",
		"requestParameters": map[string]any{"roleName": "deploy", "assumeRolePolicyDocument": `{"Version":"2012-10-17"}`},
		"responseElements": map[string]any{"role": map[string]any{"roleName": "deploy", "createDate": "Jul 10, 2023 12:24:29 PM",
			"assumeRolePolicyDocument": "%7B%22Version%22%3A%222012-10-17%22%7D"}},
		"requestID": "request", "eventID": "event", "readOnly": false, "eventType": "AwsApiCall", "managementEvent": true,
		"recipientAccountId": "111122223333", "eventCategory": "Management",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestAssumeRole: row ct-017, but for the session token, which is a secret.
func TestAssumeRole(t *testing.T) {
	got := record(t, Event{
		Time: at, Source: "sts.amazonaws.com", Name: "AssumeRole", Caller: alice(), Op: stsapi.OpAssumeRole, Recipient: "111122223333",
		In: &stsapi.AssumeRoleRequest{RoleArn: new("arn:aws:iam::111122223333:role/deploy"), RoleSessionName: new("session"), TokenCode: new("123456")},
		Out: &stsapi.AssumeRoleResponse{Credentials: &stsapi.Credentials{AccessKeyId: new("ASIAEXAMPLE"), SecretAccessKey: new("secret"),
			SessionToken: new("token"), Expiration: new(at)}},
		Resources: []Resource{{Account: "111122223333", Type: "AWS::IAM::Role", ARN: "arn:aws:iam::111122223333:role/deploy"}},
	})
	if got["readOnly"] != true {
		t.Error("AssumeRole is not readOnly")
	}
	want := map[string]any{"roleArn": "arn:aws:iam::111122223333:role/deploy", "roleSessionName": "session", "tokenCode": hidden}
	if diff := cmp.Diff(want, got["requestParameters"].(map[string]any)); diff != "" {
		t.Error(diff)
	}
	credentials := got["responseElements"].(map[string]any)["credentials"].(map[string]any)
	if credentials["expiration"] != "Jul 10, 2023, 12:24:29 PM" || credentials["accessKeyId"] != "ASIAEXAMPLE" || len(credentials) != 2 {
		t.Errorf("credentials are recorded as %v", credentials)
	}
	resources := []any{map[string]any{"accountId": "111122223333", "type": "AWS::IAM::Role", "ARN": "arn:aws:iam::111122223333:role/deploy"}}
	if diff := cmp.Diff(resources, got["resources"].([]any)); diff != "" {
		t.Error(diff)
	}
}

func TestReadsHaveNoResponse(t *testing.T) {
	got := record(t, Event{Caller: alice(), Op: iamapi.OpGetUser, In: &iamapi.GetUserRequest{}, Out: &iamapi.GetUserResponse{User: &iamapi.User{UserName: new("alice")}}})
	if got["responseElements"] != nil || got["requestParameters"] != nil || got["readOnly"] != true {
		t.Errorf("got %v", got)
	}
}

func TestRoleSessionIdentity(t *testing.T) {
	c := &operation.Caller{
		Principal: policy.Principal{Kind: policy.RoleSession, Account: "111122223333", ARN: "arn:aws:sts::111122223333:assumed-role/deploy/session",
			RoleARN: "arn:aws:iam::111122223333:role/team/deploy", ID: "AROAEXAMPLE:session"},
		EntityID: "AROAEXAMPLE", AccessKeyID: "ASIAEXAMPLE", Session: &operation.Session{Issued: at, MFAAt: at, SourceIdentity: "alice"},
	}
	want := map[string]any{"type": "AssumedRole", "principalId": "AROAEXAMPLE:session", "arn": "arn:aws:sts::111122223333:assumed-role/deploy/session",
		"accountId": "111122223333", "accessKeyId": "ASIAEXAMPLE", "sessionContext": map[string]any{
			"sessionIssuer": map[string]any{"type": "Role", "principalId": "AROAEXAMPLE", "arn": "arn:aws:iam::111122223333:role/team/deploy",
				"accountId": "111122223333", "userName": "deploy"},
			"attributes":     map[string]any{"creationDate": "2023-07-10T12:24:29Z", "mfaAuthenticated": "true"},
			"sourceIdentity": "alice"}}
	if diff := cmp.Diff(want, record(t, Event{Caller: c})["userIdentity"].(map[string]any)); diff != "" {
		t.Error(diff)
	}
}

// TestAttack25LogInjection: nothing a client sends ends a record or adds a
// member to one.
func TestAttack25LogInjection(t *testing.T) {
	evil := "x\",\"eventName\":\"Other\"}\n{\"eventVersion\":\"1.11\r\u2028\x00\xff"
	c := alice()
	c.UserName = evil
	got := record(t, Event{
		Name: "CreateUser", UserAgent: evil + strings.Repeat("a", 5000), Caller: c, Op: iamapi.OpCreateUser,
		In:        &iamapi.CreateUserRequest{UserName: &evil, Tags: []iamapi.Tag{{Key: &evil, Value: &evil}}},
		ErrorCode: evil, ErrorMessage: evil,
	})
	if got["eventName"] != "CreateUser" {
		t.Errorf("eventName is %v", got["eventName"])
	}
	if agent := got["userAgent"].(string); len(agent) > maxUserAgent+8 {
		t.Errorf("the user agent has %d bytes", len(agent))
	}
	unknown := record(t, Event{AccessKeyID: evil})
	if identity := unknown["userIdentity"].(map[string]any); identity["type"] != "Unknown" || len(identity) != 2 {
		t.Errorf("identity of nobody: %v", identity)
	}
}
