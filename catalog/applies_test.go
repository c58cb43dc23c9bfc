package catalog

import (
	"slices"
	"strings"
	"testing"
)

// TestApplies: the resource types are those of the Service Authorization
// Reference's page on each service.
func TestApplies(t *testing.T) {
	const (
		y = Applicable
		n = Inapplicable
		u = Unknown
	)
	tests := []struct {
		action, resource string
		want             Applicability
	}{
		// Amazon S3
		{"s3:ListBucket", "arn:aws:s3:::b", y},
		{"s3:ListBucket", "arn:aws:s3:::b/k", n},
		{"s3:ListBucket", "arn:aws:s3:us-east-1:123456789012:accesspoint/ap", y},
		{"s3:PutBucketWebsite", "arn:aws:s3:us-east-1:123456789012:accesspoint/ap", n},
		{"s3:GetAccessPointPolicy", "arn:aws:s3:us-east-1:123456789012:accesspoint/ap", y},
		{"s3:GetAccessPointPolicy", "arn:aws:s3:::b", n},
		{"s3:GetObject", "arn:aws:s3:::b", n},
		{"s3:GetObject", "arn:aws:s3:::b/k", y},
		{"s3:GetObject", "arn:aws:s3:::b/dir/k:with:colons", y},
		{"s3:GetObject", "arn:aws:s3:::b/*", y},
		{"s3:GetObject", "arn:aws:s3:us-east-1:123456789012:accesspoint/ap/object/k", y},
		{"s3:GetObject", "arn:aws:s3:us-east-1:123456789012:accesspoint/ap/object/a/object/b", y},
		{"s3:GetObject", "arn:aws:s3:us-east-1:123456789012:accesspoint/ap", n},
		{"s3:GetObject", "arn:aws:s3-object-lambda:us-east-1:123456789012:accesspoint/ap", n},
		{"s3:GetAccessPointForObjectLambda", "arn:aws:s3-object-lambda:us-east-1:123456789012:accesspoint/ap", y},
		// Buckets with the names of other types, whose ARNs have a region or
		// an account.
		{"s3:GetObject", "arn:aws:s3:::job/1", y},
		{"s3:GetObject", "arn:aws:s3:::accesspoint/x", y},
		{"s3:GetObject", "arn:aws:s3:::storage-lens/x/y", y},
		{"s3:GetObject", "arn:aws:s3:::access-grants/default", y},
		{"s3:ListBucket", "arn:aws:s3:::accesspoint", y},
		{"s3:GetObject", "arn:aws:s3:us-east-1:123456789012:job/1", n},
		{"s3:DescribeJob", "arn:aws:s3:us-east-1:123456789012:job/1", y},

		// IAM, with and without paths
		{"iam:GetUser", "arn:aws:iam::123456789012:user/a", y},
		{"iam:GetUser", "arn:aws:iam::123456789012:user/division/team/a", y},
		{"iam:GetUser", "arn:aws:iam::123456789012:role/a", n},
		{"iam:GetUser", "arn:aws:iam::123456789012:role/user/a", n},
		{"iam:GetRole", "arn:aws:iam::123456789012:role/a", y},
		{"iam:GetRole", "arn:aws:iam::123456789012:role/aws-service-role/es.amazonaws.com/x", y},
		{"iam:GetRole", "arn:aws:iam::123456789012:user/role/a", n},
		{"iam:PassRole", "arn:aws:iam::123456789012:role/service-role/a", y},
		{"iam:PassRole", "arn:aws:iam::123456789012:user/a", n},
		{"iam:GetPolicy", "arn:aws:iam::123456789012:policy/a", y},
		{"iam:GetPolicy", "arn:aws:iam::aws:policy/job-function/Billing", y},
		{"iam:GetPolicy", "arn:aws:iam::123456789012:instance-profile/a", n},
		{"iam:GetInstanceProfile", "arn:aws:iam::123456789012:instance-profile/x/y/a", y},
		{"iam:GetInstanceProfile", "arn:aws:iam::123456789012:role/a", n},
		{"iam:AttachUserPolicy", "arn:aws:iam::123456789012:user/a", y},
		{"iam:AttachUserPolicy", "arn:aws:iam::123456789012:policy/a", n},
		{"iam:DeleteAccessKey", "arn:aws:iam::123456789012:root", u}, // a type of STS's only, but root manages its own keys

		// AWS STS: its roles have ARNs of IAM
		{"sts:AssumeRole", "arn:aws:iam::123456789012:role/a", y},
		{"sts:AssumeRole", "arn:aws:iam::123456789012:role/x/y/a", y},
		{"sts:AssumeRole", "arn:aws:iam::123456789012:user/a", n},
		{"sts:AssumeRole", "arn:aws:s3:::b", n},
		{"sts:AssumeRoleWithSAML", "arn:aws:iam::123456789012:role/a", y},

		// AWS KMS
		{"kms:Decrypt", "arn:aws:kms:us-east-1:123456789012:key/k", y},
		{"kms:Decrypt", "arn:aws:kms:us-east-1:123456789012:alias/a", n},
		{"kms:CreateAlias", "arn:aws:kms:us-east-1:123456789012:alias/a/b", y},
		{"kms:CreateAlias", "arn:aws:kms:us-east-1:123456789012:key/k", y},

		// Amazon DynamoDB
		{"dynamodb:GetItem", "arn:aws:dynamodb:us-east-1:123456789012:table/t", y},
		{"dynamodb:GetItem", "arn:aws:dynamodb:us-east-1:123456789012:table/t/index/i", n},
		{"dynamodb:Query", "arn:aws:dynamodb:us-east-1:123456789012:table/t/index/i", y},
		{"dynamodb:Query", "arn:aws:dynamodb:us-east-1:123456789012:table/t/stream/2020-01-01T00:00:00.000", n},
		{"dynamodb:GetRecords", "arn:aws:dynamodb:us-east-1:123456789012:table/t/stream/2020-01-01T00:00:00.000", y},
		{"dynamodb:GetRecords", "arn:aws:dynamodb:us-east-1:123456789012:table/t", n},

		// AWS Lambda
		{"lambda:InvokeFunction", "arn:aws:lambda:us-east-1:123456789012:function:f", y},
		{"lambda:InvokeFunction", "arn:aws:lambda:us-east-1:123456789012:function:f:1", y},
		{"lambda:InvokeFunction", "arn:aws:lambda:us-east-1:123456789012:layer:l", n},
		{"lambda:GetLayerVersion", "arn:aws:lambda:us-east-1:123456789012:layer:l:1", y},
		{"lambda:GetLayerVersion", "arn:aws:lambda:us-east-1:123456789012:layer:l", n},
		{"lambda:InvokeFunction", "arn:aws:lambda:us-east-1:123456789012:function:f:$LATEST", y},
		{"lambda:InvokeFunction", "arn:aws:lambda:us-east-1:123456789012:function:f:1/durable-execution/e/1", n},
		{"lambda:GetDurableExecution", "arn:aws:lambda:us-east-1:123456789012:function:f:1/durable-execution/e/1", y},
		{"lambda:GetDurableExecution", "arn:aws:lambda:us-east-1:123456789012:function:f:1", n},
		{"states:StartExecution", "arn:aws:states:us-east-1:123456789012:stateMachine:m:live", y},
		{"states:StartExecution", "arn:aws:states:us-east-1:123456789012:execution:m:x", n},

		// Amazon EC2
		{"ec2:StartInstances", "arn:aws:ec2:us-east-1:123456789012:instance/i-1", y},
		{"ec2:StartInstances", "arn:aws:ec2:us-east-1:123456789012:volume/vol-1", n},
		{"ec2:AttachVolume", "arn:aws:ec2:us-east-1:123456789012:volume/vol-1", y},
		{"ec2:AttachVolume", "arn:aws:ec2:us-east-1:123456789012:instance/i-1", y},
		{"ec2:AttachVolume", "arn:aws:ec2:us-east-1:123456789012:subnet/s-1", n},
		{"ec2:RunInstances", "arn:aws:ec2:us-east-1::image/ami-1", y},
		{"ec2:StartInstances", "arn:aws:ec2:us-east-1::image/ami-1", n},

		// Amazon SQS and SNS: nothing precedes the name
		{"sqs:SendMessage", "arn:aws:sqs:us-east-1:123456789012:q", y},
		{"sqs:SendMessage", "arn:aws:sns:us-east-1:123456789012:q", n},
		{"sns:Publish", "arn:aws:sns:us-east-1:123456789012:t", y},
		{"sns:Publish", "arn:aws:sqs:us-east-1:123456789012:t", n},

		// Amazon CloudWatch Logs: group names have slashes
		{"logs:PutLogEvents", "arn:aws:logs:us-east-1:123456789012:log-group:g:log-stream:s", y},
		{"logs:PutLogEvents", "arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/f:log-stream:2020/01/01/[$LATEST]x", y},
		{"logs:PutLogEvents", "arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/f", n},
		{"logs:PutLogEvents", "arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/f:*", n},
		{"logs:DescribeLogStreams", "arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/f", y},
		{"logs:DescribeLogStreams", "arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/f:*", y},
		{"logs:DescribeLogStreams", "arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/f:log-stream:", y},
		{"logs:DescribeLogStreams", "arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/f:log-stream:s", n},

		// AWS Secrets Manager
		{"secretsmanager:GetSecretValue", "arn:aws:secretsmanager:us-east-1:123456789012:secret:dir/s-AbCdEf", y},
		{"secretsmanager:GetSecretValue", "arn:aws:kms:us-east-1:123456789012:key/k", n},

		// Names are in any case, ARNs in theirs.
		{"S3:getobject", "arn:aws:s3:::b/k", y},
		{"S3:GETOBJECT", "arn:aws:s3:::b", n},
		{"iam:getuser", "arn:aws:iam::123456789012:User/a", u},
		{"IAM:GetUser", "ARN:aws:iam::123456789012:user/a", u},

		// Partitions
		{"s3:GetObject", "arn:aws-cn:s3:::b/k", y},
		{"s3:GetObject", "arn:aws-us-gov:s3:::b", n},
		{"iam:GetRole", "arn:aws-cn:iam::123456789012:role/a", y},

		// What the catalogue does not know
		{"s3:ListAllMyBuckets", "arn:aws:s3:::b", u}, // no resource types
		{"ec2:DescribeInstances", "arn:aws:ec2:us-east-1:123456789012:instance/i-1", u},
		{"s3:GetObjekt", "arn:aws:s3:::b", u},
		{"s3:Get*", "arn:aws:s3:::b", u},
		{"s3", "arn:aws:s3:::b", u},
		{"", "", u},
		{"shop:GetOrder", "arn:aws:s3:::b", u},
		{"s3:GetObject", "*", u},
		{"s3:GetObject", "", u},
		{"s3:GetObject", "b/k", u},
		{"s3:GetObject", "arn:aws:s3:::", u},
		{"s3:GetObject", "arn:aws:shop:::b", u},
		{"kms:Decrypt", "arn:aws:kms:us-east-1:123456789012:vault/v", u},
		{"s3:GetObject", "arn:aws:s3:::" + strings.Repeat("k", 2048), u},
		{strings.Repeat("s", 1000) + ":GetObject", "arn:aws:s3:::b", u},
		{"s3:" + strings.Repeat("s", 1000), "arn:aws:s3:::b", u},
		{"\u017f3:GetObject", "arn:aws:s3:::b", u}, // a long s, which Unicode folds to s
	}
	for _, test := range tests {
		if got := AWS().Applies(test.action, test.resource); got != test.want {
			t.Errorf("Applies(%q, %q) = %s, want %s", test.action, test.resource, got, test.want)
		}
	}
}

