package sts

import (
	"bytes"
	"compress/flate"
	"slices"
	"unicode/utf8"

	"sallyport/internal/api"
	"sallyport/internal/api/stsapi"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/policy/validate"
)

// Limits of what a session carries
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html).
const (
	// maxPolicyText is the characters of all inline session policies and
	// managed policy ARNs together.
	maxPolicyText = 2048
	// maxPacked is the bytes that policies and tags may take when compressed;
	// PackedPolicySize is a percentage of it. AWS doesn't publish its own
	// figure.
	maxPacked = 4096
	// maxPolicyARNs is how many managed policies can limit one session.
	maxPolicyARNs = 10
)

// sessionPolicies checks the session policies of a request: a document, which may
// be nil, and managed policies. They can only limit: the session has what both
// they and the role or user allow.
func (s *Service) sessionPolicies(c *operation.Call, account string, document *string, managed []stsapi.PolicyDescriptorType) (documents, arns []string, err error) {
	if len(managed) > maxPolicyARNs {
		return nil, nil, api.ValidationError(stsapi.Service, "A session can have at most %d managed session policies.", maxPolicyARNs)
	}
	text := 0
	if document != nil {
		if err := validate.Identity([]byte(*document), false); err != nil {
			return nil, nil, stsapi.MalformedPolicyDocumentException("%s", err.Error())
		}
		documents = append(documents, *document)
		text += utf8.RuneCountInString(*document)
	}
	view, known := s.account(c, account)
	for _, p := range managed {
		if p.Arn == nil || !known || !iam.Attachable(view, account, *p.Arn) {
			return nil, nil, invalidParameter("A session policy was not found among the managed policies of the session's account.")
		}
		arns = append(arns, *p.Arn)
		text += len(*p.Arn)
	}
	if text > maxPolicyText {
		return nil, nil, stsapi.PackedPolicyTooLargeException(
			"The session policies have %d characters together, more than the %d allowed.", text, maxPolicyText)
	}
	return documents, arns, nil
}

// sessionTags returns the tags of the new session: those of the request over
// those its caller's session passes on, and the keys it will pass on in turn
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html).
func sessionTags(caller *operation.Caller, in *stsapi.AssumeRoleRequest) (tags []operation.Tag, transitive []string, err error) {
	var inherited []operation.Tag
	if caller.Session != nil {
		for _, t := range caller.Session.Tags {
			if containsKey(caller.Session.Transitive, t.Key) {
				inherited = append(inherited, t)
				transitive = append(transitive, t.Key)
			}
		}
	}
	requested, err := newTags(in.Tags)
	if err != nil {
		return nil, nil, err
	}
	for _, t := range requested {
		if hasKey(inherited, t.Key) {
			return nil, nil, invalidParameter("One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.")
		}
	}
	for _, key := range in.TransitiveTagKeys {
		if !hasKey(requested, key) {
			return nil, nil, invalidParameter("The specified transitive tag key must be included in the requested tags.")
		}
		transitive = append(transitive, key)
	}
	return append(inherited, requested...), transitive, nil
}

// newTags are the session tags that a request passes.
func newTags(in []stsapi.Tag) ([]operation.Tag, error) {
	for _, t := range in {
		if iam.ReservedTag(*t.Key) || iam.ReservedTag(*t.Value) {
			return nil, invalidParameter("Tag keys and values must not begin with the reserved prefix aws:")
		}
	}
	return distinctTags(in)
}

// distinctTags are the tags of a request, no two of which have one key.
func distinctTags(in []stsapi.Tag) ([]operation.Tag, error) {
	tags := make([]operation.Tag, 0, len(in))
	for _, t := range in {
		if hasKey(tags, *t.Key) {
			return nil, invalidParameter("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
		}
		tags = append(tags, operation.Tag{Key: *t.Key, Value: *t.Value})
	}
	return tags, nil
}

// hasKey compares keys as those of stored tags are: a key that a policy would
// read as an inherited one must not pass for another.
func hasKey(tags []operation.Tag, key string) bool {
	folded := iam.FoldTagKey(key)
	return slices.ContainsFunc(tags, func(t operation.Tag) bool { return iam.FoldTagKey(t.Key) == folded })
}

func containsKey(keys []string, key string) bool {
	folded := iam.FoldTagKey(key)
	return slices.ContainsFunc(keys, func(k string) bool { return iam.FoldTagKey(k) == folded })
}

// packedSize is how much of the room for policies and tags a session takes, in
// percent; nil for a session without either.
func packedSize(t *Token) (*int64, error) {
	if len(t.Policies)+len(t.PolicyARNs)+len(t.Tags) == 0 {
		return nil, nil
	}
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, flate.BestCompression)
	if err != nil {
		return nil, err
	}
	for _, part := range slices.Concat(t.Policies, t.PolicyARNs, t.Transitive) {
		w.Write([]byte(part)) //nolint:errcheck // writes to a buffer
	}
	for _, tag := range t.Tags {
		w.Write([]byte(tag.Key + "=" + tag.Value)) //nolint:errcheck // writes to a buffer
	}
	w.Close() //nolint:errcheck // writes to a buffer
	percent := int64((packed.Len()*100 + maxPacked - 1) / maxPacked)
	if percent > 100 {
		return nil, stsapi.PackedPolicyTooLargeException(
			"Packed size of session policies and tags consumes %d%% of allotted space.", percent)
	}
	return &percent, nil
}
