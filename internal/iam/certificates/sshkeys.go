package certificates

import (
	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// findSSH returns a user's SSH public key. Another's is as missing as one that
// does not exist.
func findSSH(r state.Reader, user, id string) (*iam.User, *iam.SSHPublicKey, error) {
	u, err := iam.FindUser(r, user)
	if err != nil {
		return nil, nil, err
	}
	k, ok := iam.SSHPublicKeys.Get(r, iam.CredentialKey(u.ID, id))
	if !ok {
		return nil, nil, iamapi.NoSuchEntityException("The SSH Public Key with id %s cannot be found.", id)
	}
	return u, k, nil
}

func (h *handlers) uploadSSH(_ *operation.Call, tx *state.Tx, in *iamapi.UploadSSHPublicKeyRequest) (*iamapi.UploadSSHPublicKeyResponse, error) {
	u, err := iam.FindUser(tx, *in.UserName)
	if err != nil {
		return nil, err
	}
	key, encoding, err := parseSSH(*in.SSHPublicKeyBody)
	if err != nil {
		return nil, err
	}
	keys := owned(iam.SSHPublicKeys, tx, u.ID)
	for _, k := range keys {
		if k.Key == key {
			return nil, iamapi.DuplicateSSHPublicKeyException("The SSH public key is already associated with user %s.", u.Name)
		}
	}
	if err := h.env.Limits.Check(iam.SSHPublicKeyQuota, len(keys)+1); err != nil {
		return nil, err
	}
	k := &iam.SSHPublicKey{ID: h.env.Ident.PublicKeyID(), Key: key, Active: true, Uploaded: iam.Moment(tx.Now())}
	described, err := describedSSH(u, k, encoding)
	if err != nil {
		return nil, err
	}
	iam.SSHPublicKeys.Put(tx, iam.CredentialKey(u.ID, k.ID), k)
	return &iamapi.UploadSSHPublicKeyResponse{SSHPublicKey: described}, nil
}

func describedSSH(u *iam.User, k *iam.SSHPublicKey, encoding string) (*iamapi.SSHPublicKey, error) {
	body, err := encoded(k.Key, encoding)
	if err != nil {
		return nil, err
	}
	print, err := fingerprint(k.Key)
	if err != nil {
		return nil, err
	}
	return &iamapi.SSHPublicKey{
		UserName: new(u.Name), SSHPublicKeyId: new(k.ID), Fingerprint: new(print), SSHPublicKeyBody: new(body),
		Status: statusOf(k.Active), UploadDate: new(k.Uploaded),
	}, nil
}

func (h *handlers) getSSH(_ *operation.Call, r state.Reader, in *iamapi.GetSSHPublicKeyRequest) (*iamapi.GetSSHPublicKeyResponse, error) {
	u, k, err := findSSH(r, *in.UserName, *in.SSHPublicKeyId)
	if err != nil {
		return nil, err
	}
	described, err := describedSSH(u, k, *in.Encoding)
	if err != nil {
		return nil, err
	}
	return &iamapi.GetSSHPublicKeyResponse{SSHPublicKey: described}, nil
}

// listSSH lists a user's keys, the oldest first. The root user has none.
func (h *handlers) listSSH(c *operation.Call, r state.Reader, in *iamapi.ListSSHPublicKeysRequest) (*iamapi.ListSSHPublicKeysResponse, error) {
	subject, err := find(c, r, in.UserName)
	if err != nil {
		return nil, err
	}
	page, truncated, marker, err := iam.PageOf(in.Marker, in.MaxItems, owned(iam.SSHPublicKeys, r, subject.CredentialOwner()),
		func(k *iam.SSHPublicKey) string { return k.Uploaded.UTC().Format(uploadOrder) + k.ID })
	if err != nil {
		return nil, err
	}
	out := &iamapi.ListSSHPublicKeysResponse{SSHPublicKeys: []iamapi.SSHPublicKeyMetadata{}, IsTruncated: truncated, Marker: marker}
	for _, k := range page {
		out.SSHPublicKeys = append(out.SSHPublicKeys, iamapi.SSHPublicKeyMetadata{
			UserName: nameOf(subject), SSHPublicKeyId: new(k.ID), Status: statusOf(k.Active), UploadDate: new(k.Uploaded),
		})
	}
	return out, nil
}

func (h *handlers) updateSSH(_ *operation.Call, tx *state.Tx, in *iamapi.UpdateSSHPublicKeyRequest) (*iamapi.UpdateSSHPublicKeyResponse, error) {
	u, k, err := findSSH(tx, *in.UserName, *in.SSHPublicKeyId)
	if err != nil {
		return nil, err
	}
	changed := *k
	if changed.Active, err = isActive(*in.Status); err != nil {
		return nil, err
	}
	iam.SSHPublicKeys.Put(tx, iam.CredentialKey(u.ID, k.ID), &changed)
	return &iamapi.UpdateSSHPublicKeyResponse{}, nil
}

func (h *handlers) deleteSSH(_ *operation.Call, tx *state.Tx, in *iamapi.DeleteSSHPublicKeyRequest) (*iamapi.DeleteSSHPublicKeyResponse, error) {
	u, k, err := findSSH(tx, *in.UserName, *in.SSHPublicKeyId)
	if err != nil {
		return nil, err
	}
	iam.SSHPublicKeys.Delete(tx, iam.CredentialKey(u.ID, k.ID))
	return &iamapi.DeleteSSHPublicKeyResponse{}, nil
}
