package credentials

import (
	"time"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/ident"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// notUsed stands for service and Region of a key that was never used
// (https://docs.aws.amazon.com/IAM/latest/APIReference/API_AccessKeyLastUsed.html).
const notUsed = "N/A"

// find resolves an optional UserName to a subject that exists.
func find(c *operation.Call, r state.Reader, name *string) (iam.Subject, error) {
	subject, err := iam.FindSubject(c, r, name)
	if err != nil {
		return iam.Subject{}, err
	}
	return subject, subject.Missing()
}

// findKey returns an access key of the subject. Another's key is as missing as
// one that does not exist.
func findKey(r state.Reader, subject iam.Subject, id string) (*iam.AccessKey, error) {
	if k, ok := iam.AccessKeys.Get(r, id); ok && k.User == subject.KeyOwner() {
		return k, nil
	}
	return nil, noSuchKey(id)
}

func noSuchKey(id string) error {
	return iamapi.NoSuchEntityException("The Access Key with id %s cannot be found", id)
}

// ownerOf is the subject an access key belongs to.
func ownerOf(r state.Reader, k *iam.AccessKey) iam.Subject {
	if k.User == "" {
		return iam.Subject{Root: true}
	}
	u, ok := iam.Users.Get(r, k.User)
	if !ok {
		return iam.Subject{}
	}
	return iam.Subject{User: u, Name: u.Name}
}

// nameOf is how replies name the owner of a key: absent for the root user.
func nameOf(subject iam.Subject) *string {
	if subject.User == nil {
		return nil
	}
	return new(subject.User.Name)
}

func statusOf(k *iam.AccessKey) *string {
	if k.Active {
		return new(iamapi.StatusTypeActive)
	}
	return new(iamapi.StatusTypeInactive)
}

func (h *handlers) createKey(c *operation.Call, tx *state.Tx, in *iamapi.CreateAccessKeyRequest) (*iamapi.CreateAccessKeyResponse, error) {
	subject, err := find(c, tx, in.UserName)
	if err != nil {
		return nil, err
	}
	owner := subject.KeyOwner()
	if err := h.env.Limits.Check(iam.AccessKeysPerUser, iam.AccessKeysByUser.Count(tx, owner)+1); err != nil {
		return nil, err
	}
	k := &iam.AccessKey{
		ID: h.env.Ident.AccessKeyID(c.Caller.Account()), User: owner, Active: true, Created: iam.Moment(tx.Now()),
	}
	secret := h.env.Ident.SecretAccessKey()
	iam.AccessKeys.Put(tx, k.ID, k)
	tx.PutSecret(iam.AccessKeySecret(k.ID), []byte(secret))
	return &iamapi.CreateAccessKeyResponse{AccessKey: &iamapi.AccessKey{
		UserName: nameOf(subject), AccessKeyId: new(k.ID), Status: statusOf(k),
		SecretAccessKey: new(secret), CreateDate: new(k.Created),
	}}, nil
}

func (h *handlers) updateKey(c *operation.Call, tx *state.Tx, in *iamapi.UpdateAccessKeyRequest) (*iamapi.UpdateAccessKeyResponse, error) {
	subject, err := find(c, tx, in.UserName)
	if err != nil {
		return nil, err
	}
	k, err := findKey(tx, subject, *in.AccessKeyId)
	if err != nil {
		return nil, err
	}
	changed := *k
	switch *in.Status {
	case iamapi.StatusTypeActive:
		changed.Active = true
	case iamapi.StatusTypeInactive:
		changed.Active = false
	default:
		return nil, iamapi.InvalidInputException("The status of an access key must be %s or %s.", iamapi.StatusTypeActive, iamapi.StatusTypeInactive)
	}
	iam.AccessKeys.Put(tx, k.ID, &changed)
	return &iamapi.UpdateAccessKeyResponse{}, nil
}

func (h *handlers) deleteKey(c *operation.Call, tx *state.Tx, in *iamapi.DeleteAccessKeyRequest) (*iamapi.DeleteAccessKeyResponse, error) {
	subject, err := find(c, tx, in.UserName)
	if err != nil {
		return nil, err
	}
	k, err := findKey(tx, subject, *in.AccessKeyId)
	if err != nil {
		return nil, err
	}
	// An id that an operator chose need not say whose it is: the directory does.
	if account, ok := ident.AccessKeyAccount(k.ID); !ok || account != c.Caller.Account() {
		directory, err := tx.Other(state.Directory)
		if err != nil {
			return nil, err
		}
		iam.DirectoryKeys.Delete(directory, k.ID)
	}
	iam.AccessKeys.Delete(tx, k.ID)
	tx.DeleteSecret(iam.AccessKeySecret(k.ID))
	return &iamapi.DeleteAccessKeyResponse{}, nil
}

// listKeys lists the subject's keys, the oldest first.
func (h *handlers) listKeys(c *operation.Call, r state.Reader, in *iamapi.ListAccessKeysRequest) (*iamapi.ListAccessKeysResponse, error) {
	subject, err := find(c, r, in.UserName)
	if err != nil {
		return nil, err
	}
	var keys []*iam.AccessKey
	iam.AccessKeysByUser.Ascend(r, subject.KeyOwner(), func(_ string, k *iam.AccessKey) bool {
		keys = append(keys, k)
		return true
	})
	page, truncated, marker, err := iam.PageOf(in.Marker, in.MaxItems, keys,
		func(k *iam.AccessKey) string { return k.Created.UTC().Format(keyOrder) + k.ID })
	if err != nil {
		return nil, err
	}
	out := &iamapi.ListAccessKeysResponse{AccessKeyMetadata: []iamapi.AccessKeyMetadata{}, IsTruncated: truncated, Marker: marker}
	for _, k := range page {
		out.AccessKeyMetadata = append(out.AccessKeyMetadata, iamapi.AccessKeyMetadata{
			UserName: nameOf(subject), AccessKeyId: new(k.ID), Status: statusOf(k), CreateDate: new(k.Created),
		})
	}
	return out, nil
}

// keyOrder formats times so that they sort as text.
const keyOrder = "20060102T150405.000 "

func (h *handlers) keyLastUsed(c *operation.Call, r state.Reader, in *iamapi.GetAccessKeyLastUsedRequest) (*iamapi.GetAccessKeyLastUsedResponse, error) {
	k, ok := iam.AccessKeys.Get(r, *in.AccessKeyId)
	if !ok {
		return nil, noSuchKey(*in.AccessKeyId)
	}
	used := &iamapi.AccessKeyLastUsed{ServiceName: new(notUsed), Region: new(notUsed)}
	last, ok, err := h.env.Usage.KeyLastUsed(c.Context, k.ID)
	if err != nil {
		return nil, err
	}
	if ok {
		used.LastUsedDate = new(last.At.UTC().Truncate(time.Second))
		used.ServiceName, used.Region = new(last.Service), new(last.Region)
	}
	return &iamapi.GetAccessKeyLastUsedResponse{UserName: nameOf(ownerOf(r, k)), AccessKeyLastUsed: used}, nil
}
