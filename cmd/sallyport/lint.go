package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"sallyport/policy"
	"sallyport/policy/validate"
)

type lintCmd struct {
	servicesFlag
	Files        []string `arg:"" name:"file" help:"Files with a policy each; \"-\" is standard input."`
	Type         string   `help:"What the policies are for: identity, resource, trust, scp or rcp; the API's names (IDENTITY_POLICY, …) are known too." default:"identity" placeholder:"TYPE"`
	ResourceType string   `help:"What a resource policy is attached to, such as AWS::S3::Bucket." placeholder:"TYPE"`
	Format       string   `help:"Output: text, json or sarif." enum:"text,json,sarif" default:"text" placeholder:"text|json|sarif"`
	FailOn       string   `help:"The least finding to exit with 1 for: error, security-warning, warning, suggestion or never." enum:"error,security-warning,warning,suggestion,never" default:"security-warning" placeholder:"TYPE"`
	AWSOnly      bool     `name:"aws-only" help:"Leave out the findings that AWS does not have."`
}

// Exit codes of lint.
const (
	exitFindings   = 1
	exitUnreadable = 2
)

// An exitError ends the program with a code when what is wrong has been printed.
type exitError struct{ code int }

// Error implements error.
func (e *exitError) Error() string { return fmt.Sprintf("exit status %d", e.code) }

// A linted is a file with its findings.
type linted struct {
	name     string // as given; "stdin" for standard input
	src      []byte
	findings []validate.Finding
}

// Run checks every file, prints what it found and fails for what --fail-on says.
func (c *lintCmd) Run() error {
	options, err := c.options()
	if err != nil {
		return err
	}
	if options.Catalog, err = c.catalog(); err != nil {
		fmt.Fprintln(os.Stderr, "sallyport:", err)
		return &exitError{code: exitUnreadable}
	}
	var files []linted
	var unreadable error
	for _, name := range c.Files {
		src, err := readInput(name, policy.MaxDocumentBytes)
		if err != nil {
			fmt.Fprintln(os.Stderr, "sallyport:", err)
			unreadable = err
			continue
		}
		if name == "-" {
			name = "stdin"
		}
		files = append(files, linted{name, src, validate.Findings(src, options)})
	}
	show := map[string]func(io.Writer, []linted) error{"text": printText, "json": printJSON, "sarif": printSARIF}[c.Format]
	var out bytes.Buffer
	if err := show(&out, files); err != nil {
		return err
	}
	if _, err := out.WriteTo(os.Stdout); err != nil {
		return err
	}
	switch {
	case unreadable != nil:
		return &exitError{code: exitUnreadable}
	case c.fails(files):
		return &exitError{code: exitFindings}
	}
	return nil
}

// options reads the flags that say what the policies are for.
func (c *lintCmd) options() (validate.Options, error) {
	o := validate.Options{ResourceType: c.ResourceType, Own: !c.AWSOnly}
	switch name := strings.ToLower(c.Type); name {
	case "identity":
		o.Type = validate.IdentityPolicy
	case "resource":
		o.Type = validate.ResourcePolicy
	case "scp":
		o.Type = validate.ServiceControlPolicy
	case "rcp":
		o.Type = validate.ResourceControlPolicy
	case "trust":
		if c.ResourceType != "" && c.ResourceType != validate.TrustPolicyType {
			return o, fmt.Errorf("a trust policy is no policy of %s", c.ResourceType)
		}
		o.Type, o.ResourceType = validate.ResourcePolicy, validate.TrustPolicyType
	default:
		o.Type = validate.PolicyType(strings.ToUpper(name))
		if !slices.Contains(validate.PolicyTypes(), o.Type) {
			return o, fmt.Errorf("unknown --type %q: identity, resource, trust, scp or rcp", c.Type)
		}
	}
	if o.ResourceType == "" {
		return o, nil
	}
	if !slices.Contains(validate.ResourceTypes(), o.ResourceType) {
		return o, fmt.Errorf("unknown --resource-type %q: %s", o.ResourceType, strings.Join(validate.ResourceTypes(), ", "))
	}
	if o.Type != validate.ResourcePolicy {
		return o, fmt.Errorf("--resource-type is for --type resource")
	}
	return o, nil
}

// fails reports whether there is a finding as grave as --fail-on.
func (c *lintCmd) fails(files []linted) bool {
	if c.FailOn == "never" {
		return false
	}
	least := slices.Index(validate.FindingTypes(), validate.FindingType(strings.ToUpper(strings.ReplaceAll(c.FailOn, "-", "_"))))
	for _, f := range files {
		for i := range f.findings {
			if slices.Index(validate.FindingTypes(), f.findings[i].Type) <= least {
				return true
			}
		}
	}
	return false
}

// printJSON prints a file's findings as the reply of ValidatePolicy, one
// document for each file, with the file's name beside them.
func printJSON(w io.Writer, files []linted) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	for _, f := range files {
		reply := struct {
			File     string             `json:"file"`
			Findings []validate.Finding `json:"findings"`
		}{f.name, append([]validate.Finding{}, f.findings...)}
		if err := encoder.Encode(reply); err != nil {
			return err
		}
	}
	return nil
}
