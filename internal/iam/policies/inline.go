package policies

import (
	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/protocol/awsquery"
	"sallyport/internal/state"
)

// putInline adds or replaces an inline policy.
func (p *policies) putInline(tx *state.Tx, k *kind, entityName, policyName, document string) error {
	e, err := k.findModifiable(tx, entityName)
	if err != nil {
		return err
	}
	if err := validDocument(document, false); err != nil {
		return err
	}
	if err := p.checkInlineSize(tx, k, e, policyName, document); err != nil {
		return err
	}
	iam.InlinePolicies.Put(tx, iam.InlineKey(e.id, policyName), &iam.InlinePolicy{Name: policyName, Document: document})
	return nil
}

// checkInlineSize counts all inline policies of the entity together, the new
// one in place of the one it replaces. The quota is on their sum
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html).
func (p *policies) checkInlineSize(r state.Reader, k *kind, e *entity, policyName, document string) error {
	size := iam.PolicyLength(document)
	inlinePolicies(r, e, func(other *iam.InlinePolicy) {
		if other.Name != policyName {
			size += iam.PolicyLength(other.Document)
		}
	})
	if limit := p.env.Limits[k.size]; size > limit {
		return iamapi.LimitExceededException("Maximum policy size of %d bytes exceeded for %s %s", limit, k.noun, e.name)
	}
	return nil
}

// inlinePolicies visits the entity's inline policies, ordered by name.
func inlinePolicies(r state.Reader, e *entity, visit func(*iam.InlinePolicy)) {
	iam.InlinePolicies.AscendPrefix(r, iam.InlineKey(e.id, ""), func(_ string, v *iam.InlinePolicy) bool {
		visit(v)
		return true
	})
}

// An inlineReply is what Get…Policy returns about an inline policy. Names are
// as stored, whatever their case in the request.
type inlineReply struct {
	entity, policy, document *string
}

func (p *policies) getInline(r state.Reader, k *kind, entityName, policyName string) (*inlineReply, error) {
	e, err := k.find(r, entityName)
	if err != nil {
		return nil, err
	}
	v, ok := iam.InlinePolicies.Get(r, iam.InlineKey(e.id, policyName))
	if !ok {
		return nil, k.noInlinePolicy(policyName)
	}
	return &inlineReply{entity: new(e.name), policy: new(v.Name), document: new(awsquery.EncodeDocument(v.Document))}, nil
}

// A namesPage is a page of the names of inline policies; never nil.
type namesPage struct {
	names     []string
	truncated *bool
	marker    *string
}

func (p *policies) listInline(r state.Reader, k *kind, entityName string, marker *string, maxItems *int64) (*namesPage, error) {
	e, err := k.find(r, entityName)
	if err != nil {
		return nil, err
	}
	page, err := iam.NewPage(marker, maxItems)
	if err != nil {
		return nil, err
	}
	out := &namesPage{names: []string{}}
	more := true
	inlinePolicies(r, e, func(v *iam.InlinePolicy) {
		if more && v.Name >= page.From {
			more = page.Add(v.Name, func() { out.names = append(out.names, v.Name) })
		}
	})
	out.truncated, out.marker = page.Result()
	return out, nil
}

func (p *policies) deleteInline(tx *state.Tx, k *kind, entityName, policyName string) error {
	e, err := k.findModifiable(tx, entityName)
	if err != nil {
		return err
	}
	key := iam.InlineKey(e.id, policyName)
	if _, ok := iam.InlinePolicies.Get(tx, key); !ok {
		return k.noInlinePolicy(policyName)
	}
	iam.InlinePolicies.Delete(tx, key)
	return nil
}
