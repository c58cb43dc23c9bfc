package certificates

import (
	"strings"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// findServer returns the server certificate of that name, or AWS's NoSuchEntity
// (row iam-191).
func findServer(r state.Reader, name string) (*iam.ServerCertificate, error) {
	if _, c, ok := iam.ServerCertificatesByName.First(r, iam.FoldName(name)); ok {
		return c, nil
	}
	return nil, iamapi.NoSuchEntityException("The Server Certificate with name %s cannot be found.", name)
}

// nameIsFree returns AWS's EntityAlreadyExists when a server certificate other
// than the one with the given id has the name.
func nameIsFree(r state.Reader, name, id string) error {
	if c, err := findServer(r, name); err == nil && c.ID != id {
		return iamapi.EntityAlreadyExistsException("The Server Certificate with name %s already exists.", name)
	}
	return nil
}

// uploadServer takes a certificate with its key. The key is kept as it was
// given, for whoever serves TLS with it.
func (h *handlers) uploadServer(c *operation.Call, tx *state.Tx, in *iamapi.UploadServerCertificateRequest) (*iamapi.UploadServerCertificateResponse, error) {
	tags, err := iam.CaseSensitiveTags.New(in.Tags)
	if err != nil {
		return nil, err
	}
	parsed, err := parseCertificate(*in.CertificateBody)
	if err != nil {
		return nil, err
	}
	if err := checkValidity(parsed, tx.Now()); err != nil {
		return nil, err
	}
	if !usableKey(parsed.PublicKey) {
		return nil, malformed("The certificate's key must be an RSA key of %d to %d bits or an elliptic curve key.", minRSABits, maxRSABits)
	}
	if err := checkKey(parsed, *in.PrivateKey); err != nil {
		return nil, err
	}
	cert := &iam.ServerCertificate{
		ID: h.env.Ident.ServerCertificateID(), Name: *in.ServerCertificateName, Path: iam.PathOf(in.Path),
		Body: trimmed(*in.CertificateBody), Uploaded: iam.Moment(tx.Now()), Expires: parsed.NotAfter.UTC(), Tags: tags,
	}
	if in.CertificateChain != nil {
		if err := checkChain(parsed, *in.CertificateChain); err != nil {
			return nil, err
		}
		cert.Chain = trimmed(*in.CertificateChain)
	}
	if err := nameIsFree(tx, cert.Name, ""); err != nil {
		return nil, err
	}
	if err := h.env.Limits.Check(iam.ServerCertificateQuota, iam.ServerCertificates.Len(tx)+1); err != nil {
		return nil, err
	}
	if err := h.env.Limits.Check(iam.TagsPerServerCert, len(tags)); err != nil {
		return nil, err
	}
	iam.ServerCertificates.Put(tx, cert.ID, cert)
	tx.PutSecret(iam.ServerCertificateSecret(cert.ID), []byte(*in.PrivateKey))
	return &iamapi.UploadServerCertificateResponse{
		ServerCertificateMetadata: new(metadata(c.Caller.Account(), cert)), Tags: iam.APITags(tags),
	}, nil
}

func metadata(account string, c *iam.ServerCertificate) iamapi.ServerCertificateMetadata {
	return iamapi.ServerCertificateMetadata{
		Path: new(c.Path), ServerCertificateName: new(c.Name), ServerCertificateId: new(c.ID),
		Arn: new(iam.ServerCertificateARN(account, c)), UploadDate: new(c.Uploaded), Expiration: new(c.Expires),
	}
}

// getServer shows everything but the private key. Tags are an empty list when
// there are none (row iam-192).
func (h *handlers) getServer(c *operation.Call, r state.Reader, in *iamapi.GetServerCertificateRequest) (*iamapi.GetServerCertificateResponse, error) {
	cert, err := findServer(r, *in.ServerCertificateName)
	if err != nil {
		return nil, err
	}
	out := &iamapi.ServerCertificate{
		ServerCertificateMetadata: new(metadata(c.Caller.Account(), cert)), CertificateBody: new(cert.Body),
		Tags: append([]iamapi.Tag{}, iam.APITags(cert.Tags)...),
	}
	if cert.Chain != "" {
		out.CertificateChain = new(cert.Chain)
	}
	return &iamapi.GetServerCertificateResponse{ServerCertificate: out}, nil
}

func (h *handlers) listServer(c *operation.Call, r state.Reader, in *iamapi.ListServerCertificatesRequest) (*iamapi.ListServerCertificatesResponse, error) {
	page, err := iam.NewPage(in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	account, prefix := c.Caller.Account(), iam.PathOf(in.PathPrefix)
	out := &iamapi.ListServerCertificatesResponse{ServerCertificateMetadataList: []iamapi.ServerCertificateMetadata{}}
	iam.ServerCertificatesByName.AscendAll(r, page.From, func(name, _ string, cert *iam.ServerCertificate) bool {
		if !strings.HasPrefix(cert.Path, prefix) {
			return true
		}
		return page.Add(name, func() {
			out.ServerCertificateMetadataList = append(out.ServerCertificateMetadataList, metadata(account, cert))
		})
	})
	out.IsTruncated, out.Marker = page.Result()
	return out, nil
}

// moved is the certificate as UpdateServerCertificate leaves it.
func moved(c *iam.ServerCertificate, in *iamapi.UpdateServerCertificateRequest) iam.ServerCertificate {
	changed := *c
	if in.NewServerCertificateName != nil {
		changed.Name = *in.NewServerCertificateName
	}
	if in.NewPath != nil {
		changed.Path = *in.NewPath
	}
	return changed
}

func (h *handlers) updateServer(_ *operation.Call, tx *state.Tx, in *iamapi.UpdateServerCertificateRequest) (*iamapi.UpdateServerCertificateResponse, error) {
	cert, err := findServer(tx, *in.ServerCertificateName)
	if err != nil {
		return nil, err
	}
	changed := moved(cert, in)
	if err := nameIsFree(tx, changed.Name, cert.ID); err != nil {
		return nil, err
	}
	iam.ServerCertificates.Put(tx, cert.ID, &changed)
	return &iamapi.UpdateServerCertificateResponse{}, nil
}

// deleteServer deletes a certificate and its key. AWS refuses while a load
// balancer or distribution uses it; there are none here.
func (h *handlers) deleteServer(_ *operation.Call, tx *state.Tx, in *iamapi.DeleteServerCertificateRequest) (*iamapi.DeleteServerCertificateResponse, error) {
	cert, err := findServer(tx, *in.ServerCertificateName)
	if err != nil {
		return nil, err
	}
	iam.ServerCertificates.Delete(tx, cert.ID)
	tx.DeleteSecret(iam.ServerCertificateSecret(cert.ID))
	return &iamapi.DeleteServerCertificateResponse{}, nil
}

func (h *handlers) tagServer(_ *operation.Call, tx *state.Tx, in *iamapi.TagServerCertificateRequest) (*iamapi.TagServerCertificateResponse, error) {
	cert, err := findServer(tx, *in.ServerCertificateName)
	if err != nil {
		return nil, err
	}
	tags, err := iam.CaseSensitiveTags.New(in.Tags)
	if err != nil {
		return nil, err
	}
	changed := *cert
	changed.Tags = iam.CaseSensitiveTags.Merge(cert.Tags, tags)
	if err := h.env.Limits.Check(iam.TagsPerServerCert, len(changed.Tags)); err != nil {
		return nil, err
	}
	iam.ServerCertificates.Put(tx, cert.ID, &changed)
	return &iamapi.TagServerCertificateResponse{}, nil
}

func (h *handlers) untagServer(_ *operation.Call, tx *state.Tx, in *iamapi.UntagServerCertificateRequest) (*iamapi.UntagServerCertificateResponse, error) {
	cert, err := findServer(tx, *in.ServerCertificateName)
	if err != nil {
		return nil, err
	}
	changed := *cert
	changed.Tags = iam.CaseSensitiveTags.Without(cert.Tags, in.TagKeys)
	iam.ServerCertificates.Put(tx, cert.ID, &changed)
	return &iamapi.UntagServerCertificateResponse{}, nil
}

func (h *handlers) listServerTags(_ *operation.Call, r state.Reader, in *iamapi.ListServerCertificateTagsRequest) (*iamapi.ListServerCertificateTagsResponse, error) {
	cert, err := findServer(r, *in.ServerCertificateName)
	if err != nil {
		return nil, err
	}
	out := &iamapi.ListServerCertificateTagsResponse{}
	out.Tags, out.IsTruncated, out.Marker, err = iam.PageTags(cert.Tags, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return out, nil
}
