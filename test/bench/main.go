package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
)

// options are the flags of the measuring process.
type options struct {
	server string // path of the sallyport binary
	rounds int
	users  int
	only   string // comma-separated names of measurements; empty for all
	folder string // of temporary files
}

func (o *options) wants(name string) bool {
	return o.only == "" || strings.Contains(","+o.only+",", ","+name+",")
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) > 0 {
		switch args[0] {
		case "load":
			return runLoad(os.Stdin, os.Stdout)
		case "empty":
			return runEmpty(os.Stdout)
		}
	}
	var o options
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.StringVar(&o.server, "server", "", "path of the sallyport binary to measure")
	flags.IntVar(&o.rounds, "rounds", 5, "rounds of each measurement")
	flags.IntVar(&o.users, "users", 100_000, "users of the large account")
	flags.StringVar(&o.only, "only", "", "measurements to run, comma-separated: reads, writes, sessions, signin, lists, starts")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if o.server == "" {
		return fmt.Errorf("give -server, the binary to measure")
	}
	var err error
	if o.folder, err = os.MkdirTemp("", "sallyport-bench-"); err != nil {
		return err
	}
	defer os.RemoveAll(o.folder) //nolint:errcheck // a temporary folder
	for _, m := range []struct {
		name    string
		measure func(*options) error
	}{{"reads", measureReads}, {"writes", measureWrites}, {"sessions", measureSessions}, {"signin", measureSignIn}, {"lists", measureLists}, {"starts", measureStarts}} {
		if !o.wants(m.name) {
			continue
		}
		if err := m.measure(&o); err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
	}
	return nil
}
