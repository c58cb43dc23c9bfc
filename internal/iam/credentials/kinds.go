package credentials

import (
	"sallyport/internal/api"
	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// Lists of the kinds of credentials that no operation makes yet. They are empty
// in truth; who asks, about whom and from which marker is judged as for any
// other list, because clients ask before they delete a user.

// noneOf is the end of a list about a subject that has nothing of the kind.
func noneOf(c *operation.Call, r state.Reader, name, marker *string, maxItems *int64) (truncated *bool, next *string, err error) {
	if _, err := find(c, r, name); err != nil {
		return nil, nil, err
	}
	return emptyPage(marker, maxItems)
}

func emptyPage(marker *string, maxItems *int64) (truncated *bool, next *string, err error) {
	page, err := iam.NewPage(marker, maxItems)
	if err != nil {
		return nil, nil, err
	}
	truncated, next = page.Result()
	return truncated, next, nil
}

func (h *handlers) listSSHKeys(c *operation.Call, r state.Reader, in *iamapi.ListSSHPublicKeysRequest) (*iamapi.ListSSHPublicKeysResponse, error) {
	truncated, next, err := noneOf(c, r, in.UserName, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &iamapi.ListSSHPublicKeysResponse{SSHPublicKeys: []iamapi.SSHPublicKeyMetadata{}, IsTruncated: truncated, Marker: next}, nil
}

func (h *handlers) listCertificates(c *operation.Call, r state.Reader, in *iamapi.ListSigningCertificatesRequest) (*iamapi.ListSigningCertificatesResponse, error) {
	truncated, next, err := noneOf(c, r, in.UserName, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &iamapi.ListSigningCertificatesResponse{Certificates: []iamapi.SigningCertificate{}, IsTruncated: truncated, Marker: next}, nil
}

// listServiceCredentials is about one user, or with AllUsers about them all.
func (h *handlers) listServiceCredentials(c *operation.Call, r state.Reader, in *iamapi.ListServiceSpecificCredentialsRequest) (*iamapi.ListServiceSpecificCredentialsResponse, error) {
	truncated, next, err := emptyPage(in.Marker, in.MaxItems)
	if !api.Value(in.AllUsers) {
		truncated, next, err = noneOf(c, r, in.UserName, in.Marker, in.MaxItems)
	}
	if err != nil {
		return nil, err
	}
	return &iamapi.ListServiceSpecificCredentialsResponse{
		ServiceSpecificCredentials: []iamapi.ServiceSpecificCredentialMetadata{}, IsTruncated: truncated, Marker: next,
	}, nil
}
