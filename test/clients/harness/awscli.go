package harness

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// AWSCLI is the stock aws command. Every call is a process of its own.
type AWSCLI struct {
	path, models string
}

// NewAWSCLI finds the aws command on PATH.
func NewAWSCLI(t *testing.T) Client {
	t.Helper()
	path, err := exec.LookPath("aws")
	if err != nil {
		Missing(t, "aws CLI", err)
	}
	if output, err := exec.Command(path, "--version").CombinedOutput(); err != nil {
		Missing(t, "aws CLI", fmt.Errorf("%s --version: %w: %s", path, err, output))
	}
	return &AWSCLI{path: path, models: modelFolder(t)}
}

func (*AWSCLI) Name() string { return "aws-cli" }

// cliError is how the CLI prints a service's error.
var cliError = regexp.MustCompile(`(?s)An error occurred \(([^)]+)\) when calling the \w+ operation(?: \(reached max retries: \d+\))?: ?(.*)`)

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
	args = append(args, "--cli-input-json", string(input))
	command := exec.CommandContext(ctx, c.path, args...)
	command.Env = append(clientEnvironment(c.models),
		"AWS_ACCESS_KEY_ID="+call.Credentials.AccessKeyID,
		"AWS_SECRET_ACCESS_KEY="+call.Credentials.SecretAccessKey,
	)
	if call.Credentials.SessionToken != "" {
		command.Env = append(command.Env, "AWS_SESSION_TOKEN="+call.Credentials.SessionToken)
	}
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Run(); err != nil {
		return cliFailure(err, stderr.String())
	}
	output := map[string]any{}
	if stdout.Len() > 0 {
		if err := json.Unmarshal(stdout.Bytes(), &output); err != nil {
			return Reply{}, fmt.Errorf("output of the CLI: %w\n%s", err, stdout.Bytes())
		}
	}
	return Reply{Output: neutral(output)}, nil
}

// cliFailure tells a service's error from a failure of the CLI.
func cliFailure(err error, stderr string) (Reply, error) {
	var exit *exec.ExitError
	if match := cliError.FindStringSubmatch(stderr); errors.As(err, &exit) && match != nil {
		return Reply{Err: &ServiceError{Code: match[1], Message: strings.TrimSuffix(match[2], "\n")}}, nil
	}
	return Reply{}, fmt.Errorf("aws: %w\n%s", err, stderr)
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
