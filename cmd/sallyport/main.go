// Command sallyport is an identity and access manager compatible with AWS IAM
// and STS.
//
// It serves everything on one port (serve), and holds the commands that read
// what a stopped server left, save what a running one has, and restore it.
// Behaviour lives in internal/app and below; this package owns flags,
// environment variables, the configuration file and what a person reads.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"sallyport/internal/app"
)

type cli struct {
	Config string `help:"Configuration file: lines of 'name = value', named like the flags." env:"SALLYPORT_CONFIG" type:"path" placeholder:"FILE"`

	Serve      serveCmd      `cmd:"" help:"Run the server."`
	Env        envCmd        `cmd:"" help:"Print 'export AWS_…' lines for admin's credentials: eval \"$(sallyport env)\"."`
	Account    accountCmd    `cmd:"" help:"Work with accounts."`
	History    historyCmd    `cmd:"" help:"Print who changed an entity of IAM or the account, when and how: signed calls of sallyport:GetEntityHistory."`
	Operations operationsCmd `cmd:"" help:"List every operation of every served API as implemented or not."`
	Policy     policyCmd     `cmd:"" help:"Work with policies offline: no server is needed."`
	Root       rootCmd       `cmd:"" help:"Work with root users, at the machine."`
	Journal    journalCmd    `cmd:"" help:"Read the journal of a stopped server."`
	Backup     backupCmd     `cmd:"" help:"Save everything a store holds to one file, while its server runs."`
	Restore    restoreCmd    `cmd:"" help:"Restore a backup into an empty store (--input), or move a store (--from); one of the two is needed."`
	Version    versionCmd    `cmd:"" help:"Print the version."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err == nil {
		return
	}
	var exit *exitError
	if errors.As(err, &exit) {
		os.Exit(exit.code)
	}
	fmt.Fprintln(os.Stderr, "sallyport:", err)
	os.Exit(1)
}

// run parses the arguments and runs the command.
func run(ctx context.Context, args []string) error {
	if err := knownEnvironment(os.Environ()); err != nil {
		return err
	}
	settings, err := readSettings(args)
	if err != nil {
		return err
	}
	var c cli
	parser, err := kong.New(&c,
		kong.Name("sallyport"),
		kong.Description("Sallyport is an identity and access manager you run yourself, compatible with AWS IAM and STS: "+
			"point the aws CLI, an SDK or Terraform at its endpoint URL. Every request is authenticated and authorized; there is no switch to turn that off."),
		kong.Vars{"data": app.DefaultData()},
		kong.Resolvers(settings),
		kong.ValueFormatter(flagHelp),
		kong.BindTo(ctx, (*context.Context)(nil)),
	)
	if err != nil {
		return err
	}
	command, err := parser.Parse(args)
	if err != nil {
		var usage *kong.ParseError
		if errors.As(err, &usage) {
			fmt.Fprintf(os.Stderr, "Run \"%s --help\" for the commands and flags.\n", parser.Model.Name)
		}
		return err
	}
	return command.Run()
}

// flagHelp is what the help says of a flag: its purpose, its default, and the
// environment variable that sets it.
func flagHelp(value *kong.Value) string {
	described := *value
	if value.HasDefault && !value.IsBool() {
		described.Help = strings.TrimSuffix(value.Help, ".") + " (default: " + value.Default + ")."
	}
	return kong.DefaultHelpValueFormatter(&described)
}
