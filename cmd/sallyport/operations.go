package main

import (
	"fmt"
	"os"

	"sallyport/internal/app"
	"sallyport/internal/server"
)

type operationsCmd struct{}

// Run lists the operations of every served API, and how many are implemented.
func (*operationsCmd) Run() error {
	table := app.Operations()
	implemented, all := 0, 0
	for _, service := range server.Services() {
		for _, op := range service.Operations {
			state := "not implemented"
			if _, ok := table.Lookup(op); ok {
				state = "implemented"
				implemented++
			}
			all++
			fmt.Fprintf(os.Stdout, "%-15s %-50s %s\n", service.SigningName, op.Name, state)
		}
	}
	fmt.Fprintf(os.Stdout, "%d of %d operations are implemented.\n", implemented, all)
	return nil
}
