package main

import (
	"encoding/json"
	"io"
	"net/url"
	"path/filepath"
	"strings"

	"sallyport/policy/validate"
)

// The parts of SARIF 2.1.0 that a report has
// (https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html).
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool       sarifTool     `json:"tool"`
		ColumnKind string        `json:"columnKind"`
		Results    []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name  string      `json:"name"`
		Rules []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID            string             `json:"id"`
		HelpURI       string             `json:"helpUri"`
		Configuration sarifConfiguration `json:"defaultConfiguration"`
		Properties    sarifProperties    `json:"properties"`
	}
	sarifConfiguration struct {
		Level string `json:"level"`
	}
	sarifProperties struct {
		Tags []string `json:"tags"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID    string          `json:"ruleId"`
		RuleIndex int             `json:"ruleIndex"`
		Level     string          `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations"`
		Related   []sarifLocation `json:"relatedLocations,omitempty"`
	}
	sarifLocation struct {
		ID       int           `json:"id,omitempty"`
		Physical sarifPhysical `json:"physicalLocation"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   sarifRegion   `json:"region"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn"` // in characters, from 1
		EndLine     int `json:"endLine"`
		EndColumn   int `json:"endColumn"` // of the character after the last
		ByteOffset  int `json:"byteOffset"`
		ByteLength  int `json:"byteLength"`
	}
)

var sarifLevels = map[validate.FindingType]string{
	validate.ErrorFinding: "error", validate.SecurityWarning: "error", validate.Warning: "warning", validate.Suggestion: "note",
}

// printSARIF prints one log of all files, for tools that show findings beside
// the code.
func printSARIF(w io.Writer, files []linted) error {
	run := sarifRun{Tool: sarifTool{sarifDriver{Name: "sallyport policy lint"}}, ColumnKind: "unicodeCodePoints", Results: []sarifResult{}}
	index := map[string]int{}
	for i, r := range validate.Rules() {
		index[r.Code] = i
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{
			ID: r.Code, HelpURI: r.Link, Configuration: sarifConfiguration{sarifLevels[r.Type]},
			Properties: sarifProperties{[]string{string(r.Type)}},
		})
	}
	for _, f := range files {
		for _, finding := range f.findings {
			result := sarifResult{
				RuleID: finding.IssueCode, RuleIndex: index[finding.IssueCode], Level: sarifLevels[finding.Type],
				Message: sarifText{finding.Details},
			}
			for i, l := range finding.Locations {
				at := sarifLocation{Physical: sarifPhysical{sarifArtifact{fileURI(f.name)}, region(l.Span)}}
				if i == 0 {
					result.Locations = append(result.Locations, at)
					continue
				}
				at.ID = i
				result.Related = append(result.Related, at)
			}
			run.Results = append(run.Results, result)
		}
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(sarifLog{Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0", Runs: []sarifRun{run}})
}

func region(s validate.Span) sarifRegion {
	return sarifRegion{
		StartLine: s.Start.Line, StartColumn: s.Start.Column + 1, EndLine: s.End.Line, EndColumn: s.End.Column + 1,
		ByteOffset: s.Start.Offset, ByteLength: s.End.Offset - s.Start.Offset,
	}
}

// fileURI is a file's name as a URI reference: relative to where the tool runs,
// or a file URI for an absolute path.
func fileURI(name string) string {
	slashed := filepath.ToSlash(name)
	if filepath.IsAbs(name) {
		return (&url.URL{Scheme: "file", Path: "/" + strings.TrimPrefix(slashed, "/")}).String()
	}
	return (&url.URL{Path: slashed}).String()
}