// TestFindVersions compares with each template beside each other one.
func TestFindVersions(t *testing.T) {
	versionOf := func(p, base pattern) bool {
		own, others := p.resource.literals, base.resource.literals
		n := len(others)
		return len(own) == n+1 && n > 1 && others[n-1] == "" && own[n-1] == ":" && own[n] == "" &&
			slices.Equal(own[:n-1], others[:n-1]) &&
			p.partition == base.partition && p.service == base.service && p.region == base.region && p.account == base.account
	}
	versions := 0
	for _, prefix := range AWS().Prefixes() {
		s, _ := AWS().Service(prefix)
		var all []pattern
		for i, r := range s.Resources {
			for _, text := range r.ARN {
				p, err := compilePattern(text)
				if err != nil {
					t.Fatal(err)
				}
				p.kind = i
				all = append(all, p)
			}
		}
		findVersions(all)
		for _, p := range all {
			want := -1
			if base := slices.IndexFunc(all, func(base pattern) bool { return versionOf(p, base) }); base >= 0 {
				want = all[base].kind
				versions++
			}
			if p.unqualified != want {
				t.Errorf("%s: %s is a version of type %d, want %d", prefix, p.text(), p.unqualified, want)
			}
		}
	}
	if versions < 20 {
		t.Errorf("only %d versions", versions)
	}
}
