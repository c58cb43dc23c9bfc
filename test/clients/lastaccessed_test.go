package clients

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"sallyport/test/clients/harness"
)

// Who takes unused permissions away asks which services a group's policies reach,
// who used them and which policies grant them
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed-view-data.html).
func TestLastAccessedOnTheCommandLine(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("the aws CLI is left to the full run by -short")
	}
	harness.NeedAWSCLI(t) // skips, or fails, where there is none
	home := t.TempDir()
	server := harness.StartServer(t, harness.Memory)
	settings := func(id, secret string) shell {
		return shell{t: t, settings: []string{
			"HOME=" + home, "AWS_ENDPOINT_URL=" + server.URL, "AWS_DEFAULT_REGION=us-east-1", "AWS_ACCESS_KEY_ID=" + id, "AWS_SECRET_ACCESS_KEY=" + secret,
		}}
	}
	iamARN := "arn:aws:iam::" + harness.AccountID + ":"
	admin := settings(harness.Admin.AccessKeyID, harness.Admin.SecretAccessKey)
	key, _ := admin.answers(strings.Join([]string{
		"aws iam create-group --group-name developers",
		`aws iam put-group-policy --group-name developers --policy-name wide --policy-document '{"Version":"2012-10-17","Statement":[` +
			`{"Effect":"Allow","Action":["iam:GetUser","iam:ListRoles","s3:GetObject"],"Resource":"*"}]}'`,
		"aws iam create-user --user-name alice",
		"aws iam create-user --user-name bob",
		"aws iam add-user-to-group --group-name developers --user-name alice",
		"aws iam add-user-to-group --group-name developers --user-name bob",
		"aws iam create-access-key --user-name alice",
	}, "\n"))[3]["AccessKey"].(P)
	id, _ := key["AccessKeyId"].(string)
	secret, _ := key["SecretAccessKey"].(string)
	alice := settings(id, secret)
	begun := time.Now().Add(-time.Second)
	alice.answers("aws iam get-user")
	denied := func(operation, resource string) string {
		return "An error occurred (AccessDenied) when calling the " + operation + " operation: User: " + iamARN + "user/alice is not authorized to perform: iam:" +
			operation + " on resource: " + resource + " because no identity-based policy allows the iam:" + operation + " action"
	}
	alice.fails("aws iam list-users", denied("ListUsers", iamARN+"user/"))

	job, _ := admin.answers("aws iam generate-service-last-accessed-details --granularity ACTION_LEVEL --arn " + iamARN + "group/developers")[0]["JobId"].(string)
	get := "aws iam get-service-last-accessed-details --job-id " + job
	report := admin.answers(get)[0]
	for deadline := time.Now().Add(30 * time.Second); report["JobStatus"] == "IN_PROGRESS" && time.Now().Before(deadline); {
		time.Sleep(100 * time.Millisecond)
		report = admin.answers(get)[0]
	}
	var lines []string
	services, _ := report["ServicesLastAccessed"].([]any)
	for _, s := range services {
		service := s.(P)
		lines = append(lines, fmt.Sprint(service["ServiceNamespace"], " ", service["TotalAuthenticatedEntities"], " ", service["LastAuthenticatedEntity"]))
		actions, _ := service["TrackedActionsLastAccessed"].([]any)
		for _, a := range actions {
			action := a.(P)
			lines = append(lines, fmt.Sprint("  ", action["ActionName"], " ", action["LastAccessedEntity"]))
			if action["ActionName"] != "GetUser" {
				continue
			}
			text, _ := action["LastAccessedTime"].(string)
			if at, err := time.Parse(time.RFC3339, text); err != nil || at.Before(begun.Truncate(time.Second)) {
				t.Errorf("the time of GetUser is %q", text)
			}
		}
	}
	want := strings.Join([]string{
		"iam 1 " + iamARN + "user/alice", "  GetUser " + iamARN + "user/alice", "  ListRoles <nil>", "s3 0 <nil>",
	}, "\n")
	if got := strings.Join(lines, "\n"); got != want || report["JobStatus"] != "COMPLETED" {
		t.Errorf("the report is %v:\n%s\nwant\n%s", report["JobStatus"], got, want)
	}

	entities, _ := admin.answers("aws iam get-service-last-accessed-details-with-entities --service-namespace iam --job-id " + job)[0]["EntityDetailsList"].([]any)
	var users []any
	for _, e := range entities {
		users = append(users, e.(P)["EntityInfo"].(P)["Name"], e.(P)["LastAuthenticated"] != nil)
	}
	if got := fmt.Sprint(users); got != "[alice true bob false]" {
		t.Errorf("entities: %s", got)
	}
	granting := admin.answers("aws iam list-policies-granting-service-access --service-namespaces s3 --arn " + iamARN + "user/alice")[0]
	if got := fmt.Sprint(granting["PoliciesGrantingServiceAccess"]); got !=
		"[map[Policies:[map[EntityName:developers EntityType:GROUP PolicyName:wide PolicyType:INLINE]] ServiceNamespace:s3]]" {
		t.Errorf("granting: %s", got)
	}
	alice.fails(get, denied("GetServiceLastAccessedDetails", "*"))
}
