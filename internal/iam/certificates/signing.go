package certificates

import (
	"crypto/sha256"
	"encoding/hex"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// findSigning returns a signing certificate of a subject that exists.
func findSigning(c *operation.Call, r state.Reader, name *string, id string) (iam.Subject, *iam.SigningCertificate, error) {
	subject, err := find(c, r, name)
	if err != nil {
		return iam.Subject{}, nil, err
	}
	cert, ok := iam.SigningCertificates.Get(r, iam.CredentialKey(subject.CredentialOwner(), id))
	if !ok {
		return iam.Subject{}, nil, iamapi.NoSuchEntityException("The Certificate with id %s cannot be found.", id)
	}
	return subject, cert, nil
}

// uploadSigning takes a certificate that no user of the account has yet. It is
// shown as it was given, unlike a server certificate.
func (h *handlers) uploadSigning(c *operation.Call, tx *state.Tx, in *iamapi.UploadSigningCertificateRequest) (*iamapi.UploadSigningCertificateResponse, error) {
	subject, err := find(c, tx, in.UserName)
	if err != nil {
		return nil, err
	}
	parsed, err := parseCertificate(*in.CertificateBody)
	if err != nil {
		return nil, err
	}
	if err := checkSigning(parsed, tx.Now()); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(parsed.Raw)
	fingerprint := hex.EncodeToString(sum[:])
	if _, _, taken := iam.SigningCertificatesByFingerprint.First(tx, fingerprint); taken {
		return nil, iamapi.DuplicateCertificateException("The certificate is already associated with a user of this account.")
	}
	owner := subject.CredentialOwner()
	if err := h.env.Limits.Check(iam.SigningCertificateQuota, len(owned(iam.SigningCertificates, tx, owner))+1); err != nil {
		return nil, err
	}
	cert := &iam.SigningCertificate{
		ID: h.env.Ident.SigningCertificateID(), Body: *in.CertificateBody, Fingerprint: fingerprint,
		Active: true, Uploaded: iam.Moment(tx.Now()),
	}
	iam.SigningCertificates.Put(tx, iam.CredentialKey(owner, cert.ID), cert)
	return &iamapi.UploadSigningCertificateResponse{Certificate: new(describedSigning(subject, cert))}, nil
}

func describedSigning(subject iam.Subject, cert *iam.SigningCertificate) iamapi.SigningCertificate {
	return iamapi.SigningCertificate{
		UserName: nameOf(subject), CertificateId: new(cert.ID), CertificateBody: new(cert.Body),
		Status: statusOf(cert.Active), UploadDate: new(cert.Uploaded),
	}
}

// listSigning lists the subject's certificates, the oldest first.
func (h *handlers) listSigning(c *operation.Call, r state.Reader, in *iamapi.ListSigningCertificatesRequest) (*iamapi.ListSigningCertificatesResponse, error) {
	subject, err := find(c, r, in.UserName)
	if err != nil {
		return nil, err
	}
	page, truncated, marker, err := iam.PageOf(in.Marker, in.MaxItems, owned(iam.SigningCertificates, r, subject.CredentialOwner()),
		func(c *iam.SigningCertificate) string { return c.Uploaded.UTC().Format(uploadOrder) + c.ID })
	if err != nil {
		return nil, err
	}
	out := &iamapi.ListSigningCertificatesResponse{Certificates: []iamapi.SigningCertificate{}, IsTruncated: truncated, Marker: marker}
	for _, cert := range page {
		out.Certificates = append(out.Certificates, describedSigning(subject, cert))
	}
	return out, nil
}

func (h *handlers) updateSigning(c *operation.Call, tx *state.Tx, in *iamapi.UpdateSigningCertificateRequest) (*iamapi.UpdateSigningCertificateResponse, error) {
	subject, cert, err := findSigning(c, tx, in.UserName, *in.CertificateId)
	if err != nil {
		return nil, err
	}
	changed := *cert
	if changed.Active, err = isActive(*in.Status); err != nil {
		return nil, err
	}
	iam.SigningCertificates.Put(tx, iam.CredentialKey(subject.CredentialOwner(), cert.ID), &changed)
	return &iamapi.UpdateSigningCertificateResponse{}, nil
}

func (h *handlers) deleteSigning(c *operation.Call, tx *state.Tx, in *iamapi.DeleteSigningCertificateRequest) (*iamapi.DeleteSigningCertificateResponse, error) {
	subject, cert, err := findSigning(c, tx, in.UserName, *in.CertificateId)
	if err != nil {
		return nil, err
	}
	iam.SigningCertificates.Delete(tx, iam.CredentialKey(subject.CredentialOwner(), cert.ID))
	return &iamapi.DeleteSigningCertificateResponse{}, nil
}
