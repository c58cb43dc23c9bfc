package clients

import (
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"sallyport/test/clients/harness"
)

// The README's first steps, read from the README itself: a first start without
// any setting, its output, and the lines that a reader pastes into a shell.
func TestReadmeFirstSteps(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("the aws CLI is left to the full run by -short")
	}
	harness.NeedAWSCLI(t) // skips, or fails, where there is none
	readme := newReadme(t)
	home := t.TempDir()
	server := harness.StartWithDefaults(t, home)
	readme.checkOutput(t, server)

	// A shell of the reader's, in which an earlier profile is still set.
	reader := shell{t: t, settings: []string{"HOME=" + home, "AWS_PROFILE=elsewhere", "AWS_SESSION_TOKEN=stale"}}
	answers := reader.answers(readme.steps)
	if len(answers) != 3 {
		t.Fatalf("the first steps print %d answers, want those of get-caller-identity, create-user and create-access-key", len(answers))
	}
	account, _ := answers[0]["Account"].(string)
	user, _ := answers[1]["User"].(P)
	if got, want := answers[0]["Arn"], "arn:aws:iam::"+account+":user/admin"; got != want || !strings.Contains(server.Output(), account) {
		t.Errorf("the first steps are done as %v, want %s of the account that the server printed", got, want)
	}
	if got, want := user["Arn"], "arn:aws:iam::"+account+":user/alice"; got != want {
		t.Errorf("the user created is %v, want %s", got, want)
	}

	// "With alice's key, ..."
	key, _ := answers[2]["AccessKey"].(P)
	id, _ := key["AccessKeyId"].(string)
	secret, _ := key["SecretAccessKey"].(string)
	alice := shell{t: t, settings: []string{
		"HOME=" + home, "AWS_ENDPOINT_URL=" + reader.endpoint(readme.env), "AWS_DEFAULT_REGION=us-east-1",
		"AWS_ACCESS_KEY_ID=" + id, "AWS_SECRET_ACCESS_KEY=" + secret,
	}}
	if users, _ := alice.answers("aws iam list-users")[0]["Users"].([]any); len(users) != 2 {
		t.Errorf("alice lists %d users, want admin and herself", len(users))
	}
	alice.fails("aws iam create-user --user-name bob",
		"An error occurred (AccessDenied) when calling the CreateUser operation: User: arn:aws:iam::"+account+
			":user/alice is not authorized to perform: iam:CreateUser on resource: arn:aws:iam::"+account+
			":user/bob because no identity-based policy allows the iam:CreateUser action")

	// Sallyport's own service, by the model that the README names.
	decision := reader.answers(readme.env + "\n" + readme.addModel + "\naws sallyport evaluate --principal-arn arn:aws:iam::" +
		account + ":user/alice --action iam:CreateUser --resource-arn arn:aws:iam::" + account + ":user/bob")
	if got := decision[0]["Decision"]; got != "implicitDeny" {
		t.Errorf("the same request is decided as %v, want implicitDeny", got)
	}

	// "Make her key inactive, and her very next call fails."
	reader.answers(readme.env + "\naws iam update-access-key --user-name alice --status Inactive --access-key-id " + id)
	alice.fails("aws iam list-users",
		"An error occurred (InvalidClientTokenId) when calling the ListUsers operation: The security token included in the request is invalid.")
}

// readme holds what the README tells its reader to run and to expect, with
// "go run ./cmd/sallyport" replaced by the binary under test.
type readme struct {
	output   string // of the first start
	steps    string // in another terminal
	env      string // the first line of steps
	addModel string
}

var (
	fence    = regexp.MustCompile("(?ms)^```\\w*\n(.*?)^```$")
	addModel = regexp.MustCompile("`(aws configure add-model [^`]+)`")
)

func newReadme(t *testing.T) readme {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "\n## First steps\n")
	section, _, _ = strings.Cut(section, "\n## ")
	blocks := fence.FindAllStringSubmatch(section, -1)
	model := addModel.FindStringSubmatch(string(text))
	if len(blocks) != 2 || model == nil {
		t.Fatalf("the README has %d blocks of first steps, want the output and the commands; add-model: %q", len(blocks), model)
	}
	const run = "go run ./cmd/sallyport"
	if !strings.Contains(blocks[1][1], run+" env") {
		t.Fatalf("the README's first steps do not run %q:\n%s", run+" env", blocks[1][1])
	}
	r := readme{
		output:   blocks[0][1],
		steps:    strings.ReplaceAll(blocks[1][1], run, harness.Binary(t)),
		addModel: model[1],
	}
	r.env, _, _ = strings.Cut(r.steps, "\n")
	return r
}

// checkOutput compares what the server printed with what the README shows, in
// which … stands for what each first start makes up.
func (r readme) checkOutput(t *testing.T, server *harness.Server) {
	t.Helper()
	endpoint, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	pattern := strings.NewReplacer(
		"7420", endpoint.Port(),
		"123456789012", `\d{12}`,
		"AKIA…", `AKIA[A-Z2-7]{16}`,
		"…", `\S+`,
	).Replace(regexp.QuoteMeta(r.output))
	// A server is ready before it has printed all of it.
	shown := regexp.MustCompile(`\A` + pattern)
	for deadline := time.Now().Add(time.Minute); !shown.MatchString(server.Output()); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Errorf("the first start does not print what the README shows:\n%s", r.output)
			return
		}
	}
}

// shell is a reader's terminal.
type shell struct {
	t        *testing.T
	settings []string
}

// answers runs lines that must succeed and returns the JSON objects printed.
func (s shell) answers(lines string) []P {
	s.t.Helper()
	stdout, stderr, err := harness.Shell(s.t, s.settings, lines)
	if err != nil {
		s.t.Fatalf("%v\n%s", err, stderr)
	}
	var answers []P
	for decoder := json.NewDecoder(strings.NewReader(stdout)); decoder.More(); {
		var answer P
		if err := decoder.Decode(&answer); err != nil {
			s.t.Fatalf("%v in the output\n%s", err, stdout)
		}
		answers = append(answers, answer)
	}
	return answers
}

// fails runs a command that must fail with this text on standard error.
func (s shell) fails(command, want string) {
	s.t.Helper()
	_, stderr, err := harness.Shell(s.t, s.settings, command)
	if err == nil {
		s.t.Fatalf("%s succeeded", command)
	}
	if got := strings.TrimSpace(stderr); got != want {
		s.t.Errorf("%s:\n got  %s\n want %s", command, got, want)
	}
}

// endpoint is the endpoint that a shell has after it evaluated the line.
func (s shell) endpoint(line string) string {
	s.t.Helper()
	stdout, stderr, err := harness.Shell(s.t, s.settings, line+"\nprintf %s \"$AWS_ENDPOINT_URL\"")
	if err != nil || stdout == "" {
		s.t.Fatalf("no endpoint: %v\n%s", err, stderr)
	}
	return stdout
}
