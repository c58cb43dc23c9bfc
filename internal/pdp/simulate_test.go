package pdp_test

import (
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
	"testing"

	"sallyport/test/inprocess"
)

// A simulated is what the tests look at of a reply.
type simulated struct {
	Results []struct {
		Action   string `xml:"EvalActionName"`
		Resource string `xml:"EvalResourceName"`
		Decision string `xml:"EvalDecision"`
		Matched  []struct {
			Source string `xml:"SourcePolicyId"`
			Kind   string `xml:"SourcePolicyType"`
			Start  place  `xml:"StartPosition"`
			End    place  `xml:"EndPosition"`
		} `xml:"MatchedStatements>member"`
		Missing       []string `xml:"MissingContextValues>member"`
		Boundary      *string  `xml:"PermissionsBoundaryDecisionDetail>AllowedByPermissionsBoundary"`
		Organizations *string  `xml:"OrganizationsDecisionDetail>AllowedByOrganizations"`
		Details       []struct {
			Key   string `xml:"key"`
			Value string `xml:"value"`
		} `xml:"EvalDecisionDetails>entry"`
		Specific []struct {
			Resource string   `xml:"EvalResourceName"`
			Decision string   `xml:"EvalResourceDecision"`
			Missing  []string `xml:"MissingContextValues>member"`
		} `xml:"ResourceSpecificResults>member"`
	} `xml:"EvaluationResults>member"`
	Truncated bool   `xml:"IsTruncated"`
	Marker    string `xml:"Marker"`
}

type place struct {
	Line   int `xml:"Line"`
	Column int `xml:"Column"`
}

func simulate(t *testing.T, c *inprocess.Client, operation string, in p) *simulated {
	t.Helper()
	var reply struct {
		Custom    simulated `xml:"SimulateCustomPolicyResult"`
		Principal simulated `xml:"SimulatePrincipalPolicyResult"`
	}
	if err := xml.Unmarshal([]byte(c.Do("iam:"+operation, in).Body), &reply); err != nil {
		t.Fatal(err)
	}
	if operation == "SimulateCustomPolicy" {
		return &reply.Custom
	}
	return &reply.Principal
}

// custom simulates one action on one resource by one policy.
func custom(document, action, resource string, more ...string) p {
	in := p{"PolicyInputList.member.1": document, "ActionNames.member.1": action}
	if resource != "" {
		in["ResourceArns.member.1"] = resource
	}
	for i := 0; i < len(more); i += 2 {
		in[more[i]] = more[i+1]
	}
	return in
}

