package reports

import (
	"strconv"
	"strings"

	"sallyport/catalog"
	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/state"
	"sallyport/policy/reason"
)

// policiesPerPage is after how many policies a page of granting ends; that of a
// namespace is never split.
const policiesPerPage = 1000

// granting lists for each service, in the order of the request, which of the
// policies of a user, group or role grant anything of it, by name. Services that
// nobody knows are refused, as AWS does
// (https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPoliciesGrantingServiceAccess.html).
func (h *handlers) granting(c *operation.Call, r state.Reader, in *iamapi.ListPoliciesGrantingServiceAccessRequest) (*iamapi.ListPoliciesGrantingServiceAccessResponse, error) {
	n, err := nameReported(*in.Arn)
	if err != nil {
		return nil, err
	}
	about, err := findSubject(r, c.Caller.Account(), n)
	if err != nil {
		return nil, err
	}
	asked, err := servicesAsked(in.ServiceNamespaces)
	if err != nil {
		return nil, err
	}
	page, err := iam.NewPage(in.Marker, nil)
	if err != nil {
		return nil, err
	}
	first := 0
	if page.From != "" {
		if first, err = strconv.Atoi(page.From); err != nil || first < 0 {
			return nil, errMarker
		}
	}
	documents, err := about.documents()
	if err != nil {
		return nil, err
	}
	out := &iamapi.ListPoliciesGrantingServiceAccessResponse{
		PoliciesGrantingServiceAccess: []iamapi.ListPoliciesGrantingServiceAccessEntry{}, IsTruncated: new(false),
	}
	listed, compared := 0, reason.NewGranting()
	for i := first; i < len(asked); i++ {
		if listed >= policiesPerPage {
			out.IsTruncated, out.Marker = new(true), iam.Marker(strconv.Itoa(i))
			break
		}
		entry := iamapi.ListPoliciesGrantingServiceAccessEntry{
			ServiceNamespace: &asked[i].Prefix, Policies: []iamapi.PolicyGrantingServiceAccess{},
		}
		for j := range documents {
			granted, err := compared.Grants(documents[j], asked[i])
			if err != nil {
				return nil, iamapi.InvalidInputException("The policies are too large to compare, from %s on. Ask for fewer services.", about.policies[j].name)
			}
			if granted {
				entry.Policies = append(entry.Policies, about.policies[j].described())
			}
		}
		listed += 1 + len(entry.Policies)
		out.PoliciesGrantingServiceAccess = append(out.PoliciesGrantingServiceAccess, entry)
	}
	return out, nil
}

// servicesAsked finds the services, each once.
func servicesAsked(namespaces []string) (asked []*catalog.Service, err error) {
	var unknown []string
	seen := make(map[string]bool, len(namespaces))
	for _, namespace := range namespaces {
		s, ok := knownService(namespace)
		switch {
		case !ok:
			unknown = append(unknown, namespace)
		case !seen[namespace]:
			seen[namespace] = true
			asked = append(asked, s)
		}
	}
	if len(unknown) > 0 {
		return nil, iamapi.InvalidInputException("Invalid service namespace: [%s]", strings.Join(unknown, ", "))
	}
	return asked, nil
}

func (h *held) described() iamapi.PolicyGrantingServiceAccess {
	if h.arn != "" {
		return iamapi.PolicyGrantingServiceAccess{PolicyName: &h.name, PolicyType: new(iamapi.PolicyTypeMANAGED), PolicyArn: &h.arn}
	}
	return iamapi.PolicyGrantingServiceAccess{
		PolicyName: &h.name, PolicyType: new(iamapi.PolicyTypeINLINE), EntityType: &h.ownerKind, EntityName: &h.owner,
	}
}
