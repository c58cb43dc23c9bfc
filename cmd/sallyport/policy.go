package main

type policyCmd struct {
	Lint lintCmd `cmd:"" help:"Say what could be better in policies: the findings of IAM Access Analyzer's ValidatePolicy, and a few more. Exits with 1 for findings (see --fail-on) and with 2 for a file that can't be read."`
}
