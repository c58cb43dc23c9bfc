// Command mutation puts faults into the engine, one at a time, and checks that the
// corpus or the comparison with the reference evaluator notices each: tests that
// let a fault pass do not hold the engine. It changes no file of the module: the
// go command is given the faulty text as an overlay.
//
//	go run ./test/mutation [-run TEXT] [-v]
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// A fault replaces text that is once in a file.
type fault struct {
	name     string // what is wrong with it
	file     string // relative to the module
	old, new string
}

// judges are the packages whose tests must fail, the quickest first.
var judges = []string{"./test/corpus", "./test/reference"}

// patience bounds one run: a fault may make the engine loop.
const patience = 3 * time.Minute

func main() {
	only := flag.String("run", "", "only the faults whose name contains this")
	verbose := flag.Bool("v", false, "print what noticed each fault")
	flag.Parse()
	if err := run(*only, *verbose); err != nil {
		fmt.Fprintln(os.Stderr, "mutation:", err)
		os.Exit(1)
	}
}

func run(only string, verbose bool) error {
	folder, err := os.MkdirTemp("", "sallyport-mutation-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder) //nolint:errcheck // temporary
	if err := judge(folder, nil, verbose); err != nil {
		return fmt.Errorf("without any fault: %w", err)
	}
	survived, tried := 0, 0
	for _, f := range faults {
		if !strings.Contains(f.name, only) {
			continue
		}
		tried++
		began := time.Now()
		err := judge(folder, &f, verbose)
		switch {
		case err == nil:
			survived++
			fmt.Printf("SURVIVED  %s (%s)\n", f.name, f.file)
		case errors.Is(err, errKilled):
			fmt.Printf("noticed   %s (%.1f s)\n", f.name, time.Since(began).Seconds())
		default:
			return fmt.Errorf("%s: %w", f.name, err)
		}
	}
	fmt.Printf("%d faults, %d noticed\n", tried, tried-survived)
	if survived > 0 || tried == 0 {
		return fmt.Errorf("%d of %d faults were not noticed", survived, tried)
	}
	return nil
}

// errKilled: a judge's test failed.
var errKilled = errors.New("noticed")

// judge runs the judges with a fault in place. It returns nil if all pass.
func judge(folder string, f *fault, verbose bool) error {
	arguments := []string{"test", "-short", "-count=1"}
	if f != nil {
		overlay, err := f.overlay(folder)
		if err != nil {
			return err
		}
		arguments = append(arguments, "-overlay", overlay)
	}
	// A fault that does not compile would look like one that is noticed.
	if out, err := command(append(arguments, append([]string{"-run", "^$"}, judges...)...)); err != nil {
		return fmt.Errorf("does not compile: %w\n%s", err, out)
	}
	for _, judge := range judges {
		out, err := command(append(arguments, judge))
		if err == nil {
			continue
		}
		if f == nil {
			return fmt.Errorf("%w\n%s", err, out)
		}
		if verbose {
			fmt.Printf("%.600s\n", out)
		}
		return errKilled
	}
	return nil
}

func command(arguments []string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return exec.CommandContext(ctx, "go", arguments...).CombinedOutput()
}

// overlay writes the faulty file, and says so in a file for the go command.
func (f *fault) overlay(folder string) (string, error) {
	text, err := os.ReadFile(f.file)
	if err != nil {
		return "", err
	}
	if n := strings.Count(string(text), f.old); n != 1 {
		return "", fmt.Errorf("%s has the text to replace %d times", f.file, n)
	}
	faulty := filepath.Join(folder, "faulty.go")
	if err := os.WriteFile(faulty, []byte(strings.Replace(string(text), f.old, f.new, 1)), 0o600); err != nil {
		return "", err
	}
	original, err := filepath.Abs(f.file)
	if err != nil {
		return "", err
	}
	replace, err := json.Marshal(map[string]any{"Replace": map[string]string{original: faulty}})
	if err != nil {
		return "", err
	}
	path := filepath.Join(folder, "overlay.json")
	return path, os.WriteFile(path, replace, 0o600)
}
