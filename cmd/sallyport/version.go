package main

import (
	"fmt"
	"os"
	"runtime/debug"
)

type versionCmd struct{}

// Run prints the module's version and the revision it was built from.
func (*versionCmd) Run() error {
	version, revision := "(devel)", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		version = info.Main.Version
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				revision = " " + s.Value
			}
		}
	}
	fmt.Fprintf(os.Stdout, "sallyport %s%s\n", version, revision)
	return nil
}
