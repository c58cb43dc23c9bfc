package main

import (
	"fmt"
	"os"

	"sallyport/internal/app"
)

type envCmd struct {
	Data string `help:"The server's data folder." default:"${data}" env:"SALLYPORT_DATA" type:"path" placeholder:"DIR"`
}

// Run prints what a POSIX shell evaluates to act as admin.
func (c *envCmd) Run() error {
	p, err := app.ReadProfile(c.Data)
	if err != nil {
		return err
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
