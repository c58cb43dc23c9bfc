package main

import (
	"context"
	"fmt"
	"os"

	"sallyport/internal/app"
)

type rootCmd struct {
	Reset rootResetCmd `cmd:"" help:"Give an account's root user another password, shown once, and end its console sessions. At the machine: with the store of a stopped server and its seal key."`
}

type rootResetCmd struct {
	journalStore
	SealKey     string `help:"Key that seals secrets: base64 of 32 bytes. Prefer the environment or a file." env:"SALLYPORT_SEAL_KEY" placeholder:"BASE64"`
	SealKeyFile string `help:"File with the key that seals secrets (default: the one under --data)." env:"SALLYPORT_SEAL_KEY_FILE" type:"path" placeholder:"FILE"`
	Account     string `help:"Id of the account (default: the first one)." placeholder:"ID"`
	RemoveMFA   bool   `name:"remove-mfa" help:"Take away the root user's MFA devices too."`
}

// Run resets the root user and prints its sign-in.
func (c *rootResetCmd) Run(ctx context.Context) error {
	given, err := app.ResetRoot(ctx,
		app.Config{Data: c.Data, Store: c.Store, SealKey: c.SealKey, SealKeyFile: c.SealKeyFile},
		app.RootReset{Account: c.Account, RemoveMFA: c.RemoveMFA})
	if err != nil {
		return err
	}
	devices := fmt.Sprintf("%d kept; --remove-mfa takes them away", given.MFADevices)
	switch {
	case given.MFADevices == 0:
		devices = "none"
	case c.RemoveMFA:
		devices = fmt.Sprintf("%d removed", given.MFADevices)
	}
	_, err = fmt.Fprintf(os.Stdout, "The root user of account %s was reset. This is shown once:\n  %-18s %s  %s\n  %-18s %s\n",
		given.Account, "Root sign-in", given.Email, given.Password, "MFA devices", devices)
	return err
}