// TestSimulateExamples are the examples of the aws CLI's reference
// (https://docs.aws.amazon.com/cli/latest/reference/iam/simulate-custom-policy.html).
func TestSimulateExamples(t *testing.T) {
	s := inprocess.New(t)
	const text = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"dynamodb:*","Resource":"*","Condition":{"DateGreaterThan":{"aws:CurrentTime":"2018-08-16T12:00:00Z"}}}}`
	at := func(time string) p {
		return custom(text, "dynamodb:CreateBackup", "", "ContextEntries.member.1.ContextKeyName", "aws:CurrentTime",
			"ContextEntries.member.1.ContextKeyValues.member.1", time, "ContextEntries.member.1.ContextKeyType", "date")
	}
	r := simulate(t, s.Admin, "SimulateCustomPolicy", at("2019-04-25T11:00:00Z")).Results[0]
	if r.Decision != "allowed" || r.Resource != "*" || len(r.Matched) != 1 || len(r.Missing) != 0 {
		t.Fatalf("%+v", r)
	}
	if m := r.Matched[0]; m.Source != "PolicyInputList.1" || m.Kind != "IAM Policy" || m.Start != (place{1, 38}) || m.End != (place{1, 167}) {
		t.Errorf("%+v", m)
	}
	r = simulate(t, s.Admin, "SimulateCustomPolicy", at("2014-04-25T11:00:00Z")).Results[0]
	if r.Decision != "implicitDeny" || len(r.Matched) != 0 || len(r.Missing) != 0 {
		t.Errorf("%+v", r)
	}
	r = simulate(t, s.Admin, "SimulateCustomPolicy", custom(text, "dynamodb:CreateBackup", "")).Results[0]
	if r.Decision != "implicitDeny" || !slices.Equal(r.Missing, []string{"aws:CurrentTime"}) {
		t.Errorf("without the time: %+v", r)
	}
}

func TestSimulateCustom(t *testing.T) {
	s := inprocess.New(t)
	const bob, bucket = "arn:aws:iam::444455556666:user/team/Bob", "arn:aws:s3:::amzn-s3-demo-bucket"
	allow := document(statement("Allow", "s3:*", "*", ""))
	granting := `{"Statement":[{"Effect":"Allow","Principal":{"AWS":"` + bob + `"},"Action":"s3:GetObject","Resource":"*"}]}`
	for name, c := range map[string]struct {
		in      p
		want    string
		matched string
		check   func(t *testing.T, s *simulated)
	}{
		"an explicit deny is alone": {
			custom(document(statement("Allow", "s3:*", "*", ""), statement("Deny", "s3:Get*", "*", ""), statement("Deny", "s3:GetObject", "*", "")), "s3:GetObject", bucket+"/k"),
			"explicitDeny", "PolicyInputList.1 PolicyInputList.1", nil},
		"all statements that allow": {
			custom(allow, "s3:GetObject", bucket+"/k", "PolicyInputList.member.2", allow), "allowed", "PolicyInputList.1 PolicyInputList.2", nil},
		"an action the resource's type does not support": {custom(allow, "s3:GetObject", bucket), "implicitDeny", "", nil},
		"an action nobody knows":                         {custom(document(statement("Allow", "orders:*", "*", "")), "orders:Ship", "arn:aws:orders:::x"), "allowed", "PolicyInputList.1", nil},
		"boundary": {custom(allow, "s3:GetObject", "", "PermissionsBoundaryPolicyInputList.member.1", document(statement("Allow", "sqs:*", "*", ""))),
			"implicitDeny", "", func(t *testing.T, s *simulated) {
				if b := s.Results[0].Boundary; b == nil || *b != "false" {
					t.Errorf("boundary: %v", b)
				}
			}},
		"SCPs": {custom(allow, "s3:GetObject", "", "OrderedOrganizationPolicyInputList.member.1.ServiceControlPolicyInputList.member.1", allow,
			"OrderedOrganizationPolicyInputList.member.2.ServiceControlPolicyInputList.member.1", document(statement("Allow", "sqs:*", "*", ""))),
			"implicitDeny", "", func(t *testing.T, s *simulated) {
				if o := s.Results[0].Organizations; o == nil || *o != "false" {
					t.Errorf("organizations: %v", o)
				}
			}},
		"the resource's policy grants": {custom(document(statement("Allow", "sqs:*", "*", "")), "s3:GetObject", bucket+"/k", "CallerArn", bob, "ResourcePolicy", granting),
			"allowed", "ResourcePolicy", nil},
		"across accounts both must": {custom(document(statement("Allow", "sqs:*", "*", "")), "s3:GetObject", bucket+"/k", "CallerArn", bob, "ResourcePolicy", granting, "ResourceOwner", "arn:aws:iam::"+account+":root"),
			"implicitDeny", "", func(t *testing.T, s *simulated) {
				if d := fmt.Sprint(s.Results[0].Details); d != "[{IAM Policy implicitDeny} {Resource Policy allowed}]" {
					t.Errorf("details: %s", d)
				}
			}},
		"what follows from the caller": {custom(document(statement("Allow", "s3:GetObject", "*", `{"StringEquals":{"aws:username":"Bob"},"ArnLike":{"aws:PrincipalArn":"`+bob+`"}}`)), "s3:GetObject", bucket+"/k", "CallerArn", bob),
			"allowed", "PolicyInputList.1", nil},
		"missing values are of the resource": {custom(document(statement("Allow", "s3:GetObject", "arn:aws:s3:::${aws:PrincipalTag/Team}/*", `{"Bool":{"AWS:securetransport":"true"}}`)), "s3:GetObject", bucket+"/k"),
			"implicitDeny", "", func(t *testing.T, s *simulated) {
				r := s.Results[0]
				if len(r.Missing) != 0 || len(r.Specific) != 1 || !slices.Equal(r.Specific[0].Missing, []string{"aws:PrincipalTag/Team"}) {
					t.Errorf("%+v", r)
				}
			}},
	} {
		t.Run(name, func(t *testing.T) {
			got := simulate(t, s.Admin, "SimulateCustomPolicy", c.in)
			var matched []string
			for _, m := range got.Results[0].Matched {
				matched = append(matched, m.Source)
			}
			if got.Results[0].Decision != c.want || strings.Join(matched, " ") != c.matched {
				t.Errorf("%s by %q, want %s by %q", got.Results[0].Decision, matched, c.want, c.matched)
			}
			if c.check != nil {
				c.check(t, got)
			}
		})
	}
}

func TestSimulateRefusals(t *testing.T) {
	s := inprocess.New(t)
	allow := document(statement("Allow", "s3:*", "*", ""))
	for name, in := range map[string]p{
		"wildcard in the action":         custom(allow, "s3:*", ""),
		"action without service":         custom(allow, "GetObject", ""),
		"no ARN":                         custom(allow, "s3:GetObject", "amzn-s3-demo-bucket"),
		"a policy that is none":          custom(`{"Statement":[]}`, "s3:GetObject", ""),
		"a principal":                    custom(`{"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}}`, "s3:GetObject", ""),
		"a resource policy, no caller":   custom(allow, "s3:GetObject", "", "ResourcePolicy", `{"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}}`),
		"a role as caller":               custom(allow, "s3:GetObject", "", "CallerArn", "arn:aws:iam::"+account+":role/deploy"),
		"two boundaries":                 custom(allow, "s3:GetObject", "", "PermissionsBoundaryPolicyInputList.member.1", allow, "PermissionsBoundaryPolicyInputList.member.2", allow),
		"an owner that is no account":    custom(allow, "s3:GetObject", "", "ResourceOwner", "arn:aws:iam::"+account+":user/alice"),
		"a scenario without its volume":  custom(allow, "ec2:RunInstances", "arn:aws:ec2:us-east-1:"+account+":instance/*", "ResourceHandlingOption", "EC2-VPC-EBS"),
		"an unknown scenario":            custom(allow, "ec2:RunInstances", "", "ResourceHandlingOption", "EC2-Moon"),
		"a number that is none":          custom(allow, "s3:GetObject", "", "ContextEntries.member.1.ContextKeyName", "s3:max-keys", "ContextEntries.member.1.ContextKeyValues.member.1", "ten", "ContextEntries.member.1.ContextKeyType", "numeric"),
		"several values of a single key": custom(allow, "s3:GetObject", "", "ContextEntries.member.1.ContextKeyName", "s3:prefix", "ContextEntries.member.1.ContextKeyValues.member.1", "a", "ContextEntries.member.1.ContextKeyValues.member.2", "b", "ContextEntries.member.1.ContextKeyType", "string"),
	} {
		t.Run(name, func(t *testing.T) {
			if reply := s.Admin.Call("iam:SimulateCustomPolicy", in); reply.Status != 400 || reply.Code != "InvalidInput" {
				t.Errorf("%d %s", reply.Status, reply.Body)
			}
		})
	}
}

