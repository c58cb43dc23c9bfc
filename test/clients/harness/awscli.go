package harness

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
)

//go:embed driver_awscli.py
var awsCLIDriver string

// AWSCLI is the stock aws command. Every call is a process of its own, forked from
// one that has imported the CLI.
type AWSCLI struct{ driver *driver }

var awsVersion = sync.OnceValue(func() error {
	path, err := exec.LookPath("aws")
	if err != nil {
		return err
	}
	if output, err := exec.Command(path, "--version").CombinedOutput(); err != nil {
		return fmt.Errorf("%s --version: %w: %s", path, err, output)
	}
	return nil
})

// NeedAWSCLI leaves the test out where there is no aws command on PATH, or fails it
// ([Missing]).
func NeedAWSCLI(t *testing.T) {
	t.Helper()
	if err := awsVersion(); err != nil {
		Missing(t, "aws CLI", err)
	}
}

// NewAWSCLI is one python3 process that runs commands of the CLI (version 1).
func NewAWSCLI(t *testing.T) Client {
	t.Helper()
	process := pythonDriver(t, "aws CLI", "awscli.clidriver", awsCLIDriver)
	return &AWSCLI{driver: startDriver(t, "aws-cli", process)}
}

// Name implements [Client].
func (*AWSCLI) Name() string { return "aws-cli" }

// cliError is how the CLI prints a service's error.
var cliError = regexp.MustCompile(`(?s)An error occurred \(([^)]+)\) when calling the \w+ operation(?: \(reached max retries: \d+\))?: ?(.*)`)

// Call implements [Client].
func (c *AWSCLI) Call(ctx context.Context, call Call) (Reply, error) {
	params := call.Params
	if params == nil {
		params = map[string]any{}
	}
	input, err := json.Marshal(params)
	if err != nil {
		return Reply{}, err
	}
	args := []string{
		"--endpoint-url", call.Endpoint, "--region", Region, "--output", "json", "--color", "off",
	}
	if call.PageSize > 0 {
		args = append(args, call.Service, words(call.Operation, "-"), "--page-size", strconv.Itoa(call.PageSize))
	} else {
		args = append(args, "--no-paginate", call.Service, words(call.Operation, "-"))
	}
	environment := map[string]string{
		"AWS_ACCESS_KEY_ID":     call.Credentials.AccessKeyID,
		"AWS_SECRET_ACCESS_KEY": call.Credentials.SecretAccessKey,
	}
	if call.Credentials.SessionToken != "" {
		environment["AWS_SESSION_TOKEN"] = call.Credentials.SessionToken
	}
	var printed struct {
		Status         int
		Stdout, Stderr string
	}
	request := map[string]any{"args": append(args, "--cli-input-json", string(input)), "environment": environment}
	if err := c.driver.ask(ctx, request, &printed); err != nil {
		return Reply{}, err
	}
	if printed.Status != 0 {
		return cliFailure(printed.Status, printed.Stderr)
	}
	output := map[string]any{}
	if printed.Stdout != "" {
		if err := json.Unmarshal([]byte(printed.Stdout), &output); err != nil {
			return Reply{}, fmt.Errorf("output of the CLI: %w\n%s", err, printed.Stdout)
		}
	}
	return Reply{Output: neutral(output)}, nil
}

// cliFailure tells a service's error from a failure of the CLI.
func cliFailure(status int, stderr string) (Reply, error) {
	if match := cliError.FindStringSubmatch(stderr); match != nil {
		return Reply{Err: &ServiceError{Code: match[1], Message: strings.TrimSuffix(match[2], "\n")}}, nil
	}
	return Reply{}, fmt.Errorf("aws: exit status %d\n%s", status, stderr)
}

// clientEnvironment is the environment of a botocore client: no configuration
// of whoever runs the tests, no retries, and the model of sallyport's own
// service beside the built-in ones.
func clientEnvironment(models string) []string {
	return append(cleanEnvironment(),
		"AWS_CONFIG_FILE=/dev/null",
		"AWS_SHARED_CREDENTIALS_FILE=/dev/null",
		"AWS_EC2_METADATA_DISABLED=true",
		"AWS_MAX_ATTEMPTS=1",
		"AWS_PAGER=",
		"AWS_DATA_PATH="+models,
		"PYTHONDONTWRITEBYTECODE=1",
		"PYTHONWARNINGS=ignore",
	)
}
