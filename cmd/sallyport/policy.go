package main

import (
	"os"

	"sallyport/internal/policycase"
)

type policyCmd struct {
	Explain explainCmd `cmd:"" help:"Decide one case and say why, and what would have to change. docs/policy-tools.md describes the case."`
	Eval    evalCmd    `cmd:"" help:"Decide cases, one JSON object a line on standard input, and print an answer for each. docs/policy-tools.md describes both."`
}

type evalCmd struct{}

// Run answers the cases of standard input.
func (evalCmd) Run() error { return policycase.Run(os.Stdin, os.Stdout) }
