package clients

import (
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"sallyport/test/clients/harness"
)

// exports returns the settings in lines of the form export NAME=value, as a
// shell would read them.
func exports(t *testing.T, lines string) []string {
	t.Helper()
	shell := exec.Command("sh", "-ec", lines+"\nenv")
	shell.Env = []string{}
	output, err := shell.Output()
	if err != nil {
		t.Fatalf("a shell cannot read %q: %v", lines, err)
	}
	var settings []string
	for line := range strings.Lines(string(output)) {
		if strings.HasPrefix(line, "AWS_") {
			settings = append(settings, strings.TrimSuffix(line, "\n"))
		}
	}
	return settings
}

func setting(settings []string, name string) string {
	for _, s := range settings {
		if value, ok := strings.CutPrefix(s, name+"="); ok {
			return value
		}
	}
	return ""
}

// The lines of "sallyport env" are all that a stock client needs.
func TestEnvironmentForClients(t *testing.T) {
	for _, store := range harness.Stores {
		t.Run(string(store), func(t *testing.T) {
			server := harness.StartServer(t, store)
			settings := exports(t, server.Command(t, nil, "env"))
			if got := setting(settings, "AWS_ENDPOINT_URL"); got == "" {
				t.Fatalf("sallyport env prints no AWS_ENDPOINT_URL: %v", settings)
			}
			got := harness.Credentials{
				AccessKeyID:     setting(settings, "AWS_ACCESS_KEY_ID"),
				SecretAccessKey: setting(settings, "AWS_SECRET_ACCESS_KEY"),
			}
			if got != harness.Admin {
				t.Errorf("sallyport env prints the key %q, want admin's", got.AccessKeyID)
			}
			wantIdentity(t, server, got, "arn:aws:iam::"+harness.AccountID+":user/admin")
		})
	}
}

var (
	printedKey    = regexp.MustCompile(`\bAKIA[A-Z2-7]{16}\b`)
	printedSecret = regexp.MustCompile(`(?m)(?:^|[\s"'=:])([A-Za-z0-9/+]{40})(?:$|[\s"',])`)
)

// "sallyport account create" makes an account whose administrator can sign in
// with what it prints.
func TestAccountCreateCommand(t *testing.T) {
	server := harness.StartServer(t, harness.SQLite)
	settings := exports(t, server.Command(t, nil, "env"))
	printed := server.Command(t, settings, "account", "create", "--email", "second@example.com", "--name", "AnyCompany Second")
	key, secret := printedKey.FindString(printed), printedSecret.FindStringSubmatch(printed)
	if key == "" || secret == nil {
		t.Fatalf("sallyport account create prints no access key:\n%s", printed)
	}
	arn := identity(t, server, harness.Credentials{AccessKeyID: key, SecretAccessKey: secret[1]})
	match := regexp.MustCompile(`^arn:aws:iam::(\d{12}):user/admin$`).FindStringSubmatch(arn)
	if match == nil || match[1] == harness.AccountID {
		t.Fatalf("the new administrator is %s", arn)
	}
	if !strings.Contains(printed, match[1]) {
		t.Errorf("sallyport account create does not print the account's id %s:\n%s", match[1], printed)
	}
}

// identity asks who the credentials belong to.
func identity(t *testing.T, server *harness.Server, c harness.Credentials) string {
	t.Helper()
	reply, err := harness.NewGoSDK(t).Call(t.Context(), harness.Call{
		Endpoint: server.URL, Credentials: c, Service: "sts", Operation: "GetCallerIdentity",
	})
	if err != nil || reply.Err != nil {
		t.Fatalf("GetCallerIdentity: %v %+v", err, reply.Err)
	}
	arn, _ := reply.Output["Arn"].(string)
	return arn
}

func wantIdentity(t *testing.T, server *harness.Server, c harness.Credentials, want string) {
	t.Helper()
	if got := identity(t, server, c); got != want {
		t.Errorf("the caller is %s, want %s", got, want)
	}
}
