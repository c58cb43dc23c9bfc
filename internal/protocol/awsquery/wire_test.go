package awsquery_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sallyport/internal/api"
	"sallyport/internal/api/iamapi"
	"sallyport/internal/api/stsapi"
	"sallyport/internal/protocol/awsquery"
)

const requestID = "7a62c49f-347e-4fc4-9331-6e8e00000000"

// TestRecordedLengths compares with the Content-Length of recorded replies.
func TestRecordedLengths(t *testing.T) {
	when := time.Date(2019, 5, 1, 10, 20, 30, 0, time.UTC)
	for _, c := range []struct {
		op   *api.Operation
		out  any
		want int
	}{
		{iamapi.OpDeleteRole, nil, 200},
		{iamapi.OpDeleteUser, nil, 200},
		{iamapi.OpTagUser, &iamapi.TagUserResponse{}, 194},
		{iamapi.OpUntagRole, nil, 198},
		{iamapi.OpAddUserToGroup, nil, 208},
		{iamapi.OpDeleteAccessKey, nil, 210},
		{iamapi.OpDetachRolePolicy, nil, 212},
		{iamapi.OpDeletePolicyVersion, nil, 218},
		{iamapi.OpListGroupsForUser, &iamapi.ListGroupsForUserResponse{Groups: []iamapi.Group{}, IsTruncated: new(false)}, 322},
		{iamapi.OpListUserPolicies, &iamapi.ListUserPoliciesResponse{PolicyNames: []string{}, IsTruncated: new(false)}, 323},
		{iamapi.OpListSigningCertificates, &iamapi.ListSigningCertificatesResponse{Certificates: []iamapi.SigningCertificate{}, IsTruncated: new(false)}, 352},
		{iamapi.OpListServiceSpecificCredentials, &iamapi.ListServiceSpecificCredentialsResponse{ServiceSpecificCredentials: []iamapi.ServiceSpecificCredentialMetadata{}}, 357},
		{iamapi.OpGetServiceLastAccessedDetails, &iamapi.GetServiceLastAccessedDetailsResponse{
			JobStatus: new(iamapi.JobStatusTypeINPROGRESS), JobCreationDate: &when, IsTruncated: new(false)}, 459},
		{iamapi.OpCreateUser, &iamapi.CreateUserResponse{User: &iamapi.User{
			Path: new("/test/"), UserName: new("alice"), UserId: new("AIDAIOSFODNN7EXAMPLE1"),
			Arn: new("arn:aws:iam::123456789012:user/test/alice"), CreateDate: &when}}, 485},
	} {
		doc := awsquery.Append(nil, c.op, c.out, requestID)
		if len(doc) != c.want {
			t.Errorf("%s: %d bytes, recorded %d\n%s", c.op.Name, len(doc), c.want, doc)
		}
	}
}

func TestErrorDocuments(t *testing.T) {
	const iam = `<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">` + "\n"
	const tail = "  </Error>\n  <RequestId>" + requestID + "</RequestId>\n</ErrorResponse>\n"
	for _, c := range []struct {
		name string
		svc  *api.Service
		err  *api.Error
		want string
	}{
		{"modelled", iamapi.Service, iamapi.NoSuchEntityException("The user with name %s cannot be found.", "bob's"),
			iam + "  <Error>\n    <Type>Sender</Type>\n    <Code>NoSuchEntity</Code>\n    <Message>The user with name bob's cannot be found.</Message>\n" + tail},
		{"no message element", iamapi.Service, iamapi.CredentialReportNotPresentException("").WithoutMessage(),
			iam + "  <Error>\n    <Type>Sender</Type>\n    <Code>ReportNotPresent</Code>\n" + tail},
		{"empty message", iamapi.Service, api.Errorf("MalformedInput", 400, true, ""),
			iam + "  <Error>\n    <Type>Sender</Type>\n    <Code>MalformedInput</Code>\n    <Message/>\n" + tail},
		{"cause and hint stay inside", iamapi.Service, api.InternalFailure(errors.New("disk /dev/sda1")).WithHint("look at the disk"),
			iam + "  <Error>\n    <Type>Receiver</Type>\n    <Code>InternalFailure</Code>\n    <Message>The request processing has failed because of an unknown error, exception or failure.</Message>\n" + tail},
		{"unknown action", iamapi.Service, api.InvalidAction("ListUserssssss", "2010-05-08"),
			`<ErrorResponse xmlns="http://webservices.amazon.com/AWSFault/2005-15-09">` + "\n  <Error>\n    <Type>Sender</Type>\n    <Code>InvalidAction</Code>\n    <Message>Could not find operation ListUserssssss for version 2010-05-08</Message>\n" + tail},
		{"unknown service, hostile text", nil, api.InvalidAction("</Message>\x00<&\r", ""),
			`<ErrorResponse xmlns="http://webservices.amazon.com/AWSFault/2005-15-09">` + "\n  <Error>\n    <Type>Sender</Type>\n    <Code>InvalidAction</Code>\n    <Message>Could not find operation &lt;/Message&gt;\uFFFD&lt;&amp;&#xD; for version NO_VERSION_SPECIFIED</Message>\n" + tail},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, string(awsquery.AppendError(nil, c.svc, c.err, requestID))); diff != "" {
				t.Error(diff)
			}
		})
	}
	if n := len(awsquery.AppendError(nil, iamapi.Service, iamapi.CredentialReportNotPresentException("").WithoutMessage(), requestID)); n != 224 {
		t.Errorf("ReportNotPresent has %d bytes, recorded 224", n)
	}
}

