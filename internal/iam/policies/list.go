package policies

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"sallyport/catalog/managed"
	"sallyport/internal/api"
	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// The order of lists of managed policies is by name without regard to case,
// AWS's before the customer's of the same name.
const (
	awsRank      = "0"
	customerRank = "1"
)

// listKey is a policy's place in lists. NUL is in no name, so that keys order
// as the folded names do.
func listKey(name, arn string) string {
	rank := customerRank
	if strings.HasPrefix(arn, managed.ARNPrefix) {
		rank = awsRank
	}
	return iam.FoldName(name) + "\x00" + rank
}

// awsByKey is the catalogue of AWS managed policies in the order of lists.
var awsByKey = sync.OnceValue(func() []listed {
	all := make([]listed, 0, managed.Len())
	for p := range managed.All() {
		all = append(all, listed{key: listKey(p.Name, p.ARN), aws: p})
	}
	slices.SortFunc(all, func(a, b listed) int { return cmp.Compare(a.key, b.key) })
	return all
})

// A listed policy is AWS's or the customer's, in a list.
type listed struct {
	key      string
	aws      *managed.Policy
	customer *iam.Policy
}

func (p *policies) listPolicies(c *operation.Call, r state.Reader, in *iamapi.ListPoliciesRequest) (*iamapi.ListPoliciesResponse, error) {
	page, err := iam.NewPage(in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	out := &iamapi.ListPoliciesResponse{Policies: []iamapi.Policy{}}
	account := c.Caller.Account()
	eachPolicy(r, api.Value(in.Scope), page.From, func(l listed) bool {
		path := ""
		arn := ""
		if l.aws != nil {
			path, arn = l.aws.Path, l.aws.ARN
		} else {
			path, arn = l.customer.Path, iam.PolicyARN(account, l.customer)
		}
		if !strings.HasPrefix(path, api.Value(in.PathPrefix)) || !used(r, arn, in) {
			return true
		}
		return page.Add(l.key, func() {
			if l.aws != nil {
				out.Policies = append(out.Policies, awsPolicy(r, l.aws))
			} else {
				out.Policies = append(out.Policies, customerPolicy(r, account, l.customer))
			}
		})
	})
	out.IsTruncated, out.Marker = page.Result()
	return out, nil
}

// used applies OnlyAttached and PolicyUsageFilter: a usage filter keeps the
// policies used that way, OnlyAttached alone those used as permissions
// policies.
func used(r state.Reader, arn string, in *iamapi.ListPoliciesRequest) bool {
	switch {
	case api.Value(in.PolicyUsageFilter) == usageBoundary:
		return boundaryCount(r, arn) > 0
	case api.Value(in.PolicyUsageFilter) == usagePermissions, api.Value(in.OnlyAttached):
		return attachmentCount(r, arn) > 0
	}
	return true
}

// The values of PolicyUsageFilter.
const (
	usagePermissions = "PermissionsPolicy"
	usageBoundary    = "PermissionsBoundary"
)

// eachPolicy visits the policies of a scope ("All" or empty, "AWS", "Local") in
// the order of lists, from a key on, until visit returns false.
func eachPolicy(r state.Reader, scope, from string, visit func(listed) bool) {
	var aws []listed
	if scope != "Local" {
		aws = awsByKey()
		first, _ := slices.BinarySearchFunc(aws, from, func(l listed, key string) int { return cmp.Compare(l.key, key) })
		aws = aws[first:]
	}
	more := true
	// awsBefore visits AWS's policies that come before the key.
	awsBefore := func(key string) {
		for more && len(aws) > 0 && aws[0].key < key {
			more = visit(aws[0])
			aws = aws[1:]
		}
	}
	if scope != "AWS" {
		name, _, _ := strings.Cut(from, "\x00")
		iam.PoliciesByName.AscendAll(r, name, func(folded, _ string, p *iam.Policy) bool {
			key := folded + "\x00" + customerRank
			if key < from {
				return true
			}
			awsBefore(key)
			more = more && visit(listed{key: key, customer: p})
			return more
		})
	}
	for more && len(aws) > 0 {
		more = visit(aws[0])
		aws = aws[1:]
	}
}
