// Command cmd writes the generated packages below internal/api and the console's types. Run it with
// go generate ./internal/api.
package main

import (
	"flag"
	"fmt"
	"os"

	"sallyport/internal/apigen"
)

func main() {
	root := flag.String("root", ".", "root of the repository")
	flag.Parse()
	if err := apigen.Write(*root); err != nil {
		fmt.Fprintln(os.Stderr, "apigen:", err)
		os.Exit(1)
	}
}
