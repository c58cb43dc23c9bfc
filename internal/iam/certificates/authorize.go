package certificates

import (
	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// Actions, resources and condition keys follow
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html:
// SSH keys and signing certificates are asked about on their user, or on the
// root user.

func checkUploadSSH(c *operation.Call, r state.Reader, in *iamapi.UploadSSHPublicKeyRequest) ([]operation.Check, error) {
	return onUser(c, r, "iam:UploadSSHPublicKey", *in.UserName)
}

func checkGetSSH(c *operation.Call, r state.Reader, in *iamapi.GetSSHPublicKeyRequest) ([]operation.Check, error) {
	return onUser(c, r, "iam:GetSSHPublicKey", *in.UserName)
}

func checkUpdateSSH(c *operation.Call, r state.Reader, in *iamapi.UpdateSSHPublicKeyRequest) ([]operation.Check, error) {
	return onUser(c, r, "iam:UpdateSSHPublicKey", *in.UserName)
}

func checkDeleteSSH(c *operation.Call, r state.Reader, in *iamapi.DeleteSSHPublicKeyRequest) ([]operation.Check, error) {
	return onUser(c, r, "iam:DeleteSSHPublicKey", *in.UserName)
}

func checkListSSH(c *operation.Call, r state.Reader, in *iamapi.ListSSHPublicKeysRequest) ([]operation.Check, error) {
	return onSubject(c, r, "iam:ListSSHPublicKeys", in.UserName)
}

func checkUploadSigning(c *operation.Call, r state.Reader, in *iamapi.UploadSigningCertificateRequest) ([]operation.Check, error) {
	return onSubject(c, r, "iam:UploadSigningCertificate", in.UserName)
}

func checkListSigning(c *operation.Call, r state.Reader, in *iamapi.ListSigningCertificatesRequest) ([]operation.Check, error) {
	return onSubject(c, r, "iam:ListSigningCertificates", in.UserName)
}

func checkUpdateSigning(c *operation.Call, r state.Reader, in *iamapi.UpdateSigningCertificateRequest) ([]operation.Check, error) {
	return onSubject(c, r, "iam:UpdateSigningCertificate", in.UserName)
}

func checkDeleteSigning(c *operation.Call, r state.Reader, in *iamapi.DeleteSigningCertificateRequest) ([]operation.Check, error) {
	return onSubject(c, r, "iam:DeleteSigningCertificate", in.UserName)
}

func checkUploadServer(c *operation.Call, _ state.Reader, in *iamapi.UploadServerCertificateRequest) ([]operation.Check, error) {
	upload := operation.Check{
		Action:      "iam:UploadServerCertificate",
		Resource:    serverARN(c, iam.PathOf(in.Path), *in.ServerCertificateName),
		RequestTags: iam.RequestTags(in.Tags),
	}
	if len(in.Tags) == 0 {
		return []operation.Check{upload}, nil
	}
	// Tags on creation need the permission to tag as well
	// (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags_server-certificates.html).
	tag := upload
	tag.Action = "iam:TagServerCertificate"
	return []operation.Check{upload, tag}, nil
}

func checkGetServer(c *operation.Call, r state.Reader, in *iamapi.GetServerCertificateRequest) ([]operation.Check, error) {
	return []operation.Check{onServer(c, r, "iam:GetServerCertificate", *in.ServerCertificateName)}, nil
}

func checkListServer(c *operation.Call, _ state.Reader, in *iamapi.ListServerCertificatesRequest) ([]operation.Check, error) {
	return []operation.Check{iam.ListCheck(c.Caller.Account(), "iam:ListServerCertificates", "server-certificate", in.PathPrefix)}, nil
}

// checkUpdateServer asks for the action on the certificate as it is and as it
// will be
// (https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateServerCertificate.html).
func checkUpdateServer(c *operation.Call, r state.Reader, in *iamapi.UpdateServerCertificateRequest) ([]operation.Check, error) {
	source := onServer(c, r, "iam:UpdateServerCertificate", *in.ServerCertificateName)
	checks := []operation.Check{source}
	if cert, err := findServer(r, *in.ServerCertificateName); err == nil {
		renamed := moved(cert, in)
		if target := iam.ServerCertificateARN(c.Caller.Account(), &renamed); target != source.Resource {
			checks = append(checks, operation.Check{Action: source.Action, Resource: target, ResourceTags: cert.Tags})
		}
	}
	return checks, nil
}

func checkDeleteServer(c *operation.Call, r state.Reader, in *iamapi.DeleteServerCertificateRequest) ([]operation.Check, error) {
	return []operation.Check{onServer(c, r, "iam:DeleteServerCertificate", *in.ServerCertificateName)}, nil
}

func checkTagServer(c *operation.Call, r state.Reader, in *iamapi.TagServerCertificateRequest) ([]operation.Check, error) {
	check := onServer(c, r, "iam:TagServerCertificate", *in.ServerCertificateName)
	check.RequestTags = iam.RequestTags(in.Tags)
	return []operation.Check{check}, nil
}

func checkUntagServer(c *operation.Call, r state.Reader, in *iamapi.UntagServerCertificateRequest) ([]operation.Check, error) {
	check := onServer(c, r, "iam:UntagServerCertificate", *in.ServerCertificateName)
	check.TagKeys = in.TagKeys
	return []operation.Check{check}, nil
}

func checkListServerTags(c *operation.Call, r state.Reader, in *iamapi.ListServerCertificateTagsRequest) ([]operation.Check, error) {
	return []operation.Check{onServer(c, r, "iam:ListServerCertificateTags", *in.ServerCertificateName)}, nil
}

func onUser(c *operation.Call, r state.Reader, action, name string) ([]operation.Check, error) {
	return []operation.Check{iam.UserCheck(r, c.Caller.Account(), action, name)}, nil
}

func onSubject(c *operation.Call, r state.Reader, action string, name *string) ([]operation.Check, error) {
	subject, err := iam.FindSubject(c, r, name)
	if err != nil {
		return nil, err
	}
	return []operation.Check{subject.Check(c.Caller.Account(), action)}, nil
}

// onServer asks for an action on the server certificate of that name.
func onServer(c *operation.Call, r state.Reader, action, name string) operation.Check {
	check := operation.Check{Action: action, Name: "server certificate " + name}
	if cert, err := findServer(r, name); err == nil {
		check.Resource, check.ResourceTags = iam.ServerCertificateARN(c.Caller.Account(), cert), cert.Tags
	} else {
		check.Resource = serverARN(c, "/", name)
	}
	return check
}

func serverARN(c *operation.Call, path, name string) string {
	return iam.EntityARN(c.Caller.Account(), "server-certificate", path, name)
}
