package pdp

import (
	"fmt"

	"sallyport/authz"
	"sallyport/catalog"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/state"
	"sallyport/policy"
)

// policies returns the policies that apply to the caller. Those of a committed
// view are gathered once: at one revision of an account they are always the
// same. A transaction's are gathered anew, for its changes may never come to be.
func (p *PDP) policies(caller *operation.Caller, home state.Reader) (authz.Policies, error) {
	view, committed := home.(*state.View)
	s := caller.Session
	if !committed || caller.EntityID == "" || s != nil && len(s.Policies)+len(s.PolicyARNs) > 0 {
		return p.gather(caller, home)
	}
	if policies, ok := p.gathered.get(caller.EntityID, view.Revision()); ok {
		return policies, nil
	}
	policies, err := p.gather(caller, home)
	if err == nil {
		p.gathered.put(caller.EntityID, view.Revision(), policies)
	}
	return policies, err
}

// gather collects the policies that apply to the caller by what it is:
// identity, boundary and session policies
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html).
func (p *PDP) gather(caller *operation.Caller, home state.Reader) (authz.Policies, error) {
	out := authz.Policies{Catalog: catalog.AWS()}
	account := caller.Account()
	if caller.EntityID != "" {
		var boundary string
		docs := documents{pdp: p, home: home, account: account}
		switch caller.Principal.Kind {
		case policy.User, policy.FederatedUser:
			user, ok := iam.Users.Get(home, caller.EntityID)
			if !ok {
				return out, fmt.Errorf("pdp: user %s is gone", caller.EntityID)
			}
			boundary = user.Boundary
			docs.entity(user.ID)
			iam.Memberships.AscendPrefix(home, user.ID+"/", func(_ string, m *iam.Membership) bool {
				docs.entity(m.Group)
				return docs.err == nil
			})
			if rules, ok := iam.PasswordPolicies.Get(home, iam.AccountKey); ok && rules.UsersMayChange {
				docs.add(policy.Ref{Name: "AllowUsersToChangePassword", Kind: policy.RefInline}, ownPassword(iam.UserARN(account, user)))
			}
		case policy.RoleSession:
			role, ok := iam.Roles.Get(home, caller.EntityID)
			if !ok {
				return out, fmt.Errorf("pdp: role %s is gone", caller.EntityID)
			}
			boundary = role.Boundary
			docs.entity(role.ID)
		}
		if docs.err != nil {
			return out, docs.err
		}
		out.Identity = p.sets.get(setKey{caller.EntityID, identitySet}, docs.list)
		if boundary != "" {
			limit := documents{pdp: p, home: home, account: account}
			limit.managed(boundary)
			if limit.err != nil {
				return out, limit.err
			}
			out.Boundary = p.sets.get(setKey{caller.EntityID, boundarySet}, limit.list)
		}
	}
	if s := caller.Session; s != nil && len(s.Policies)+len(s.PolicyARNs) > 0 {
		docs := documents{pdp: p, home: home, account: account}
		for _, document := range s.Policies {
			docs.add(policy.Ref{Kind: policy.RefSession}, document)
		}
		for _, arn := range s.PolicyARNs {
			docs.managed(arn)
		}
		if docs.err != nil {
			return out, docs.err
		}
		out.Session = p.sets.get(setKey{caller.AccessKeyID, sessionSet}, docs.list)
	}
	return out, nil
}

// documents collects compiled policies of one layer. A policy that does not
// compile fails the request. One that is missing empties its layer, which then
// grants nothing: it is never skipped, for it may have held the denials.
type documents struct {
	pdp     *PDP
	home    state.Reader
	account string
	list    []*policy.Policy
	missing bool
	err     error
}

// entity adds the inline and attached policies of a user, group or role.
func (d *documents) entity(id string) { d.entityAs("", id) }

// entityAs is entity with a prefix to the names of inline policies.
func (d *documents) entityAs(prefix, id string) {
	iam.InlinePolicies.AscendPrefix(d.home, id+"/", func(_ string, inline *iam.InlinePolicy) bool {
		d.add(policy.Ref{Name: prefix + inline.Name, Kind: policy.RefInline}, inline.Document)
		return d.err == nil
	})
	iam.Attachments.AscendPrefix(d.home, id+"/", func(_ string, a *iam.Attachment) bool {
		d.managed(a.Policy)
		return d.err == nil
	})
}

func (d *documents) managed(arn string) {
	document, ok := iam.PolicyDocument(d.home, d.account, arn)
	if !ok {
		// A session may name a policy that has been deleted since; a boundary's
		// or an attached one cannot be.
		d.missing, d.list = true, nil
		return
	}
	d.add(policy.Ref{ARN: arn, Kind: policy.RefManaged}, document)
}

func (d *documents) add(ref policy.Ref, document string) {
	if d.err != nil || d.missing {
		return
	}
	compiled, err := d.pdp.documents.compile(ref, document)
	if err != nil {
		d.err = fmt.Errorf("pdp: policy %s%s does not compile: %w", ref.ARN, ref.Name, err)
		return
	}
	d.list = append(d.list, compiled)
}

func (p *PDP) resourceSet(r *operation.ResourcePolicy) (*policy.Set, error) {
	compiled, err := p.documents.compile(policy.Ref{ARN: r.ARN, Kind: policy.RefResource}, r.Document)
	if err != nil {
		return nil, fmt.Errorf("pdp: the policy of %s does not compile: %w", r.ARN, err)
	}
	return p.sets.get(setKey{r.ARN, resourceSet}, []*policy.Policy{compiled}), nil
}

// ownPassword is what an account's password policy allows all users: to change
// their own passwords, and to read the policy
// (https://docs.aws.amazon.com/IAM/latest/APIReference/API_PasswordPolicy.html).
func ownPassword(userARN string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:ChangePassword","Resource":"` + userARN +
		`"},{"Effect":"Allow","Action":"iam:GetAccountPasswordPolicy","Resource":"*"}]}`
}