// TestSimulatePrincipal: the policies of the entity and its groups count, in the
// words of AWS's simulator for where they are from.
func TestSimulatePrincipal(t *testing.T) {
	s := inprocess.New(t)
	const alice = "arn:aws:iam::" + account + ":user/alice"
	for _, call := range []struct {
		name string
		in   p
	}{
		{"iam:CreateUser", p{"UserName": "alice", "Tags.member.1.Key": "Team", "Tags.member.1.Value": "red"}},
		{"iam:PutUserPolicy", p{"UserName": "alice", "PolicyName": "own", "PolicyDocument": document(statement("Allow", "s3:ListBucket", "*", `{"StringEquals":{"aws:PrincipalTag/Team":"red"}}`))}},
		{"iam:CreateGroup", p{"GroupName": "readers"}},
		{"iam:PutGroupPolicy", p{"GroupName": "readers", "PolicyName": "read", "PolicyDocument": document(statement("Allow", "s3:ListBucket", "*", ""))}},
		{"iam:AttachGroupPolicy", p{"GroupName": "readers", "PolicyArn": "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"}},
		{"iam:AddUserToGroup", p{"GroupName": "readers", "UserName": "alice"}},
	} {
		s.Admin.Do(call.name, call.in)
	}
	in := p{"PolicySourceArn": alice, "ActionNames.member.1": "s3:ListBucket", "ActionNames.member.2": "s3:DeleteBucket"}
	got := simulate(t, s.Admin, "SimulatePrincipalPolicy", in)
	var sources []string
	for _, m := range got.Results[0].Matched {
		sources = append(sources, m.Source)
	}
	slices.Sort(sources)
	if want := []string{"AmazonS3ReadOnlyAccess", "group_readers_read", "user_alice_own"}; !slices.Equal(sources, want) || got.Results[0].Decision != "allowed" {
		t.Errorf("%s by %q, want %q", got.Results[0].Decision, sources, want)
	}
	if got.Results[1].Decision != "implicitDeny" {
		t.Errorf("the second action: %s", got.Results[1].Decision)
	}
	// Her boundary counts, unless another is given.
	s.Admin.Do("iam:PutUserPermissionsBoundary", p{"UserName": "alice", "PermissionsBoundary": "arn:aws:iam::aws:policy/AmazonSQSFullAccess"})
	if r := simulate(t, s.Admin, "SimulatePrincipalPolicy", in).Results[0]; r.Decision != "implicitDeny" || r.Boundary == nil || *r.Boundary != "false" {
		t.Errorf("within her boundary: %+v", r)
	}
	in["PermissionsBoundaryPolicyInputList.member.1"] = document(statement("Allow", "s3:*", "*", ""))
	if r := simulate(t, s.Admin, "SimulatePrincipalPolicy", in).Results[0]; r.Decision != "allowed" {
		t.Errorf("within another boundary: %s", r.Decision)
	}
	// Pages hold one request each, and go on where the last ended.
	in["MaxItems"] = "1"
	first := simulate(t, s.Admin, "SimulatePrincipalPolicy", in)
	in["Marker"] = first.Marker
	second := simulate(t, s.Admin, "SimulatePrincipalPolicy", in)
	if !first.Truncated || second.Truncated || len(first.Results) != 1 || len(second.Results) != 1 || second.Results[0].Action != "s3:DeleteBucket" {
		t.Errorf("pages: %+v, %+v", first, second)
	}
	for entity, code := range map[string]string{
		"arn:aws:iam::" + account + ":user/nobody": "NoSuchEntity", "arn:aws:iam::" + account + ":root": "InvalidInput", "arn:aws:iam::" + account + ":user/ALICE": "NoSuchEntity",
	} {
		if reply := s.Admin.Call("iam:SimulatePrincipalPolicy", p{"PolicySourceArn": entity, "ActionNames.member.1": "s3:ListBucket"}); reply.Code != code {
			t.Errorf("%s: %s", entity, reply.Body)
		}
	}
}

