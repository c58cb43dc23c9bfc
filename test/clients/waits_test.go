package clients

import (
	"strings"
	"testing"

	"sallyport/test/clients/harness"
)

// The aws CLI waits for what is not there yet: it asks until the answer is not
// NoSuchEntity any more
// (https://docs.aws.amazon.com/cli/latest/reference/iam/wait/index.html).
func TestWaitsOnTheCommandLine(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("the aws CLI is left to the full run by -short")
	}
	harness.NeedAWSCLI(t) // skips, or fails, where there is none
	server := harness.StartServer(t, harness.Memory)
	client := harness.NewGoSDK(t)
	for _, w := range []struct {
		wait, operation string
		params          P
	}{
		{"user-exists --user-name alice", "CreateUser", P{"UserName": "alice"}},
		{"role-exists --role-name Worker", "CreateRole", P{"RoleName": "Worker", "AssumeRolePolicyDocument": trust(ownARN+"root", nil)}},
		{"policy-exists --policy-arn " + ownARN + "policy/own", "CreatePolicy", P{"PolicyName": "own", "PolicyDocument": document(allow("s3:*", "*"))}},
		{"instance-profile-exists --instance-profile-name web", "CreateInstanceProfile", P{"InstanceProfileName": "web"}},
	} {
		t.Run(w.operation, func(t *testing.T) {
			t.Parallel()
			counted := newCounter(t, server.URL)
			waited := make(chan string, 1)
			go func() {
				stdout, stderr, err := harness.Shell(t, shellSettings(t.TempDir(), counted.url, harness.Admin), "aws iam wait "+w.wait)
				if err != nil {
					stderr += err.Error()
				}
				waited <- stdout + stderr
			}()
			select {
			case status := <-counted.refused:
				if status != 404 {
					t.Errorf("what is missing answers %d", status)
				}
			case printed := <-waited:
				t.Fatalf("did not wait: %s", printed)
			}
			call := harness.Call{Endpoint: server.URL, Credentials: harness.Admin, Service: "iam", Operation: w.operation, Params: w.params}
			if reply, err := client.Call(t.Context(), call); err != nil || reply.Err != nil {
				t.Fatalf("%s: %v %v", w.operation, reply.Err, err)
			}
			if printed := <-waited; printed != "" {
				t.Errorf("the wait ended with %s", printed)
			}
			if got := counted.replies.Load(); got < 2 {
				t.Errorf("it asked %d times", got)
			}
		})
	}
}

// The aws CLI takes a list apart by --page-size, --max-items and --starting-token
// (https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-pagination.html).
func TestPagesOnTheCommandLine(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("the aws CLI is left to the full run by -short")
	}
	harness.NeedAWSCLI(t)
	server := harness.StartServer(t, harness.Memory)
	counted := newCounter(t, server.URL)
	admin := shell{t: t, settings: shellSettings(t.TempDir(), counted.url, harness.Admin)}
	client := harness.NewGoSDK(t)
	var want []string
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		call := harness.Call{Endpoint: server.URL, Credentials: harness.Admin, Service: "iam", Operation: "CreateGroup", Params: P{"GroupName": name}}
		if reply, err := client.Call(t.Context(), call); err != nil || reply.Err != nil {
			t.Fatalf("%v %v", reply.Err, err)
		}
		want = append(want, name)
	}
	names := func(reply P) (names []string) {
		groups, _ := reply["Groups"].(List)
		for _, g := range groups {
			name, _ := g.(P)["GroupName"].(string)
			names = append(names, name)
		}
		return names
	}
	if got := names(admin.answers("aws iam list-groups --page-size 2")[0]); strings.Join(got, " ") != strings.Join(want, " ") || counted.replies.Load() != 3 {
		t.Errorf("pages of two are %v in %d replies", got, counted.replies.Load())
	}
	var got []string
	for command := "aws iam list-groups --max-items 2"; ; {
		reply := admin.answers(command)[0]
		got = append(got, names(reply)...)
		token, more := reply["NextToken"].(string)
		if !more || len(got) > len(want) {
			break
		}
		command = "aws iam list-groups --max-items 2 --starting-token " + token
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("two at a time are %v", got)
	}
}

// shellSettings are those of a shell whose AWS clients have these credentials.
func shellSettings(home, endpoint string, c harness.Credentials) []string {
	return []string{"HOME=" + home, "AWS_ENDPOINT_URL=" + endpoint, "AWS_DEFAULT_REGION=us-east-1",
		"AWS_ACCESS_KEY_ID=" + c.AccessKeyID, "AWS_SECRET_ACCESS_KEY=" + c.SecretAccessKey}
}