// TestDocumentLayout shows lists, maps, nested structures and absent members.
func TestDocumentLayout(t *testing.T) {
	when := time.Date(2024, 2, 29, 12, 0, 0, 999e6, time.FixedZone("", 3600))
	out := &iamapi.GetUserResponse{User: &iamapi.User{Path: new("/"), UserName: new("alice"), CreateDate: &when,
		Tags: []iamapi.Tag{{Key: new("team"), Value: new("")}, {Key: new("a<b"), Value: new(`"x" & 'y'`)}}}}
	want := `<GetUserResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
  <GetUserResult>
    <User>
      <Path>/</Path>
      <UserName>alice</UserName>
      <CreateDate>2024-02-29T11:00:00Z</CreateDate>
      <Tags>
        <member>
          <Key>team</Key>
          <Value/>
        </member>
        <member>
          <Key>a&lt;b</Key>
          <Value>"x" &amp; 'y'</Value>
        </member>
      </Tags>
    </User>
  </GetUserResult>
  <ResponseMetadata>
    <RequestId>` + requestID + `</RequestId>
  </ResponseMetadata>
</GetUserResponse>
`
	if diff := cmp.Diff(want, string(awsquery.Append(nil, iamapi.OpGetUser, out, requestID))); diff != "" {
		t.Error(diff)
	}
	var b strings.Builder
	if err := awsquery.Encode(&b, iamapi.OpGetUser, *out, requestID); err != nil || b.String() != want {
		t.Errorf("Encode of the struct's value: %v\n%s", err, b.String())
	}
	summary := awsquery.Append(nil, iamapi.OpGetAccountSummary, &iamapi.GetAccountSummaryResponse{
		SummaryMap: map[string]int64{"Users": 2, "Groups": 15}}, requestID)
	wantMap := "    <SummaryMap>\n      <entry>\n        <key>Groups</key>\n        <value>15</value>\n      </entry>\n      <entry>\n        <key>Users</key>\n        <value>2</value>\n      </entry>\n    </SummaryMap>\n"
	if !strings.Contains(string(summary), wantMap) {
		t.Errorf("map layout:\n%s", summary)
	}
	if nothing := awsquery.Append(nil, iamapi.OpGetUser, nil, requestID); !strings.Contains(string(nothing), "\n  <GetUserResult/>\n") {
		t.Errorf("output left out:\n%s", nothing)
	}
}

func TestEncodeDocument(t *testing.T) {
	const doc = "{\"Version\":\"2012-10-17\", \"x\":[\"a-b._~*é+/\"]}\n"
	const want = "%7B%22Version%22%3A%222012-10-17%22%2C%20%22x%22%3A%5B%22a-b._~%2A%C3%A9%2B%2F%22%5D%7D%0A"
	if got := awsquery.EncodeDocument(doc); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := awsquery.EncodeDocument("plain-._~09AZaz"); got != "plain-._~09AZaz" {
		t.Errorf("unreserved characters changed: %s", got)
	}
}

func BenchmarkAppendGetUser(b *testing.B) {
	when := time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)
	out := &iamapi.GetUserResponse{User: &iamapi.User{Path: new("/"), UserName: new("alice"), UserId: new("AIDAIOSFODNN7EXAMPLE1"),
		Arn: new("arn:aws:iam::123456789012:user/alice"), CreateDate: &when,
		Tags: []iamapi.Tag{{Key: new("team"), Value: new("blue")}, {Key: new("cost-center"), Value: new("1234")}}}}
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = awsquery.Append(buf[:0], iamapi.OpGetUser, out, requestID)
	}
}

func BenchmarkAppendGetCallerIdentity(b *testing.B) {
	out := &stsapi.GetCallerIdentityResponse{Account: new("123456789012"), UserId: new("AIDAIOSFODNN7EXAMPLE1"), Arn: new("arn:aws:iam::123456789012:user/alice")}
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = awsquery.Append(buf[:0], stsapi.OpGetCallerIdentity, out, requestID)
	}
}

func BenchmarkDecodeCreateUser(b *testing.B) {
	const body = "Action=CreateUser&Version=2010-05-08&UserName=alice&Path=%2Fteam%2F&Tags.member.1.Key=team&Tags.member.1.Value=blue"
	b.ReportAllocs()
	for b.Loop() {
		f, err := awsquery.ParseForm(body)
		if err != nil {
			b.Fatal(err)
		}
		var in iamapi.CreateUserRequest
		if err := awsquery.Decode(iamapi.OpCreateUser, f, &in); err != nil {
			b.Fatal(err)
		}
	}
}