// TestSimulateIsEnforcement: for many calls of a user with a policy, the simulator
// says what the server then does.
func TestSimulateIsEnforcement(t *testing.T) {
	s := inprocess.New(t)
	client := alice(s, document(statement("Allow", "iam:Get*", "*", ""), statement("Allow", "iam:ListUsers", "*", ""), statement("Deny", "iam:GetUser", "arn:aws:iam::*:user/admin", "")))
	for _, call := range []struct {
		action, resource string
		in               p
	}{
		{"iam:GetUser", "arn:aws:iam::" + account + ":user/alice", p{"UserName": "alice"}},
		{"iam:GetUser", "arn:aws:iam::" + account + ":user/admin", p{"UserName": "admin"}},
		{"iam:GetLoginProfile", "arn:aws:iam::" + account + ":user/admin", p{"UserName": "admin"}},
		{"iam:ListUsers", "arn:aws:iam::" + account + ":user/", nil},
		{"iam:ListGroups", "arn:aws:iam::" + account + ":group/", nil},
	} {
		r := simulate(t, s.Admin, "SimulatePrincipalPolicy", p{"PolicySourceArn": "arn:aws:iam::" + account + ":user/alice", "ActionNames.member.1": call.action, "ResourceArns.member.1": call.resource})
		if allowed := client.Call(call.action, call.in).Status == 200; allowed != (r.Results[0].Decision == "allowed") {
			t.Errorf("%s on %s: allowed is %t, simulated %s", call.action, call.resource, allowed, r.Results[0].Decision)
		}
	}
}

func TestContextKeys(t *testing.T) {
	s := inprocess.New(t)
	text := document(
		statement("Allow", "s3:*", "arn:aws:s3:::amzn-s3-demo-bucket/${aws:username}/${*}${AWS:UserName}", `{"StringLike":{"s3:prefix":["${aws:PrincipalTag/Team, 'none'}","home/"]},"Bool":{"aws:SecureTransport":"true"}}`),
		statement("Deny", "s3:*", "*", `{"StringEquals":{"S3:Prefix":"x","aws:SourceVpc":"vpc-1"}}`))
	keys := func(operation string, in p) []string {
		t.Helper()
		var reply struct {
			Custom    []string `xml:"GetContextKeysForCustomPolicyResult>ContextKeyNames>member"`
			Principal []string `xml:"GetContextKeysForPrincipalPolicyResult>ContextKeyNames>member"`
		}
		if err := xml.Unmarshal([]byte(s.Admin.Do(operation, in).Body), &reply); err != nil {
			t.Fatal(err)
		}
		return append(reply.Custom, reply.Principal...)
	}
	want := []string{"aws:username", "s3:prefix", "aws:PrincipalTag/Team", "aws:SecureTransport", "aws:SourceVpc"}
	if got := keys("iam:GetContextKeysForCustomPolicy", p{"PolicyInputList.member.1": text}); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	old := strings.Replace(text, "2012-10-17", "2008-10-17", 1)
	if got := keys("iam:GetContextKeysForCustomPolicy", p{"PolicyInputList.member.1": old}); slices.Contains(got, "aws:username") {
		t.Errorf("a policy of 2008 has variables: %q", got)
	}
	alice(s, text)
	if got := keys("iam:GetContextKeysForPrincipalPolicy", p{"PolicySourceArn": "arn:aws:iam::" + account + ":user/alice",
		"PolicyInputList.member.1": document(statement("Allow", "s3:*", "*", `{"Null":{"aws:TokenIssueTime":"true"}}`))}); !slices.Equal(got, append(want, "aws:TokenIssueTime")) {
		t.Errorf("of alice: %q", got)
	}
}
