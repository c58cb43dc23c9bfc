package reference

import "strings"

// about are the types of resources that actions are about, as patterns, from the
// pages of AWS's Service Authorization Reference: for the actions that Generate
// and the corpus ask. "*" is an action without resources. Nothing is known of
// other actions.
//
// See https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html.
var about = map[string][]string{}

const (
	bucketARN   = "arn:*:s3:::BUCKET"
	objectARN   = "arn:*:s3:::BUCKET/*"
	queueARN    = "arn:*:sqs:?*:?*:?*"
	userARN     = "arn:*:iam::?*:user/*"
	roleARN     = "arn:*:iam::?*:role/*"
	keyARN      = "arn:*:kms:?*:?*:key/*"
	instanceARN = "arn:*:ec2:?*:?*:instance/*"
)

func init() {
	for _, row := range []struct{ resource, actions string }{
		{bucketARN, "s3:ListBucket s3:GetBucketAcl s3:PutBucketAcl s3:DeleteBucket s3:ListBucketVersions s3:ListBucketMultipartUploads s3:PutBucketPolicy s3:GetBucketLocation"},
		{objectARN, "s3:GetObject s3:PutObject s3:GetObjectAcl s3:PutObjectAcl s3:DeleteObject s3:GetObjectVersion s3:GetObjectVersionAcl s3:PutObjectVersionAcl s3:GetObjectTagging"},
		{queueARN, "sqs:SendMessage sqs:ReceiveMessage"},
		{userARN, "iam:GetUser iam:CreateUser"},
		{roleARN, "sts:AssumeRole sts:AssumeRoleWithSAML sts:AssumeRoleWithWebIdentity sts:TagSession sts:SetSourceIdentity"},
		{keyARN, "kms:Decrypt kms:RetireGrant"},
		{instanceARN, "ec2:StartInstances ec2:TerminateInstances"},
		{"*", "iam:ListUsers ec2:DescribeInstances s3:ListAllMyBuckets"},
	} {
		for _, action := range strings.Fields(row.actions) {
			action = strings.ToLower(action)
			about[action] = append(about[action], row.resource)
		}
	}
}

// limited are the services that resource control policies are for.
//
// See https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html#rcp-supported-services.
var limited = map[string]bool{"s3": true, "sts": true, "kms": true, "sqs": true, "secretsmanager": true}

// suits reports whether the action asked is about such resources.
func (r *run) suits() bool {
	patterns, known := about[strings.ToLower(r.q.action)]
	if !known {
		return true
	}
	for _, pattern := range patterns {
		if pattern == r.q.resource {
			return true
		}
		head, tail, hasBucket := strings.Cut(pattern, "BUCKET")
		if !hasBucket && matches(plainUnits(pattern, true), r.q.resource, sameChar) {
			return true
		}
		// The name of a bucket has no slash.
		if rest, isS3 := after(r.q.resource, head); hasBucket && isS3 {
			name, key, isObject := strings.Cut(rest, "/")
			if name != "" && isObject == (tail != "") && (!isObject || key != "") {
				return true
			}
		}
	}
	return false
}

// after is what follows "arn:", a partition, and the rest of head.
func after(resource, head string) (string, bool) {
	parts := strings.SplitN(resource, ":", 6)
	if len(parts) != 6 || strings.Join([]string{"arn", "*", parts[2], parts[3], parts[4], ""}, ":") != head {
		return "", false
	}
	return parts[5], true
}
