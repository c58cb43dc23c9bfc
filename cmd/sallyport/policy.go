package main

import (
	"os"

	"sallyport/internal/policycase"
)

type policyCmd struct {
	Explain explainCmd `cmd:"" help:"Decide one case and say why, and what would have to change. docs/policy-tools.md describes the case."`
	Eval    evalCmd    `cmd:"" help:"Decide cases, one JSON object a line on standard input, and print an answer for each. docs/policy-tools.md describes both."`
	Lint    lintCmd    `cmd:"" help:"Say what could be better in policies: the findings of IAM Access Analyzer's ValidatePolicy, and a few more. Exits with 1 for findings (see --fail-on) and with 2 for a file that can't be read."`
}

type evalCmd struct{ servicesFlag }

// Run answers the cases of standard input.
func (c *evalCmd) Run() error {
	services, err := c.catalog()
	if err != nil {
		return err
	}
	return policycase.Run(services, os.Stdin, os.Stdout)
}
