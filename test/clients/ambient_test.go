package clients

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"sallyport/test/clients/harness"
)

// An ambient client finds its endpoint and credentials by itself, as programs of
// customers do: in its environment and the files that this names. It says whom it
// calls as and what ListUsers and ListRoles are answered, with codes of errors.
type ambient struct{ name, command string }

// ambientVariable has the test's own binary be such a client.
const ambientVariable = "SALLYPORT_TEST_AMBIENT"

func ambientClients(t *testing.T) []ambient {
	t.Helper()
	harness.NeedAWSCLI(t)
	harness.NewBoto3(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return []ambient{
		{"aws-cli", `answer() { if said=$("$@" --output text 2>&1); then printf %s "${said:-ok}"; else printf %s "$said" | sed -n 's/.*An error occurred (\([A-Za-z]*\)).*/\1/p'; fi; }
printf '{"Arn":"%s","ListUsers":"%s","ListRoles":"%s"}' "$(answer aws sts get-caller-identity --query Arn)" "$(answer aws iam list-users --query Users[9])" "$(answer aws iam list-roles --query Roles[9])" | sed 's/"None"/"ok"/g'`},
		{"boto3", `python3 test/clients/testdata/ambient.py`},
		{"go-sdk", ambientVariable + "=1 " + self},
		{"js-sdk", "node " + filepath.Join(harness.NodeFolder(t), "ambient.mjs")},
	}
}

// said is what a client says. Arn ends in * when the client names its session.
type said struct{ Arn, ListUsers, ListRoles string }

// says holds every client to what it says with these settings.
func says(t *testing.T, clients []ambient, settings []string, want said) {
	t.Helper()
	for _, c := range clients {
		stdout, stderr, err := harness.Shell(t, append([]string{"AWS_EC2_METADATA_DISABLED=true", "AWS_MAX_ATTEMPTS=1",
			"AWS_REGION=us-east-1", "AWS_DEFAULT_REGION=us-east-1", "PYTHONWARNINGS=ignore",
			"HOME=" + t.TempDir()}, settings...), c.command) // the aws CLI keeps sessions at home
		var got said
		if err == nil {
			err = json.Unmarshal([]byte(stdout), &got)
		}
		if err != nil {
			t.Errorf("%s: %v\n%s%s", c.name, err, stdout, stderr)
			continue
		}
		expected := want
		if prefix, any := strings.CutSuffix(want.Arn, "*"); any && strings.HasPrefix(got.Arn, prefix) {
			expected.Arn = got.Arn
		}
		if got != expected {
			t.Errorf("%s: got %+v, want %+v\n%s", c.name, got, want, stderr)
		}
	}
}

// ambientGo is the client of the AWS SDK for Go, version 2.
func ambientGo() {
	ctx := context.Background()
	settings, err := config.LoadDefaultConfig(ctx)
	code := func(err error) string {
		var service smithy.APIError
		switch {
		case err == nil:
			return "ok"
		case errors.As(err, &service):
			return service.ErrorCode()
		}
		return err.Error()
	}
	out := said{Arn: code(err)}
	if err == nil {
		who, err := sts.NewFromConfig(settings).GetCallerIdentity(ctx, nil)
		if out.Arn = code(err); err == nil {
			out.Arn = aws.ToString(who.Arn)
		}
		_, err = iam.NewFromConfig(settings).ListUsers(ctx, nil)
		out.ListUsers = code(err)
		_, err = iam.NewFromConfig(settings).ListRoles(ctx, nil)
		out.ListRoles = code(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(out); err != nil {
		panic(err)
	}
}

// TestCredentialProcess: a profile whose credential_process is the sallyport command
// (https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html).
func TestCredentialProcess(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("the aws CLI is left to the full run by -short")
	}
	clients := ambientClients(t)
	server := harness.StartServer(t, harness.SQLite)
	home := t.TempDir()
	file := filepath.Join(home, "config")
	profile := func(process string) []string {
		t.Helper()
		text := "[profile sallyport]\nregion = us-east-1\nendpoint_url = " + server.URL + "\ncredential_process = " + process + "\n"
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return []string{"AWS_CONFIG_FILE=" + file, "AWS_PROFILE=sallyport"}
	}
	says(t, clients, profile(harness.Binary(t)+" env --format process --data "+server.Data),
		said{"arn:aws:iam::" + harness.AccountID + ":user/admin", "ok", "ok"})
	// Without credentials there, the process fails, and the client with it.
	settings := append([]string{"HOME=" + home}, profile(harness.Binary(t)+" env --format process --data "+home)...)
	if _, stderr, err := harness.Shell(t, settings, "aws sts get-caller-identity"); err == nil || !strings.Contains(stderr, "admin's profile") {
		t.Errorf("without a profile: %v %s", err, stderr)
	}
}
