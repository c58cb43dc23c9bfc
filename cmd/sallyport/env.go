package main

import (
	"encoding/json"
	"fmt"
	"os"

	"sallyport/internal/app"
)

type envCmd struct {
	Format string `help:"What to print: 'shell', lines that a POSIX shell evaluates, or 'process', the JSON that a credential_process of an AWS profile prints." enum:"shell,process" default:"shell" placeholder:"shell|process"`
	Data   string `help:"The server's data folder." default:"${data}" env:"SALLYPORT_DATA" type:"path" placeholder:"DIR"`
}

// Run prints what a POSIX shell evaluates to act as admin, or what the clients of AWS
// read from a process
// (https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html).
func (c *envCmd) Run() error {
	p, err := app.ReadProfile(c.Data)
	if err != nil {
		return err
	}
	if c.Format == "process" {
		return json.NewEncoder(os.Stdout).Encode(struct {
			Version                      int
			AccessKeyId, SecretAccessKey string //nolint:revive // the format's names
		}{1, p.AccessKeyID, p.Secret})
	}
	for _, v := range [][2]string{
		{"AWS_ACCESS_KEY_ID", p.AccessKeyID},
		{"AWS_SECRET_ACCESS_KEY", p.Secret},
		{"AWS_ENDPOINT_URL", p.EndpointURL},
		{"AWS_DEFAULT_REGION", "us-east-1"},
	} {
		fmt.Fprintf(os.Stdout, "export %s=%s\n", v[0], shellQuote(v[1]))
	}
	fmt.Fprintln(os.Stdout, "unset AWS_SESSION_TOKEN AWS_PROFILE")
	return nil
}
