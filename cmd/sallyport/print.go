package main

import (
	"fmt"
	"io"
	"strings"

	"sallyport/internal/app"
)

// printStarted says where the server is, and once, what it made.
func printStarted(w io.Writer, url string, created *app.Created) {
	fmt.Fprintf(w, "Sallyport is serving at %s\n", url)
	fmt.Fprintf(w, "People sign in at %s/signin\n", url)
	fmt.Fprintln(w, "Enforcement is on: every request is authenticated and authorized.")
	if created == nil {
		return
	}
	fmt.Fprintln(w)
	printCreated(w, created)
	if created.AdminUser != "" {
		fmt.Fprintf(w, "\nTo use the aws CLI as %s:  eval \"$(sallyport env)\"\n", created.AdminUser)
	}
}

// printCreated shows an account's first credentials.
func printCreated(w io.Writer, c *app.Created) {
	fmt.Fprintf(w, "Account %s was created. This is shown once:\n", c.AccountID)
	row := func(name, format string, args ...any) {
		fmt.Fprintf(w, "  %-18s %s\n", name, fmt.Sprintf(format, args...))
	}
	if c.Alias != "" {
		row("Alias", "%s", c.Alias)
	}
	row("Root sign-in", "%s  %s", c.RootEmail, c.RootPassword)
	if c.RootKey != nil {
		row("Root access key", "%s  %s", c.RootKey.ID, c.RootKey.Secret)
	}
	if c.AdminUser == "" {
		return
	}
	row("Admin sign-in", "%s  %s", c.AdminUser, c.AdminPassword)
	row("Admin access key", "%s  %s", c.AdminKey.ID, c.AdminKey.Secret)
}

// shellQuote makes a value safe inside single quotes of a POSIX shell.
func shellQuote(s string) string {
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
