package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"sallyport/catalog"
)

// readInput reads a file; "-" is standard input. What is longer than the limit is
// cut one byte after it, and found too long by what the text is for.
func readInput(name string, limit int64) ([]byte, error) {
	in := io.Reader(os.Stdin)
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close() //nolint:errcheck // opened for reading
		in = f
	}
	return io.ReadAll(io.LimitReader(in, limit+1))
}

// servicesFlag gives services of one's own to the commands that embed it.
type servicesFlag struct {
	Services []string `help:"File with services of your own, which are known beside AWS's; may be given several times. docs/policy-tools.md describes it." sep:"none" placeholder:"FILE"`
}

// catalog is AWS's catalogue with the services of the files. Services may depend
// on those of other files.
func (f *servicesFlag) catalog() (*catalog.Catalog, error) {
	if len(f.Services) == 0 {
		return catalog.AWS(), nil
	}
	var all []catalog.Service
	for _, name := range f.Services {
		if name == "-" {
			return nil, errors.New("--services: standard input is for what is asked about")
		}
		text, err := readInput(name, catalog.MaxServicesBytes)
		if err != nil {
			return nil, err
		}
		services, err := catalog.ParseServices(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all = append(all, services...)
	}
	c, err := catalog.AWS().With(all...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", strings.Join(f.Services, ", "), err)
	}
	return c, nil
}
