package main

import (
	"context"
	"os"

	"sallyport/internal/api/sallyportapi"
	"sallyport/internal/app"
	"sallyport/internal/organizations"
)

type accountCmd struct {
	Create accountCreateCmd `cmd:"" help:"Create an account: a signed call of sallyport:CreateAccount, allowed to the first account."`
}

type accountCreateCmd struct {
	Email string `help:"E-mail address of the new account's root user." required:"" placeholder:"EMAIL"`
	Name  string `help:"Name of the new account." required:"" placeholder:"NAME"`
	Alias string `help:"Alias of the new account." placeholder:"ALIAS"`

	Data        string `help:"The server's data folder, whose admin's profile signs the call unless AWS_ACCESS_KEY_ID is set." default:"${data}" env:"SALLYPORT_DATA" type:"path" placeholder:"DIR"`
	EndpointURL string `name:"endpoint-url" help:"The server's URL (default: the profile's)." env:"AWS_ENDPOINT_URL" placeholder:"URL"`
}

// Run creates the account and prints what first start prints.
func (c *accountCreateCmd) Run(ctx context.Context) error {
	client, err := newClient(c.Data, c.EndpointURL)
	if err != nil {
		return err
	}
	in := &sallyportapi.CreateAccountRequest{Email: &c.Email, Name: &c.Name}
	if c.Alias != "" {
		in.Alias = &c.Alias
	}
	// The reply's times are seconds since 1970, which this command has no use
	// for.
	var out struct {
		Account   struct{ Id string }
		RootUser  struct{ Email, Password string }
		AdminUser struct{ UserName, Password, AccessKeyId, SecretAccessKey string }
	}
	if err := client.call(ctx, sallyportapi.OpCreateAccount, in, &out); err != nil {
		return err
	}
	printCreated(os.Stdout, &app.Created{
		AccountID: out.Account.Id, Alias: c.Alias,
		RootEmail: out.RootUser.Email, RootPassword: out.RootUser.Password,
		AdminUser: out.AdminUser.UserName, AdminPassword: out.AdminUser.Password,
		AdminKey: organizations.KeyPair{ID: out.AdminUser.AccessKeyId, Secret: out.AdminUser.SecretAccessKey},
	})
	return nil
}
