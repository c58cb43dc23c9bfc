package validate_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"sallyport/catalog"
	"sallyport/policy"
	"sallyport/policy/validate"
)

// fill repeats an element, numbered, until a document is nearly as long as one
// may be.
func fill(before, element, after string) string {
	var b strings.Builder
	b.WriteString(before)
	for i := 0; b.Len()+len(element)+len(after)+16 < policy.MaxDocumentBytes; i++ {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strings.ReplaceAll(element, "#", fmt.Sprint(i)))
	}
	return b.String() + after
}

// TestAttack11FindingsOfHugePolicies: whatever there is much of, a policy of the
// greatest length is checked in time. The limit is what tells seconds from the
// minutes that work growing with the square of the length takes, on a machine that
// is slow and busy too.
func TestAttack11FindingsOfHugePolicies(t *testing.T) {
	const open, end = `{"Version":"2012-10-17","Statement":[{`, `}]}`
	for name, text := range map[string]string{
		"actions":           fill(open+`"Effect":"Allow","Resource":"*","Action":[`, `"s3:a#"`, `]`+end),
		"action patterns":   fill(open+`"Effect":"Allow","Resource":"*","Action":[`, `"ec2:*a*#"`, `]`+end),
		"stars":             open + `"Effect":"Allow","Resource":"*","Action":["s3:` + strings.Repeat("*a", 60000) + `","s3:` + strings.Repeat("a", 120000) + `"]` + end,
		"backtracking":      open + `"Effect":"Allow","Action":"s3:GetObject","Resource":["*` + strings.Repeat("a", 80000) + `b","` + strings.Repeat("a", 160000) + `"]` + end,
		"patterns":          fill(open+`"Effect":"Allow","Action":"s3:GetObject","Resource":[`, `"*a#"`, `]`+end),
		"long patterns":     fill(open+`"Effect":"Allow","Action":"s3:GetObject","Resource":[`, `"arn:aws:s3:::`+strings.Repeat("*a", 500)+`#"`, `]`+end),
		"resources":         fill(open+`"Effect":"Allow","Action":"s3:GetObject","Resource":[`, `"arn:aws:ec2:r:1:x/#*"`, `]`+end),
		"actions+resources": fill(open+`"Effect":"Allow","Action":["ec2:RunInstances"`+strings.Repeat(`,"ec2:RunInstances"`, 6000)+`],"Resource":[`, `"arn:aws:s3:::b#"`, `]`+end),
		"statements":        fill(`{"Version":"2012-10-17","Statement":[`, `{"Sid":"a"}`, `]}`),
		"members":           fill(`{"Version":"2012-10-17","Statement":[{}],`, `"a#":1`, `}`),
		"keys":              fill(open+`"Effect":"Allow","Action":["s3:GetObject"`+strings.Repeat(`,"s3:GetObject"`, 8000)+`],"Resource":"*","Condition":{"StringEquals":{`, `"s3:prefix#":[]`, `}}`+end),
		"keys of actions":   fill(open+`"Effect":"Allow","Action":["ec2:CreateTags"`+strings.Repeat(`,"ec2:CreateTags"`, 6000)+`],"Resource":"*","Condition":{"StringEquals":{`, `"codebuild:environment.environmentVariables/#.value":"x"`, `}}`+end),
		"principals":        fill(open+`"Effect":"Allow","Action":["sts:AssumeRole"`+strings.Repeat(`,"sts:AssumeRole"`, 4000)+`],"Principal":{"Federated":[`, `"a.example.com#"`, `]}`+end),
		"depth":             strings.Repeat("[", 200000),
		"nested":            `{"Statement":` + strings.Repeat(`[`, 5000) + strings.Repeat(`]`, 5000) + `}`,
		"names":             `{"` + strings.Repeat("n", 200000) + `":[` + strings.Repeat(`1,`, 20000) + `1]}`,
		"too long":          strings.Repeat(" ", policy.MaxDocumentBytes+1),
	} {
		t.Run(name, func(t *testing.T) {
			for _, o := range []validate.Options{{}, asTrust, asRCP} {
				o.Catalog, o.Own = catalog.AWS(), true
				start := time.Now()
				findings := validate.Findings([]byte(text), o)
				if took := time.Since(start); took > 40*time.Second {
					t.Errorf("%d bytes took %v", len(text), took)
				}
				if len(findings) == 0 || len(findings) > validate.MaxFindings {
					t.Errorf("there are %d findings", len(findings))
				}
				for _, f := range findings {
					if len(f.Details) > 4000 {
						t.Fatalf("%s quotes %d bytes", f.IssueCode, len(f.Details))
					}
				}
			}
		})
	}
}

// FuzzFindings holds findings of any text to their shape, and to the engine:
// what it refuses has an error.
func FuzzFindings(f *testing.F) {
	for _, c := range ruleCases {
		f.Add(document(c.yes), uint8(len(c.options.ResourceType)))
		f.Add(document(c.no), uint8(0))
	}
	f.Fuzz(func(t *testing.T, src []byte, kind uint8) {
		if len(src) > 1<<14 {
			return
		}
		types := validate.PolicyTypes()
		o := validate.Options{Type: types[int(kind)%len(types)], Catalog: catalog.AWS(), Own: true}
		if kind&64 != 0 {
			o.ResourceType = validate.ResourceTypes()[int(kind)%len(validate.ResourceTypes())]
		}
		findings := validate.Findings(src, o)
		refused := true
		if doc, err := policy.Parse(src); err == nil {
			_, err = policy.Compile(doc, policy.Ref{})
			refused = err != nil
		}
		errors := 0
		for i := range findings {
			if findings[i].Type == validate.ErrorFinding {
				errors++
			}
			checkFinding(t, src, &findings[i], findings[i].Type)
		}
		if refused && errors == 0 {
			t.Fatalf("the engine refuses %q, which has no error", src)
		}
	})
}
