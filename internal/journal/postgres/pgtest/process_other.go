//go:build !unix

package pgtest

import (
	"errors"
	"os/exec"
)

var errUnsupported = errors.New("PostgreSQL servers of tests need a Unix system")

var supported = errUnsupported

func prepare(*exec.Cmd)                     {}
func own(string) error                      { return errUnsupported }
func guard(int, string) (func(bool), error) { return nil, errUnsupported }
func kill(int) error                        { return errUnsupported }
func shutdown(int) error                    { return errUnsupported }
