package clients

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer"
	analyzed "github.com/aws/aws-sdk-go-v2/service/accessanalyzer/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	trail "github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"sallyport/test/clients/harness"
)

// activityCalls are the calls, and as many denials, that clients look for.
const activityCalls = 7

// TestActivity: the paginators of the Go SDK, boto3 and the aws CLI find every call
// and denial on every driver, and ValidatePolicy answers all of them alike.
func TestActivity(t *testing.T) {
	for _, store := range harness.Stores {
		t.Run(string(store), func(t *testing.T) {
			t.Parallel()
			server := harness.StartServer(t, store)
			admin := aws.NewConfig()
			admin.Region, admin.BaseEndpoint = harness.Region, &server.URL
			admin.Credentials = credentials.NewStaticCredentialsProvider(harness.Admin.AccessKeyID, harness.Admin.SecretAccessKey, "")
			goSDK := harness.NewGoSDK(t)
			call := func(client harness.Client, c harness.Call) harness.Reply {
				t.Helper()
				c.Endpoint = server.URL
				if c.Credentials.AccessKeyID == "" {
					c.Credentials = harness.Admin
				}
				reply, err := client.Call(t.Context(), c)
				if err != nil {
					t.Fatal(err)
				}
				return reply
			}
			call(goSDK, harness.Call{Service: "iam", Operation: "CreateUser", Params: P{"UserName": "alice"}})
			key := call(goSDK, harness.Call{Service: "iam", Operation: "CreateAccessKey", Params: P{"UserName": "alice"}}).Output["AccessKey"].(P)
			alice := harness.Credentials{AccessKeyID: key["AccessKeyId"].(string), SecretAccessKey: key["SecretAccessKey"].(string)}
			for range activityCalls {
				call(goSDK, harness.Call{Service: "iam", Operation: "GetAccountSummary"})
				if reply := call(goSDK, harness.Call{Service: "iam", Operation: "GetAccountSummary", Credentials: alice}); reply.Err == nil {
					t.Fatal("alice may call GetAccountSummary")
				}
			}
			lookup := harness.Call{Service: "cloudtrail", Operation: "LookupEvents", PageSize: 3, Params: P{
				"LookupAttributes": List{P{"AttributeKey": "EventName", "AttributeValue": "GetAccountSummary"}},
			}}
			checkGo(t, *admin)
			for _, client := range []harness.Client{harness.NewBoto3(t), harness.NewAWSCLI(t)} {
				events, _ := call(client, lookup).Output["Events"].([]any)
				var ids, users = map[any]bool{}, map[any]int{}
				for _, e := range events {
					ids[e.(P)["EventId"]] = true
					users[e.(P)["Username"]]++
				}
				if got := fmt.Sprint(users); len(ids) != len(events) || got != fmt.Sprintf("map[admin:%d alice:%[1]d]", activityCalls) {
					t.Errorf("%s finds %d events, by %s", client.Name(), len(ids), got)
				}
				reply := call(client, harness.Call{Service: "accessanalyzer", Operation: "ValidatePolicy", Params: P{
					"policyDocument": everything, "policyType": "IDENTITY_POLICY",
				}})
				findings, _ := reply.Output["findings"].([]any)
				if len(findings) != 1 {
					t.Fatalf("%s: %d findings", client.Name(), len(findings))
				}
				finding := findings[0].(P)
				start := finding["locations"].([]any)[0].(P)["span"].(P)["start"].(P)
				if finding["issueCode"] != wantFinding || finding["findingType"] != "SECURITY_WARNING" || fmt.Sprint(start["line"]) != "1" {
					t.Errorf("%s: the finding is %v", client.Name(), finding)
				}
				denied := call(client, harness.Call{Service: "accessanalyzer", Operation: "ValidatePolicy", Credentials: alice, Params: P{
					"policyDocument": everything, "policyType": "IDENTITY_POLICY",
				}})
				if denied.Err == nil || denied.Err.Code != "AccessDeniedException" {
					t.Errorf("%s, without permission: %+v", client.Name(), denied)
				}
				many := call(client, harness.Call{Service: "cloudtrail", Operation: "LookupEvents", Params: P{"MaxResults": 51}})
				if many.Err == nil || many.Err.Code != "InvalidMaxResultsException" {
					t.Errorf("%s, 51 results: %+v", client.Name(), many)
				}
			}
		})
	}
}

const (
	everything  = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:PassRole","Resource":"*"}]}`
	wantFinding = "PASS_ROLE_WITH_STAR_IN_RESOURCE"
)

// checkGo looks with the SDK's typed clients.
func checkGo(t *testing.T, config aws.Config) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	users, ids := map[string]int{}, map[string]bool{}
	for deadline := time.Now().Add(30 * time.Second); len(ids) < 2*activityCalls && time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		users, ids = map[string]int{}, map[string]bool{} // the last are on record in a moment
		pages := cloudtrail.NewLookupEventsPaginator(cloudtrail.NewFromConfig(config), &cloudtrail.LookupEventsInput{
			LookupAttributes: []trail.LookupAttribute{{AttributeKey: trail.LookupAttributeKeyEventName, AttributeValue: aws.String("GetAccountSummary")}},
			MaxResults:       aws.Int32(4),
		})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range page.Events {
				ids[*e.EventId] = true
				users[*e.Username]++
			}
		}
	}
	if users["admin"] != activityCalls || users["alice"] != activityCalls || len(ids) != 2*activityCalls {
		t.Errorf("the Go SDK finds %d events, by %v", len(ids), users)
	}
	client := accessanalyzer.NewFromConfig(config)
	out, err := client.ValidatePolicy(ctx, &accessanalyzer.ValidatePolicyInput{PolicyDocument: aws.String(everything), PolicyType: analyzed.PolicyTypeIdentityPolicy})
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Findings) != 1 || *out.Findings[0].IssueCode != wantFinding || *out.Findings[0].Locations[0].Span.Start.Line != 1 {
		t.Errorf("the Go SDK has the findings %+v", out.Findings)
	}
	_, err = client.ValidatePolicy(ctx, &accessanalyzer.ValidatePolicyInput{PolicyDocument: aws.String(everything), PolicyType: "NONE"})
	var invalid *analyzed.ValidationException
	if !errors.As(err, &invalid) || invalid.Reason != analyzed.ValidationExceptionReasonFieldValidationFailed {
		t.Errorf("the Go SDK has the error %v", err)
	}
}
