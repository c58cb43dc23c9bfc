package validate

import (
	"fmt"
	"slices"
	"strings"
)

// partitions are AWS's partitions; "*" stands for any.
var partitions = []string{
	"*", "aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc",
}

// iamPaths are what the resource field of an IAM ARN may begin with.
var iamPaths = []string{
	"user/", "federated-user/", "role/", "group/", "instance-profile/", "mfa/", "server-certificate/", "policy/",
	"sms-mfa/", "saml-provider/", "oidc-provider/", "report/", "access-report/",
}

// regionalS3 are the resources of Amazon S3 whose ARNs have a Region.
var regionalS3 = []string{"accesspoint/", "job/", "storage-lens/", "storage-lens-group/", "access-grants/", "async-request/"}

// resourceFault returns AWS's message about the format of a resource, or "".
// AWS reads the fields from the left, whatever the first one says, and fills
// missing ones with "*" in its message.
func resourceFault(text string) string {
	if text == "*" {
		return ""
	}
	_, rest, found := strings.Cut(text, ":")
	if !found {
		return fmt.Sprintf("Resource %s must be in ARN format or \"*\".", text)
	}
	partition, rest, found := strings.Cut(rest, ":")
	if !slices.Contains(partitions, partition) {
		return partitionFault(partition, rest)
	}
	if !found {
		return msgVendorRegexp
	}
	service, rest, _ := strings.Cut(rest, ":")
	region, rest, hasRegion := strings.Cut(rest, ":")
	_, resource, _ := strings.Cut(rest, ":")
	switch service {
	case "iam":
		if region != "" || !hasRegion {
			return fmt.Sprintf("IAM resource %s cannot contain region information.", text)
		}
		if resource != "*" && resource != "root" && !hasAnyPrefix(resource, iamPaths) {
			return "IAM resource path must either be \"*\" or start with " + strings.Join(iamPaths, ", ") + "."
		}
	case "s3":
		if (region != "" || !hasRegion) && !hasAnyPrefix(resource, regionalS3) {
			return fmt.Sprintf("Resource %s can not contain region information.", text)
		}
	}
	return ""
}

func hasAnyPrefix(s string, prefixes []string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(s, p) })
}

// partitionFault prints the ARN as AWS has understood it, with four fields after
// the partition.
func partitionFault(partition, rest string) string {
	fields := strings.SplitN(rest, ":", 4)
	if rest == "" {
		fields = []string{"*"}
	}
	for len(fields) < 4 {
		fields = append(fields, "*")
	}
	return fmt.Sprintf("Partition %q is not valid for resource \"arn:%s:%s\".", partition, partition, strings.Join(fields, ":"))
}
