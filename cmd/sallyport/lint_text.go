package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"sallyport/policy/validate"
)

// Limits of an excerpt.
const (
	excerptWidth   = 100 // characters of a line, the span in the middle
	excerptRelated = 3   // places that belong to a finding, besides its own
)

var findingWords = map[validate.FindingType]string{
	validate.ErrorFinding: "error", validate.SecurityWarning: "security warning", validate.Warning: "warning", validate.Suggestion: "suggestion",
}

// printText prints findings as a compiler does: where, what, and the source.
func printText(w io.Writer, files []linted) error {
	for i, f := range files {
		if i > 0 {
			fmt.Fprintln(w)
		}
		for _, finding := range f.findings {
			start := finding.Locations[0].Span.Start
			fmt.Fprintf(w, "%s:%d:%d: %s: %s [%s]\n", printable(f.name), start.Line, start.Column+1, findingWords[finding.Type], printable(finding.Details), finding.IssueCode)
			printExcerpt(w, f.src, finding.Locations[0].Span, '^')
			for j, l := range finding.Locations[1:] {
				if j == excerptRelated {
					break
				}
				fmt.Fprintf(w, "%s:%d:%d: note: with this\n", printable(f.name), l.Span.Start.Line, l.Span.Start.Column+1)
				printExcerpt(w, f.src, l.Span, '-')
			}
			fmt.Fprintln(w)
		}
		fmt.Fprintf(w, "%s: %s.\n", printable(f.name), summary(f.findings))
	}
	return nil
}

// summary counts findings by type.
func summary(findings []validate.Finding) string {
	counts := map[validate.FindingType]int{}
	for i := range findings {
		counts[findings[i].Type]++
	}
	var parts []string
	for _, kind := range validate.FindingTypes() {
		if n := counts[kind]; n == 1 {
			parts = append(parts, "1 "+findingWords[kind])
		} else if n > 1 {
			parts = append(parts, fmt.Sprintf("%d %ss", n, findingWords[kind]))
		}
	}
	if len(parts) == 0 {
		return "no findings"
	}
	if len(findings) == validate.MaxFindings {
		parts = append(parts, "and perhaps more")
	}
	return strings.Join(parts, ", ")
}

// printExcerpt prints the line where a span starts, with a line of marks under
// the part of the span that is on it. Of a long line a window is shown.
func printExcerpt(w io.Writer, src []byte, span validate.Span, mark byte) {
	offset := span.Start.Offset
	begin := bytes.LastIndexByte(src[:offset], '\n') + 1
	end := len(src)
	if i := bytes.IndexByte(src[offset:], '\n'); i >= 0 {
		end = offset + i
	}
	// Only what can be shown is looked at, however long the line is.
	const room = excerptWidth * utf8.UTFMax
	before := shown(src[max(begin, offset-room):offset])
	span.End.Offset = min(span.End.Offset, end)
	marked := shown(src[offset:min(span.End.Offset, offset+room)])
	after := shown(src[span.End.Offset:min(end, span.End.Offset+room)])

	head, tail := "", ""
	if keep := max(excerptWidth-len(marked), excerptWidth/4); len(before) > keep || begin < offset-room {
		before, head = before[max(0, len(before)-keep):], "…"
	}
	if len(marked) > excerptWidth {
		marked, after, tail = marked[:excerptWidth], nil, "…"
	}
	if keep := max(excerptWidth-len(before)-len(marked), excerptWidth/4); len(after) > keep {
		after, tail = after[:keep], "…"
	}
	fmt.Fprintf(w, "%5d | %s%s%s%s%s\n", span.Start.Line, head, string(before), string(marked), string(after), tail)
	fmt.Fprintf(w, "      | %s%s\n", strings.Repeat(" ", len([]rune(head))+len(before)), strings.Repeat(string(mark), max(1, len(marked))))
}

// shown is text as one cell for each character: what could take a terminal over,
// and what has no width, is replaced.
func shown(text []byte) []rune {
	var cells []rune
	for _, r := range strings.TrimRight(string(text), "\r") {
		switch {
		case r == '\t':
			r = ' '
		case !unicode.IsPrint(r) || unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Me, r):
			r = utf8.RuneError
		}
		cells = append(cells, r)
	}
	return cells
}
