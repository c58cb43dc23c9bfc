package policies

import (
	"strings"

	"sallyport/internal/api"
	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// attach attaches a managed policy; attaching it again changes nothing.
func (p *policies) attach(c *operation.Call, tx *state.Tx, k *kind, entityName, policyARN string) error {
	e, err := k.findModifiable(tx, entityName)
	if err != nil {
		return err
	}
	if err := attachable(c, tx, policyARN); err != nil {
		return err
	}
	key := iam.AttachmentKey(e.id, policyARN)
	if _, already := iam.Attachments.Get(tx, key); already {
		return nil
	}
	if err := p.env.Limits.Check(k.attached, len(attachments(tx, e))+1); err != nil {
		return err
	}
	iam.Attachments.Put(tx, key, &iam.Attachment{Entity: e.id, Policy: policyARN, At: iam.Moment(tx.Now())})
	return nil
}

// attachable refuses policies that do not exist for the account, and those
// that AWS keeps for service-linked roles.
func attachable(c *operation.Call, r state.Reader, policyARN string) error {
	_, path, err := splitARN(policyARN)
	if err != nil {
		return err
	}
	if !iam.Attachable(r, c.Caller.Account(), policyARN) {
		return noAttachablePolicy(policyARN)
	}
	if strings.HasPrefix(path, iam.ServiceLinkedPath) {
		return iamapi.PolicyNotAttachableException("Cannot attach a Service Role Policy to a Customer Role.")
	}
	return nil
}

func (p *policies) detach(tx *state.Tx, k *kind, entityName, policyARN string) error {
	e, err := k.findModifiable(tx, entityName)
	if err != nil {
		return err
	}
	if _, _, err := splitARN(policyARN); err != nil {
		return err
	}
	key := iam.AttachmentKey(e.id, policyARN)
	if _, ok := iam.Attachments.Get(tx, key); !ok {
		return noPolicy(policyARN)
	}
	iam.Attachments.Delete(tx, key)
	return nil
}

// attachments returns the ARNs of the managed policies attached to the entity.
func attachments(r state.Reader, e *entity) []string {
	var arns []string
	iam.Attachments.AscendPrefix(r, iam.AttachmentKey(e.id, ""), func(_ string, a *iam.Attachment) bool {
		arns = append(arns, a.Policy)
		return true
	})
	return arns
}

// An attachedPage is a page of attached managed policies; never nil.
type attachedPage struct {
	policies  []iamapi.AttachedPolicy
	truncated *bool
	marker    *string
}

// listAttached lists the managed policies attached to an entity that are under
// the path prefix, ordered by name.
func (p *policies) listAttached(r state.Reader, k *kind, entityName string, prefix, marker *string, maxItems *int64) (*attachedPage, error) {
	e, err := k.find(r, entityName)
	if err != nil {
		return nil, err
	}
	type attached struct{ name, arn string }
	var all []attached
	for _, arn := range attachments(r, e) {
		_, path, name, ok := iam.SplitPolicyARN(arn)
		if ok && strings.HasPrefix(path, api.Value(prefix)) {
			all = append(all, attached{name, arn})
		}
	}
	page, truncated, next, err := iam.PageOf(marker, maxItems, all, func(a attached) string { return listKey(a.name, a.arn) })
	if err != nil {
		return nil, err
	}
	out := &attachedPage{policies: make([]iamapi.AttachedPolicy, 0, len(page)), truncated: truncated, marker: next}
	for _, a := range page {
		out.policies = append(out.policies, iamapi.AttachedPolicy{PolicyName: new(a.name), PolicyArn: new(a.arn)})
	}
	return out, nil
}
