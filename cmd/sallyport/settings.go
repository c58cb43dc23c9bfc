package main

import (
	"bufio"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// maxConfig is the largest configuration file, in bytes.
const maxConfig = 1 << 20

// settings are the lines of the configuration file. They resolve flags that
// neither the command line nor the environment gives.
type settings struct {
	file   string
	values map[string]string
}

// readSettings reads the configuration file that the arguments or the
// environment name, if any.
func readSettings(args []string) (*settings, error) {
	s := &settings{file: os.Getenv("SALLYPORT_CONFIG"), values: make(map[string]string)}
	for i, arg := range args {
		if value, ok := strings.CutPrefix(arg, "--config="); ok {
			s.file = value
		} else if arg == "--config" && i+1 < len(args) {
			s.file = args[i+1]
		}
	}
	if s.file == "" {
		return s, nil
	}
	info, err := os.Stat(s.file)
	if err != nil {
		return nil, fmt.Errorf("configuration file: %w", err)
	}
	if info.Size() > maxConfig {
		return nil, fmt.Errorf("configuration file: %s is larger than %d bytes", s.file, maxConfig)
	}
	f, err := os.Open(s.file)
	if err != nil {
		return nil, fmt.Errorf("configuration file: %w", err)
	}
	defer f.Close() //nolint:errcheck // opened for reading
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		if !ok {
			return nil, fmt.Errorf("%s, line %d: not 'name = value'", s.file, n)
		}
		name = strings.TrimSpace(name)
		if _, twice := s.values[name]; twice {
			return nil, fmt.Errorf("%s, line %d: %q is given twice", s.file, n, name)
		}
		s.values[name] = strings.TrimSpace(value)
	}
	return s, lines.Err()
}

// Validate refuses names that no flag has: a setting that is not understood is
// never skipped.
func (s *settings) Validate(app *kong.Application) error {
	known := flagNames(app.Node)
	for name := range s.values {
		if !slices.Contains(known, name) {
			return fmt.Errorf("%s: unknown setting %q", s.file, name)
		}
	}
	return nil
}

// Resolve gives a flag its value from the file.
func (s *settings) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	value, ok := s.values[flag.Name]
	if !ok {
		return nil, nil
	}
	return value, nil
}

func flagNames(node *kong.Node) []string {
	var names []string
	for _, flag := range node.Flags {
		names = append(names, flag.Name)
	}
	for _, child := range node.Children {
		names = append(names, flagNames(child)...)
	}
	return names
}

// knownEnvironment refuses variables of ours that no flag reads: a misspelt
// setting must not be taken for one that is in force.
func knownEnvironment(environ []string) error {
	parser, err := kong.New(new(cli), kong.Name("sallyport"), kong.Vars{"data": ""})
	if err != nil {
		return err
	}
	known := flagEnvs(parser.Model.Node)
	for _, entry := range environ {
		name, _, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(name, "SALLYPORT_") || strings.HasPrefix(name, "SALLYPORT_TEST_") {
			continue
		}
		if !slices.Contains(known, name) {
			return fmt.Errorf("unknown environment variable %s; run \"sallyport serve --help\" for the known ones", name)
		}
	}
	return nil
}

func flagEnvs(node *kong.Node) []string {
	var names []string
	for _, flag := range node.Flags {
		names = append(names, flag.Envs...)
	}
	for _, child := range node.Children {
		names = append(names, flagEnvs(child)...)
	}
	return names
}
