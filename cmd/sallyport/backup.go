package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"sallyport/internal/app"
	"sallyport/internal/backup"
	"sallyport/internal/journal"
)

// sealKeyPlace is where the key is that seals what a backup holds. It is named
// in what is printed, and never read.
type sealKeyPlace struct {
	SealKeyFile string `help:"File with the key that seals secrets; only named in what is printed." env:"SALLYPORT_SEAL_KEY_FILE" type:"path" placeholder:"FILE"`
}

func (p sealKeyPlace) String() string {
	switch {
	case os.Getenv("SALLYPORT_SEAL_KEY") != "":
		return "the value of SALLYPORT_SEAL_KEY"
	case p.SealKeyFile != "":
		return p.SealKeyFile
	}
	return "seal.key in the server's data folder"
}

type backupCmd struct {
	Data   string `help:"The server's data folder." default:"${data}" env:"SALLYPORT_DATA" type:"path" placeholder:"DIR"`
	Store  string `help:"Where the journal is: sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE (default: SQLite under --data)." env:"SALLYPORT_STORE" placeholder:"URL"`
	Output string `short:"o" help:"File to write, or - for standard output (default: sallyport-TIME.backup in this folder)." placeholder:"FILE"`
	Force  bool   `help:"Replace the file if it is there."`
	sealKeyPlace
}

// Run saves everything the store holds. A server may go on using it.
func (c *backupCmd) Run(ctx context.Context) (err error) {
	source, err := app.OpenForBackup(ctx, c.Data, c.Store)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	var sum backup.Summary
	write := func(w io.Writer) (err error) {
		sum, err = backup.Write(ctx, source, w)
		return err
	}
	say := os.Stdout
	if c.Output == "-" {
		c.Output, say = "the backup to standard output", os.Stderr
		err = write(os.Stdout)
	} else {
		if c.Output == "" {
			c.Output = time.Now().UTC().Format("sallyport-20060102T150405Z.backup")
		}
		err = backup.Save(c.Output, c.Force, write)
	}
	if err != nil {
		return fmt.Errorf("no backup was made: %w", err)
	}
	fmt.Fprintf(say, "Saved %s:\n", c.Output)
	printSummary(say, sum)
	fmt.Fprintf(say, "\nSecrets are sealed in it, and the key is not in it: without the key no access key\n"+
		"or password of it works. Keep a copy of the key apart from the backup:\n  %s\n", c.where())
	return nil
}

// where names the key of a server whose data folder is known.
func (c *backupCmd) where() string {
	if c.SealKeyFile == "" && os.Getenv("SALLYPORT_SEAL_KEY") == "" {
		return filepath.Join(c.Data, "seal.key")
	}
	return c.sealKeyPlace.String()
}

type restoreCmd struct {
	Input string `short:"i" help:"Backup to restore, or - for standard input." xor:"source" required:"" placeholder:"FILE"`
	From  string `help:"Store to move from, whose servers are stopped: sqlite:PATH or postgres://…" xor:"source" required:"" placeholder:"URL"`
	Data  string `help:"Data folder of the server to be." default:"${data}" env:"SALLYPORT_DATA" type:"path" placeholder:"DIR"`
	Store string `help:"Store to restore into, which must be empty (default: SQLite under --data)." env:"SALLYPORT_STORE" placeholder:"URL"`
	sealKeyPlace
}

// Run checks the source, fills the empty store, and verifies what is in it.
func (c *restoreCmd) Run(ctx context.Context) (err error) {
	source, release, err := c.source(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	schema := app.Schema()
	sum, err := backup.Check(ctx, source, schema, time.Now())
	if err != nil {
		return fmt.Errorf("%s was not restored, and nothing was changed: %w", c.name(), err)
	}
	if f, ok := source.(*backup.File); ok {
		sum.Bytes, sum.SHA256 = f.Bytes, f.SHA256
	}
	fmt.Printf("Checked %s:\n", c.name())
	printSummary(os.Stdout, sum)
	target, err := app.OpenTarget(ctx, c.Data, c.Store)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	into := app.DataStore(c.Data, c.Store)
	if err := backup.Restore(ctx, source, sum, target, schema); err != nil {
		return fmt.Errorf("restoring into %s: %w", into, err)
	}
	fmt.Printf("\nRestored into %s and verified: every hash chain is sound, every row applies,\nand all of it is equal to what was checked.\n", into)
	c.printNext(os.Stdout, sum)
	return nil
}

// source opens what is restored from.
func (c *restoreCmd) source(ctx context.Context) (journal.Exports, func() error, error) {
	if c.From != "" {
		store, err := app.OpenToMove(ctx, c.From)
		if err != nil {
			return nil, nil, err
		}
		return store, store.Close, nil
	}
	if c.Input == "-" {
		f, remove, err := backup.Spool(os.Stdin)
		if err != nil {
			return nil, nil, err
		}
		return backup.NewFile(f), func() error { remove(); return nil }, nil
	}
	f, err := os.Open(c.Input)
	if err != nil {
		return nil, nil, err
	}
	return backup.NewFile(f), f.Close, nil
}

// name is what is restored from.
func (c *restoreCmd) name() string {
	switch {
	case c.From != "":
		return app.StoreName(c.From)
	case c.Input == "-":
		return "the backup from standard input"
	}
	return c.Input
}

// printNext says what to do before a server starts on what was restored.
func (c *restoreCmd) printNext(w io.Writer, sum backup.Summary) {
	fmt.Fprintln(w, "\nBefore a server starts on it:")
	fmt.Fprintf(w, "- Give it the key that its secrets were sealed with (%s).\n  With another key it refuses to start.\n", c.sealKeyPlace)
	if c.From != "" {
		fmt.Fprintf(w, "- Start no server on %s any more: what it changed would be lost.\n", app.StoreName(c.From))
		return
	}
	fmt.Fprintf(w, "- Every change after %s is undone. Keys and users that were\n"+
		"  deactivated or deleted since then work again; \"sallyport journal dump --state\"\n"+
		"  shows which there are.\n", sum.Newest.Format(time.RFC3339))
}

// printSummary shows what a backup or a store holds.
func printSummary(w io.Writer, sum backup.Summary) {
	row := func(name, format string, args ...any) {
		fmt.Fprintf(w, "  %-13s %s\n", name, fmt.Sprintf(format, args...))
	}
	row("Streams", "%d", sum.Streams)
	row("Entries", "%d, the newest of %s", sum.Entries, sum.Newest.Format(time.RFC3339))
	row("Secrets", "%d, sealed", sum.Secrets)
	row("Facts", "%d", sum.Facts)
	row("Audit blocks", "%d", sum.Blocks)
	if sum.Bytes > 0 {
		row("Size", "%d bytes", sum.Bytes)
		row("SHA-256", "%x", sum.SHA256)
	}
}
