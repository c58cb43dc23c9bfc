package reports

import (
	"fmt"
	"slices"
	"strings"

	"sallyport/arn"
	"sallyport/catalog/managed"
	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/state"
	"sallyport/policy"
)

// The kinds of what an ARN of IAM names.
const (
	kindUser   = "user"
	kindGroup  = "group"
	kindRole   = "role"
	kindPolicy = "policy"
	kindRoot   = "root"
)

// A named entity is what a request says a report is to be about.
type named struct{ arn, account, kind, name string }

// nameReported takes an ARN apart, or says what is wrong with it as AWS does.
func nameReported(text string) (named, error) {
	a, err := arn.Parse(text)
	switch {
	case err != nil:
		return named{}, iam.ValidationError("Invalid ARN: %s", text)
	case a.Partition != "aws":
		return named{}, iam.ValidationError("Invalid ARN partition")
	case a.Service != "iam":
		return named{}, iam.ValidationError("Invalid service in ARN")
	case a.Region != "":
		return named{}, iam.ValidationError("Invalid region in ARN")
	}
	kind, rest, _ := strings.Cut(a.Resource, "/")
	return named{text, a.Account, kind, rest[strings.LastIndexByte(rest, '/')+1:]}, nil
}

func (n named) unsupported() error {
	return iamapi.InvalidInputException("Invalid Entity Arn: %s is not supported.", n.arn)
}

// An entity is a user or role, which can try to use a service.
type entity struct {
	ID   string `json:"id"`
	Role bool   `json:"role,omitempty"`
	arn  string
	sort string
}

// A held policy is one that something has, with what it has it from.
type held struct {
	name, arn        string // without an ARN when it is inline
	ownerKind, owner string // of an inline policy
	document         string
}

// A subject is what a report is about: its policies, and who can use them.
type subject struct {
	account  string
	r        state.Reader
	entities []entity
	policies []held
	err      error
}

// findSubject gathers policies and entities: of a user its own and its groups'
// policies, of a group its members, of a managed policy whoever has it attached or
// is in a group that has. Permissions boundaries are no permissions
// (https://docs.aws.amazon.com/IAM/latest/APIReference/API_GenerateServiceLastAccessedDetails.html).
func findSubject(r state.Reader, account string, n named) (*subject, error) {
	s := &subject{account: account, r: r}
	switch n.kind {
	case kindUser:
		if u, err := iam.FindUser(r, n.name); err == nil {
			s.addUser(u)
			s.addPolicies(u.ID, iamapi.PolicyOwnerEntityTypeUSER, u.Name)
			iam.Memberships.AscendPrefix(r, iam.MembershipKey(u.ID, ""), func(_ string, m *iam.Membership) bool {
				if g, ok := iam.Groups.Get(r, m.Group); ok {
					s.addPolicies(g.ID, iamapi.PolicyOwnerEntityTypeGROUP, g.Name)
				}
				return true
			})
			return s.done()
		}
	case kindGroup:
		if g, err := iam.FindGroup(r, n.name); err == nil {
			s.addMembers(g)
			s.addPolicies(g.ID, iamapi.PolicyOwnerEntityTypeGROUP, g.Name)
			return s.done()
		}
	case kindRole:
		if role, err := iam.FindRole(r, n.name); err == nil {
			s.addRole(role)
			s.addPolicies(role.ID, iamapi.PolicyOwnerEntityTypeROLE, role.Name)
			return s.done()
		}
	case kindPolicy:
		if document, ok := iam.PolicyDocument(r, account, n.arn); ok {
			s.policies = []held{{name: n.name, arn: n.arn, document: document}}
			iam.AttachmentsByPolicy.Ascend(r, n.arn, func(_ string, a *iam.Attachment) bool {
				if u, ok := iam.Users.Get(r, a.Entity); ok {
					s.addUser(u)
				} else if role, ok := iam.Roles.Get(r, a.Entity); ok {
					s.addRole(role)
				} else if g, ok := iam.Groups.Get(r, a.Entity); ok {
					s.addMembers(g)
				}
				return true
			})
			return s.done()
		}
	}
	return nil, iamapi.NoSuchEntityException("ARN %s does not exist.", n.arn)
}

func (s *subject) addUser(u *iam.User) {
	s.entities = append(s.entities, entity{ID: u.ID, arn: iam.UserARN(s.account, u), sort: "0" + iam.FoldName(u.Name)})
}

func (s *subject) addRole(role *iam.Role) {
	s.entities = append(s.entities, entity{ID: role.ID, Role: true, arn: iam.RoleARN(s.account, role), sort: "1" + iam.FoldName(role.Name)})
}

func (s *subject) addMembers(g *iam.Group) {
	iam.MembershipsByGroup.Ascend(s.r, g.ID, func(_ string, m *iam.Membership) bool {
		if u, ok := iam.Users.Get(s.r, m.User); ok {
			s.addUser(u)
		}
		return true
	})
}

// addPolicies adds the inline and attached policies of a user, group or role.
func (s *subject) addPolicies(id, kind, name string) {
	iam.InlinePolicies.AscendPrefix(s.r, iam.InlineKey(id, ""), func(_ string, p *iam.InlinePolicy) bool {
		s.policies = append(s.policies, held{name: p.Name, ownerKind: kind, owner: name, document: p.Document})
		return true
	})
	iam.Attachments.AscendPrefix(s.r, iam.AttachmentKey(id, ""), func(_ string, a *iam.Attachment) bool {
		document, ok := iam.PolicyDocument(s.r, s.account, a.Policy)
		if !ok {
			s.err = fmt.Errorf("reports: the attached policy %s has no document", a.Policy)
			return false
		}
		s.policies = append(s.policies, held{name: policyName(a.Policy), arn: a.Policy, document: document})
		return true
	})
}

func policyName(policyARN string) string {
	if p, ok := managed.Lookup(policyARN); ok {
		return p.Name
	}
	_, _, name, _ := iam.SplitPolicyARN(policyARN)
	return name
}

// done puts what was gathered in order: users before roles and both by name,
// policies by name, each once.
func (s *subject) done() (*subject, error) {
	slices.SortFunc(s.entities, func(a, b entity) int { return strings.Compare(a.sort, b.sort) })
	s.entities = slices.CompactFunc(s.entities, func(a, b entity) bool { return a.ID == b.ID })
	slices.SortFunc(s.policies, func(a, b held) int { return strings.Compare(a.key(), b.key()) })
	s.policies = slices.CompactFunc(s.policies, func(a, b held) bool { return a.key() == b.key() })
	return s, s.err
}

// key tells policies apart and puts them in order.
func (h *held) key() string { return h.name + "\x00" + h.arn + "\x00" + h.ownerKind + "\x00" + h.owner }

// documents parses the policies. One in force that does not parse is an error.
func (s *subject) documents() ([]*policy.Document, error) {
	documents := make([]*policy.Document, len(s.policies))
	for i, p := range s.policies {
		var err error
		if documents[i], err = policy.Parse([]byte(p.document)); err != nil {
			return nil, fmt.Errorf("reports: policy %s%s: %w", p.name, p.arn, err)
		}
	}
	return documents, nil
}
