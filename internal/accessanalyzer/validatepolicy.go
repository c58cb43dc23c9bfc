package accessanalyzer

import (
	"net/http"

	"sallyport/catalog"
	"sallyport/internal/api"
	"sallyport/internal/api/accessanalyzerapi"
	"sallyport/internal/operation"
	"sallyport/internal/state"
	"sallyport/policy/validate"
)

// Findings of a page: what is given when the request doesn't say, and the most.
const (
	defaultResults = 100
	maxResults     = 1000
)

// Operations lists what is served.
func Operations() []operation.Definition {
	return []operation.Definition{
		operation.Reads(accessanalyzerapi.OpValidatePolicy, authorize, validatePolicy),
	}
}

// authorize asks for the action on everything; the denial names the account's part of
// the service, as AWS's does
// (https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsiamaccessanalyzer.html).
func authorize(c *operation.Call, _ state.Reader, _ *accessanalyzerapi.ValidatePolicyRequest) ([]operation.Check, error) {
	name := "arn:aws:access-analyzer:" + c.Region + ":" + c.Caller.Account() + ":*"
	return []operation.Check{{Action: "access-analyzer:ValidatePolicy", Resource: "*", Name: name}}, nil
}

func validatePolicy(_ *operation.Call, _ state.Reader, in *accessanalyzerapi.ValidatePolicyRequest) (*accessanalyzerapi.ValidatePolicyResponse, error) {
	options := validate.Options{
		Type: validate.PolicyType(*in.PolicyType), ResourceType: api.Value(in.ValidatePolicyResourceType), Catalog: catalog.AWS(),
	}
	if options.ResourceType != "" && options.Type != validate.ResourcePolicy {
		return nil, invalid("other", "A resource type can be given for a policy of type %s only.", validate.ResourcePolicy)
	}
	limit, from := defaultResults, 0
	if in.MaxResults != nil {
		if *in.MaxResults < 1 {
			return nil, invalid("fieldValidationFailed", "maxResults must be at least 1.")
		}
		limit = int(min(*in.MaxResults, maxResults))
	}
	if in.NextToken != nil {
		var ok bool
		if from, ok = offset(in); !ok {
			return nil, invalid("fieldValidationFailed", "The nextToken is not one of this request.")
		}
	}
	findings := validate.Findings([]byte(*in.PolicyDocument), options)
	if from > len(findings) {
		return nil, invalid("fieldValidationFailed", "The nextToken is not one of this request.")
	}
	out := &accessanalyzerapi.ValidatePolicyResponse{Findings: []accessanalyzerapi.ValidatePolicyFinding{}}
	end := min(from+limit, len(findings))
	for i := from; i < end; i++ {
		out.Findings = append(out.Findings, shape(&findings[i]))
	}
	if end < len(findings) {
		out.NextToken = new(token(in, end))
	}
	return out, nil
}

// invalid is the ValidationException of the model, with its reason.
func invalid(reason, format string, args ...any) *api.Error {
	return api.Errorf("ValidationException", http.StatusBadRequest, true, format, args...).WithMember("reason", reason)
}

// shape is a finding as the API has it.
func shape(f *validate.Finding) accessanalyzerapi.ValidatePolicyFinding {
	out := accessanalyzerapi.ValidatePolicyFinding{
		FindingDetails: &f.Details, FindingType: new(string(f.Type)), IssueCode: &f.IssueCode, LearnMoreLink: &f.LearnMoreLink,
		Locations: []accessanalyzerapi.Location{},
	}
	for i := range f.Locations {
		l := &f.Locations[i]
		path := []accessanalyzerapi.PathElement{}
		for j := range l.Path {
			p := &l.Path[j]
			element := accessanalyzerapi.PathElement{Key: p.Key, Value: p.Value}
			if p.Index != nil {
				element.Index = new(int64(*p.Index))
			}
			if p.Substring != nil {
				element.Substring = &accessanalyzerapi.Substring{Start: new(int64(p.Substring.Start)), Length: new(int64(p.Substring.Length))}
			}
			path = append(path, element)
		}
		out.Locations = append(out.Locations, accessanalyzerapi.Location{
			Path: path, Span: &accessanalyzerapi.Span{Start: position(l.Span.Start), End: position(l.Span.End)},
		})
	}
	return out
}

func position(p validate.Position) *accessanalyzerapi.Position {
	return &accessanalyzerapi.Position{Line: new(int64(p.Line)), Column: new(int64(p.Column)), Offset: new(int64(p.Offset))}
}
