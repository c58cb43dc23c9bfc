package validate_test

import (
	"strings"

	"sallyport/policy/validate"
)

// A ruleCase shows a rule with a policy that has the finding and one like it
// that has not. Text that begins with "{" is a whole document, other text the
// members of its one statement.
type ruleCase struct {
	code    string
	options validate.Options // Type is IdentityPolicy when empty
	yes, no string
}

var (
	asResource = validate.Options{Type: validate.ResourcePolicy}
	asBucket   = validate.Options{Type: validate.ResourcePolicy, ResourceType: "AWS::S3::Bucket"}
	asTrust    = validate.Options{Type: validate.ResourcePolicy, ResourceType: validate.TrustPolicyType}
	asSCP      = validate.Options{Type: validate.ServiceControlPolicy}
	asRCP      = validate.Options{Type: validate.ResourceControlPolicy}
)

// Beginnings of statements.
const (
	get     = `"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/k"`
	deny    = `"Effect":"Deny","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/k"`
	on      = `"Effect":"Allow","Action":"s3:GetObject","Resource":`
	do      = `"Effect":"Allow","Resource":"*","Action":`
	grant   = get + `,"Principal":`
	assume  = `"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"111122223333"}`
	web     = `"Effect":"Allow","Action":"sts:AssumeRoleWithWebIdentity","Principal":{"Federated":"arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}`
	rcp     = `"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"*"`
	service = grant + `{"Service":"sns.amazonaws.com"}`
	pass    = `"Effect":"Allow","Action":"iam:PassRole",`
	slr     = `"Effect":"Allow","Action":"iam:CreateServiceLinkedRole",`
	one     = `"arn:aws:iam::111122223333:role/one"`
)

func when(condition string) string { return get + `,"Condition":{` + condition + `}` }

func statements(bodies ...string) string {
	return `{"Version":"2012-10-17","Statement":[{` + strings.Join(bodies, "},{") + `}]}`
}

var ruleCases = []ruleCase{
	// The grammar.
	{"JSON_SYNTAX_ERROR", validate.Options{}, `{"Version":"2012-10-17",}`, get},
	{"SALLYPORT_NOT_IN_FORCE", validate.Options{}, `"Effect":"Allow","Action":[],"Resource":"*"`, get},
	{"DATA_TYPE_MISMATCH", validate.Options{}, `"Effect":"Allow","Action":{},"Resource":"*"`, get},
	{"INVALID_POLICY_ELEMENT", validate.Options{}, get + `,"action":"s3:PutObject"`, get},
	{"INVALID_VERSION", validate.Options{}, `{"Version":"2012-10-18","Statement":{` + get + `}}`, get},
	{"MISSING_VERSION", validate.Options{}, `{"Statement":{` + get + `}}`, get},
	{"MISSING_STATEMENT", validate.Options{}, `{"Version":"2012-10-17","Statement":[]}`, get},
	{"UNSUPPORTED_ELEMENT_COMBINATION", validate.Options{}, get + `,"NotAction":"s3:PutObject"`, get},
	{"MISSING_EFFECT", validate.Options{}, `"Action":"s3:GetObject","Resource":"*"`, get},
	{"INVALID_EFFECT", validate.Options{}, `"Effect":"allow","Action":"s3:GetObject","Resource":"*"`, get},
	{"MISSING_ACTION", validate.Options{}, `"Effect":"Allow","Resource":"*"`, get},
	{"MISSING_PRINCIPAL", asResource, get, grant + `"*"`},
	{"MISSING_RESOURCE", validate.Options{}, `"Effect":"Allow","Action":"s3:GetObject"`, get},

	// Statement ids and sizes.
	{"UNSUPPORTED_SID", validate.Options{}, get + `,"Sid":"a b"`, get + `,"Sid":"ab"`},
	{"UNIQUE_SIDS_REQUIRED", validate.Options{}, statements(`"Sid":"a",`+get, `"Sid":"a",`+deny), statements(`"Sid":"a",`+get, `"Sid":"b",`+deny)},
	{"UNIQUE_SIDS_RECOMMENDED", asResource, statements(`"Sid":"a",`+get, `"Sid":"a",`+deny), statements(`"Sid":"a",`+get, `"Sid":"b",`+deny)},
	{"EMPTY_SID_VALUE", validate.Options{}, get + `,"Sid":""`, get + `,"Sid":"a"`},
	{"POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA", validate.Options{}, on + `"arn:aws:s3:::` + strings.Repeat("x", 6200) + `"`, on + strings.Repeat(" ", 6200) + `"arn:aws:s3:::b"`},
	{"POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA", asResource, strings.Repeat(" ", 20480) + get, strings.Repeat(" ", 20000) + get},
	{"POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA", asTrust, assume + `,"Sid":"` + strings.Repeat("x", 2048) + `"`, assume},
	{"POLICY_SIZE_EXCEEDS_SCP_QUOTA", asSCP, strings.Repeat(" ", 5120) + get, strings.Repeat(" ", 4900) + get},
	{"POLICY_SIZE_EXCEEDS_RCP_QUOTA", asRCP, strings.Repeat(" ", 5120) + rcp, strings.Repeat(" ", 4900) + rcp},

	// Principals.
	{"UNSUPPORTED_PRINCIPAL", validate.Options{}, grant + `"*"`, get},
	{"INVALID_PRINCIPAL_FORMAT", asResource, grant + `"111122223333"`, grant + `{"AWS":"111122223333"}`},
	{"INVALID_PRINCIPAL_KEY", asResource, grant + `{"Aws":"111122223333"}`, grant + `{"AWS":"111122223333"}`},
	{"UNSUPPORTED_WILDCARD_IN_PRINCIPAL", asResource, grant + `{"AWS":"arn:aws:iam::111122223333:user/*"}`, grant + `{"AWS":"*"}`},
	{"INVALID_ROLE_REFERENCE", asResource, grant + `{"AWS":"AROAIOSFODNN7EXAMPLE1"}`, grant + `{"AWS":"111122223333"}`},
	{"INVALID_USER_REFERENCE", asResource, grant + `{"AWS":"AIDAIOSFODNN7EXAMPLE1"}`, grant + `{"AWS":"111122223333"}`},
	{"ALLOW_WITH_NOT_PRINCIPAL", asResource, get + `,"NotPrincipal":{"AWS":"111122223333"}`, deny + `,"NotPrincipal":{"AWS":"111122223333"}`},
	{"FEDERATED_PRINCIPAL_NOT_SUPPORTED", asBucket, grant + `{"Federated":"accounts.google.com"}`, grant + `{"AWS":"111122223333"}`},

	// Trust policies.
	{"ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL", asTrust, `"Effect":"Deny","Action":"sts:AssumeRole","NotPrincipal":{"AWS":"111122223333"}`, assume},
	{"ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL", asTrust, `"Effect":"Allow","Action":"sts:AssumeRole","Principal":"*"`, assume},
	{"ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE", asTrust, assume + `,"Resource":"*"`, assume},
	{"INVALID_FEDERATED_PRINCIPAL_SYNTAX_IN_ROLE_TRUST_POLICY", asTrust, `"Effect":"Allow","Action":"sts:AssumeRoleWithSAML","Principal":{"Federated":"idp"}`, `"Effect":"Allow","Action":"sts:AssumeRoleWithSAML","Principal":{"Federated":"arn:aws:iam::111122223333:saml-provider/idp"}`},
	{"MISMATCHED_ACTION_FOR_PRINCIPAL", asTrust, `"Effect":"Allow","Action":"sts:AssumeRoleWithSAML","Principal":{"AWS":"111122223333"}`, assume},
	{"MISSING_ACTION_FOR_ROLES_ANYWHERE_TRUST_POLICY", asTrust, `"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"rolesanywhere.amazonaws.com"}`, `"Effect":"Allow","Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"],"Principal":{"Service":"rolesanywhere.amazonaws.com"}`},
	{"MISSING_ACTION_FOR_CONDITION_KEY", asTrust, assume + `,"Condition":{"StringEquals":{"aws:RequestTag/team":"a"}}`, `"Effect":"Allow","Action":["sts:AssumeRole","sts:TagSession"],"Principal":{"AWS":"111122223333"},"Condition":{"StringEquals":{"aws:RequestTag/team":"a"}}`},
	{"REDUNDANT_PRINCIPAL_IN_ROLE_TRUST_POLICY", asTrust, `"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":["arn:aws:iam::111122223333:role/p/r","arn:aws:sts::111122223333:assumed-role/r/s"]}`, `"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":["arn:aws:iam::111122223333:role/q","arn:aws:sts::111122223333:assumed-role/r/s"]}`},

	// Policies of organizations.
	{"SCP_SYNTAX_ERROR_PRINCIPAL", asSCP, grant + `"*"`, get},
	{"SCP_SYNTAX_ERROR_ACTION_WILDCARD", asSCP, do + `"s*:Get"`, do + `"s3:*Object"`},
	{"RCP_SYNTAX_ERROR_PRINCIPAL", asRCP, `"Effect":"Deny","Principal":{"AWS":"111122223333"},"Action":"s3:GetObject","Resource":"*"`, rcp},
	{"RCP_SYNTAX_ERROR_ALLOW", asRCP, `"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*"`, rcp},
	{"RCP_SYNTAX_ERROR_NOTACTION", asRCP, `"Effect":"Deny","Principal":"*","NotAction":"s3:GetObject","Resource":"*"`, rcp},
	{"RCP_SYNTAX_ERROR_ACTION", asRCP, `"Effect":"Deny","Principal":"*","Action":"ec2:RunInstances","Resource":"*"`, rcp},
	{"RCP_MISSING_RELATED_PRINCIPAL_CONDITION_KEYS", asRCP, rcp + `,"Condition":{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-a"}}`, rcp + `,"Condition":{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-a"},"BoolIfExists":{"aws:PrincipalIsAWSService":"false"}}`},
	{"RCP_MISSING_RELATED_SERVICE_PRINCIPAL_CONDITION_KEYS", asRCP, rcp + `,"Condition":{"StringNotEqualsIfExists":{"aws:SourceOrgID":"o-a"}}`, rcp + `,"Condition":{"StringNotEqualsIfExists":{"aws:SourceOrgID":"o-a"},"Bool":{"aws:PrincipalIsAWSService":"true"}}`},

	// Actions.
	{"INVALID_SERVICE_IN_ACTION", validate.Options{}, do + `"s33:GetObject"`, do + `"s3:GetObject"`},
	{"INVALID_ACTION", validate.Options{}, do + `"s3:GetObjects"`, do + `"s3:getobject"`},
	{"INVALID_ACTION", validate.Options{}, do + `"s3:Gat*"`, do + `"s3:G?t*"`},
	{"WILDCARD_IN_SERVICE_NAME", validate.Options{}, do + `"s*:GetObject"`, do + `"s3:*"`},
	{"UNSUPPORTED_ACTION_IN_POLICY", asBucket, `"Principal":"*","Effect":"Allow","Action":"iam:PassRole","Resource":"arn:aws:s3:::b"`, grant + `"*"`},
	{"UNSUPPORTED_RESOURCE_ARN_IN_POLICY", asBucket, `"Principal":"*",` + on + one, grant + `"*"`},
	{"IRRELEVANT_CONDITION_KEY_IN_POLICY", asBucket, grant + `"*","Condition":{"StringEquals":{"aws:ResourceAccount":"111122223333"}}`, grant + `"*","Condition":{"StringEquals":{"aws:PrincipalAccount":"111122223333"}}`},
	{"UNSUPPORTED_ACTION_FOR_CONDITION_KEY", validate.Options{}, `"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{"StringEquals":{"s3:prefix":"a"}}`, `"Effect":"Allow","Action":"s3:ListBucket","Resource":"*","Condition":{"StringEquals":{"s3:prefix":"a"}}`},

	// ARNs.
	{"INVALID_ARN_PREFIX", validate.Options{}, on + `"arm:aws:s3:::b"`, on + `"*"`},
	{"MISSING_ARN_FIELD", validate.Options{}, on + `"arn:aws:s3:b"`, on + `"arn:aws:s3:*"`},
	{"INVALID_PARTITION", validate.Options{}, on + `"arn:asw:s3:::b"`, on + `"arn:aws-cn:s3:::b"`},
	{"INVALID_ARN_SERVICE_CASE", validate.Options{}, on + `"arn:aws:S3:::b"`, on + `"arn:aws:s3:::B"`},
	{"INVALID_SERVICE", validate.Options{}, on + `"arn:aws:nosuch:::b"`, on + `"arn:aws:s3:::b"`},
	{"INVALID_SERVICE", validate.Options{}, when(`"StringEquals":{"nosuch:key":"a"}`), when(`"StringEquals":{"idp.example.com:sub":"a"}`)},
	{"INVALID_ARN_REGION", validate.Options{}, do + `"ec2:RunInstances"},{` + on + `"arn:aws:ec2:useast1:111122223333:instance/i-1"`, on + `"arn:aws:ec2:us-east-1:111122223333:instance/i-1"`},
	{"INVALID_ARN_ACCOUNT", validate.Options{}, on + `"arn:aws:iam::11112222333:role/r"`, on + one},
	{"INVALID_ARN_RESOURCE", validate.Options{}, on + `"arn:aws:iam::111122223333:rolle/r"`, on + `"arn:aws:iam::111122223333:role*"`},
	{"MISSING_ARN_REGION", validate.Options{}, on + `"arn:aws:ec2::111122223333:instance/i-1"`, on + `"arn:aws:ec2:*:111122223333:instance/i-1"`},
	{"MISSING_ARN_ACCOUNT", validate.Options{}, on + `"arn:aws:iam:::role/r"`, on + one},
	{"ARN_REGION_NOT_ALLOWED", validate.Options{}, on + `"arn:aws:iam:us-east-1:111122223333:role/r"`, on + one},
	{"ARN_REGION_NOT_ALLOWED", validate.Options{}, on + `"arn:aws:s3:us-east-1::b/k"`, on + `"arn:aws:s3:us-east-1:111122223333:accesspoint/a"`},
	{"ARN_ACCOUNT_NOT_ALLOWED", validate.Options{}, on + `"arn:aws:s3::111122223333:b/k"`, on + `"arn:aws:s3:us-east-1:111122223333:accesspoint/a"`},

	// Variables.
	{"MISSING_BRACE_IN_VARIABLE", validate.Options{}, on + `"arn:aws:s3:::b/${aws:username"`, on + `"arn:aws:s3:::b/${aws:username}"`},
	{"MISSING_QUOTE_IN_VARIABLE", validate.Options{}, on + `"arn:aws:s3:::b/${aws:username, 'a}"`, on + `"arn:aws:s3:::b/${aws:username, 'a}b'}"`},
	{"UNSUPPORTED_SPACE_IN_VARIABLE", validate.Options{}, on + `"arn:aws:s3:::b/${aws: username}"`, on + `"arn:aws:s3:::b/${aws:username, 'a b'}"`},
	{"EMPTY_VARIABLE", validate.Options{}, on + `"arn:aws:s3:::b/${}"`, on + `"arn:aws:s3:::b/${*}"`},
	{"VARIABLE_UNSUPPORTED_IN_ELEMENT", validate.Options{}, do + `"s3:${aws:username}"`, on + `"arn:aws:s3:::b/${aws:username}"`},
	{"VARIABLE_UNSUPPORTED_IN_VERSION", validate.Options{}, `{"Version":"2008-10-17","Statement":{` + on + `"arn:aws:s3:::b/${aws:username}"}}`, on + `"arn:aws:s3:::b/${aws:username}"`},
	{"INVALID_VARIABLE_FOR_OPERATOR", validate.Options{}, when(`"IpAddress":{"aws:SourceIp":"${aws:username}"}`), when(`"StringEquals":{"aws:username":"${aws:username}"}`)},

	// Operators and keys.
	{"INVALID_CONDITION_OPERATOR", validate.Options{}, when(`"stringEquals":{"aws:username":"a"}`), when(`"ForAnyValue:StringEqualsIfExists":{"aws:TagKeys":"a"}`)},
	{"NULL_WITH_IF_EXISTS", validate.Options{}, when(`"NullIfExists":{"aws:username":"true"}`), when(`"Null":{"aws:username":"true"}`)},
	{"NULL_WITH_QUALIFIER", validate.Options{}, when(`"ForAllValues:Null":{"aws:TagKeys":"true"}`), when(`"Null":{"aws:TagKeys":"true"}`)},
	{"INVALID_CONDITION_KEY_FORMAT", validate.Options{}, when(`"StringEquals":{"username":"a"}`), when(`"StringEquals":{"aws:username":"a"}`)},
	{"UNSUPPORTED_GLOBAL_CONDITION_KEY", validate.Options{}, when(`"ArnEquals":{"aws:ARN":"a"}`), when(`"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/r"}`)},
	{"DEPRECATED_GLOBAL_CONDITION_KEY", asResource, grant + `"*","Condition":{"StringEquals":{"aws:SourceOwner":"111122223333"}}`, grant + `"*","Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"}}`},
	{"MISSING_TAG_KEY_IN_CONDITION", validate.Options{}, when(`"StringEquals":{"aws:PrincipalTag":"a"}`), when(`"StringEquals":{"aws:PrincipalTag/team":"a"}`)},
	{"INVALID_GLOBAL_CONDITION_KEY", validate.Options{}, when(`"StringEquals":{"aws:nosuch":"a"}`), when(`"StringEquals":{"aws:username":"a"}`)},
	{"INVALID_SERVICE_CONDITION_KEY", validate.Options{}, when(`"StringEquals":{"s3:nosuch":"a"}`), when(`"StringEquals":{"s3:prefix":"a"}`)},
	{"DUPLICATE_KEYS_WITH_DIFFERENT_CASE", validate.Options{}, when(`"StringEquals":{"aws:username":"a","aws:UserName":"b"}`), when(`"StringEquals":{"aws:username":["a","b"]}`)},
	{"MISSING_QUALIFIER", validate.Options{}, when(`"StringEquals":{"aws:TagKeys":"a"}`), when(`"ForAnyValue:StringEquals":{"aws:TagKeys":"a"}`)},
	{"FORALLVALUES_WITH_SINGLE_VALUED_KEY", validate.Options{}, when(`"ForAllValues:StringEquals":{"aws:username":"a"}`), when(`"ForAllValues:StringEquals":{"aws:TagKeys":"a"}`)},
	{"MISSING_PAIRED_CONDITION_KEYS", validate.Options{}, when(`"IpAddress":{"aws:VpcSourceIp":"10.0.0.0/8"}`), when(`"IpAddress":{"aws:VpcSourceIp":"10.0.0.0/8"},"StringEquals":{"aws:SourceVpc":"vpc-0123abcd"}`)},
	{"TYPE_MISMATCH", validate.Options{}, when(`"StringEquals":{"aws:CurrentTime":"2026-01-01"}`), when(`"DateLessThan":{"aws:CurrentTime":"2026-01-01"}`)},
	{"STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS", validate.Options{}, when(`"StringLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/*"}`), when(`"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/*"}`)},

	// Values.
	{"INVALID_CONDITION_DATA_TYPE", validate.Options{}, when(`"StringEquals":{"aws:username":["1",2]}`), when(`"StringEquals":{"aws:username":["1","2"]}`)},
	{"INVALID_CONDITION_MULTIPLE_BOOLEAN", validate.Options{}, when(`"Bool":{"aws:MultiFactorAuthPresent":["true","false"]}`), when(`"Bool":{"aws:MultiFactorAuthPresent":"true"}`)},
	{"TYPE_MISMATCH_BOOLEAN", validate.Options{}, when(`"Bool":{"aws:MultiFactorAuthPresent":"yes"}`), when(`"Bool":{"aws:MultiFactorAuthPresent":true}`)},
	{"TYPE_MISMATCH_DATE", validate.Options{}, when(`"DateLessThan":{"aws:CurrentTime":"soon"}`), when(`"DateLessThan":{"aws:CurrentTime":"2026-01-01T00:00:00Z"}`)},
	{"TYPE_MISMATCH_NUMBER", validate.Options{}, when(`"NumericLessThan":{"aws:MultiFactorAuthAge":"1h"}`), when(`"NumericLessThan":{"aws:MultiFactorAuthAge":3600}`)},
	{"TYPE_MISMATCH_STRING", validate.Options{}, when(`"BinaryEquals":{"aws:username":"%"}`), when(`"BinaryEquals":{"aws:username":"QmluYXJ5"}`)},
	{"TYPE_MISMATCH_IP_RANGE", validate.Options{}, when(`"IpAddress":{"aws:SourceIp":"203.0.113.0/33"}`), when(`"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}`)},
	{"INVALID_DATE_VALUE", validate.Options{}, when(`"DateLessThan":{"aws:CurrentTime":"1767225600"}`), when(`"DateLessThan":{"aws:CurrentTime":"2026-01-01"}`)},
	{"WILDCARD_WITHOUT_LIKE_OPERATOR", validate.Options{}, when(`"StringEquals":{"aws:username":"a*"}`), when(`"StringEquals":{"aws:username":"a${*}"}`)},
	{"INVALID_REGION", validate.Options{}, when(`"StringEquals":{"aws:RequestedRegion":"useast1"}`), when(`"StringEquals":{"aws:RequestedRegion":["us-east-1","us-gov-west-1"]}`)},
	{"INVALID_VPC_FORMAT", validate.Options{}, when(`"StringEquals":{"aws:SourceVpc":"vpc-1"}`), when(`"StringEquals":{"aws:SourceVpc":"vpc-0123456789abcdef0"}`)},
	{"INVALID_VPCE_FORMAT", validate.Options{}, when(`"StringEquals":{"aws:SourceVpce":"vpc-0123abcd"}`), when(`"StringEquals":{"aws:SourceVpce":"vpce-0123abcd"}`)},
	{"INVALID_SERVICE_PRINCIPAL_FORMAT", validate.Options{}, pass + `"Resource":"*","Condition":{"StringEquals":{"iam:PassedToService":"ec2"}}`, pass + `"Resource":"*","Condition":{"StringEquals":{"iam:PassedToService":"ec2.amazonaws.com"}}`},
	{"REDUNDANT_CONDITION_VALUE_NUM", validate.Options{}, when(`"NumericLessThan":{"aws:MultiFactorAuthAge":["2700","3600"]}`), when(`"NumericEquals":{"aws:MultiFactorAuthAge":["2700","3600"]}`)},
	{"PRIVATE_IP_ADDRESS", validate.Options{}, when(`"IpAddress":{"aws:SourceIp":["10.1.0.0/16","fd00::/8"]}`), when(`"IpAddress":{"aws:SourceIp":["10.1.0.0/16","203.0.113.0/24"]}`)},
	{"PRIVATE_IP_ADDRESS", validate.Options{}, when(`"IpAddress":{"aws:SourceIp":["10.0.0.0/8","100.64.0.0/10","169.254.0.1","127.0.0.1","::1"]}`), when(`"IpAddress":{"aws:SourceIp":["10.0.0.0/7"]}`)},
	{"PRIVATE_NOT_IP_ADDRESS", validate.Options{}, when(`"NotIpAddress":{"aws:SourceIp":"192.168.1.1"}`), when(`"NotIpAddress":{"aws:SourceIp":"203.0.113.1"}`)},
	{"PRIVATE_IP_ADDRESS_SUBSET", validate.Options{}, when(`"IpAddress":{"aws:SourceIp":["10.1.0.0/16","203.0.113.0/24"]}`), when(`"IpAddress":{"aws:SourceIp":["10.1.0.0/16"]}`)},
	{"PRIVATE_NOT_IP_ADDRESS_SUBSET", validate.Options{}, when(`"NotIpAddress":{"aws:SourceIp":["10.1.0.0/16","203.0.113.0/24"]}`), when(`"NotIpAddress":{"aws:SourceIp":["203.0.113.0/24"]}`)},
	{"IMPROVE_IP_RANGE", validate.Options{}, when(`"IpAddress":{"aws:SourceIp":"203.0.113.1/24"}`), when(`"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}`)},

	// Tags.
	{"DENY_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE", validate.Options{}, `"Effect":"Deny","Action":["ec2:RunInstances","sts:AssumeRoleWithWebIdentity","iam:ListUsers"],"Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/a":"b"}}`, `"Effect":"Deny","Action":"ec2:RunInstances","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/a":"b"}}`},
	{"ALLOW_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE", validate.Options{}, do + `"iam:ListUsers","Condition":{"StringEquals":{"aws:ResourceTag/a":"b"}}`, do + `"ec2:RunInstances","Condition":{"StringEquals":{"aws:ResourceTag/a":"b"}}`},
	{"DENY_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE", validate.Options{}, `"Effect":"Deny","NotAction":"s3:GetObject","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/a":"b"}}`, `"Effect":"Deny","NotAction":"s3:GetObject","Resource":"*","Condition":{"StringNotEquals":{"aws:ResourceTag/a":"b"}}`},
	{"ALLOW_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE", validate.Options{}, `"Effect":"Allow","NotAction":"s3:GetObject","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/a":"b"}}`, `"Effect":"Allow","NotAction":"s3:GetObject","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/a":"b"}}`},

	// Roles passed and made.
	{"PASS_ROLE_WITH_NOT_RESOURCE", validate.Options{}, pass + `"NotResource":` + one, pass + `"Resource":` + one},
	{"PASS_ROLE_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE", validate.Options{}, `"Effect":"Allow","Action":"iam:Pass*","NotResource":` + one, `"Effect":"Allow","Action":"iam:Get*","NotResource":` + one},
	{"PASS_ROLE_WITH_NOT_ACTION_AND_NOT_RESOURCE", validate.Options{}, `"Effect":"Allow","NotAction":"s3:*","NotResource":` + one, `"Effect":"Allow","NotAction":"iam:*","NotResource":` + one},
	{"PASS_ROLE_WITH_STAR_IN_RESOURCE", validate.Options{}, pass + `"Resource":"arn:aws:iam::*:role/*"`, pass + `"Resource":"*","Condition":{"StringEquals":{"iam:PassedToService":"ec2.amazonaws.com"}}`},
	{"PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE", validate.Options{}, do + `"*"`, do + `"s3:*"`},
	{"PASS_ROLE_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION", validate.Options{}, `"Effect":"Allow","NotAction":"s3:*","Resource":"*"`, `"Effect":"Deny","NotAction":"s3:*","Resource":"*"`},
	{"CREATE_SLR_WITH_NOT_RESOURCE", validate.Options{}, slr + `"NotResource":` + one, slr + `"Resource":` + one},
	{"CREATE_SLR_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE", validate.Options{}, `"Effect":"Allow","Action":"iam:Create*","NotResource":` + one, `"Effect":"Allow","Action":"iam:Get*","NotResource":` + one},
	{"CREATE_SLR_WITH_NOT_ACTION_AND_NOT_RESOURCE", validate.Options{}, `"Effect":"Allow","NotAction":"s3:*","NotResource":` + one, `"Effect":"Allow","NotAction":"iam:Create*","NotResource":` + one},
	{"CREATE_SLR_WITH_STAR_IN_RESOURCE", validate.Options{}, slr + `"Resource":"*"`, slr + `"Resource":"*","Condition":{"StringEquals":{"iam:AWSServiceName":"sso.amazonaws.com"}}`},
	{"CREATE_SLR_WITH_STAR_IN_ACTION_AND_RESOURCE", validate.Options{}, do + `"iam:*"`, do + `"iam:Get*"`},
	{"CREATE_SLR_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION", validate.Options{}, `"Effect":"Allow","NotAction":"s3:*","Resource":"*"`, `"Effect":"Allow","NotAction":"*","Resource":"*"`},

	// Services and identity providers as principals.
	{"RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL", asResource, service, service + `,"Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:sns:*:111122223333:*"}}`},
	{"UNSUPPORTED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL", asResource, service + `,"Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-a"}}`, service + `,"Condition":{"StringEquals":{"aws:SourceOrgID":"o-a"}}`},
	{"RECOMMENDED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL", asResource, service + `,"Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}`, service + `,"Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"}}`},
	{"MISSING_CONDITION_KEY_FOR_OIDC_PRINCIPAL", asTrust, web, web + `,"Condition":{"StringEquals":{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com"}}`},
	{"MISSING_GITHUB_REPO_CONDITION_KEY", asTrust, web, web + `,"Condition":{"StringEquals":{"token.actions.githubusercontent.com:sub":"repo:o/r:ref:refs/heads/main"}}`},
	{"SPECIFIC_GITHUB_REPO_AND_BRANCH_RECOMMENDED", asTrust, web + `,"Condition":{"StringLike":{"token.actions.githubusercontent.com:sub":"repo:o/r:*"}}`, web + `,"Condition":{"StringEquals":{"token.actions.githubusercontent.com:sub":"repo:o/r:ref:refs/heads/main"}}`},
	{"CONFIRM_AUDIENCE_CLAIM_TYPE", asTrust, web + `,"Condition":{"StringEquals":{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com"}}`, web},

	// What is empty or could be left out.
	{"EMPTY_ARRAY_ACTION", validate.Options{}, do + `[]`, do + `["s3:GetObject"]`},
	{"EMPTY_ARRAY_RESOURCE", validate.Options{}, on + `[]`, on + `["*"]`},
	{"EMPTY_ARRAY_PRINCIPAL", asResource, grant + `{"AWS":[]}`, grant + `{"AWS":["*"]}`},
	{"EMPTY_OBJECT_PRINCIPAL", asResource, grant + `{}`, grant + `{"AWS":["*"]}`},
	{"EMPTY_OBJECT_CONDITION", validate.Options{}, when(``), when(`"StringEquals":{"aws:username":"a"}`)},
	{"EMPTY_ARRAY_CONDITION", validate.Options{}, when(`"StringEquals":{"aws:username":[]}`), when(`"StringEqualsIfExists":{"aws:username":[]}`)},
	{"EMPTY_ARRAY_CONDITION_FORALLVALUES", validate.Options{}, when(`"ForAllValues:StringEquals":{"aws:TagKeys":[]}`), when(`"ForAnyValue:StringEquals":{"aws:TagKeys":[]}`)},
	{"EMPTY_ARRAY_CONDITION_FORANYVALUE", validate.Options{}, when(`"ForAnyValue:StringEquals":{"aws:TagKeys":[]}`), when(`"ForAllValues:StringEquals":{"aws:TagKeys":[]}`)},
	{"EMPTY_ARRAY_CONDITION_IFEXISTS", validate.Options{}, when(`"StringEqualsIfExists":{"aws:username":[]}`), when(`"StringEquals":{"aws:username":[]}`)},
	{"REDUNDANT_ACTION", validate.Options{}, do + `["s3:Get*","s3:getobject"]`, do + `["s3:Get*","s3:*Object"]`},
	{"REDUNDANT_ACTION", validate.Options{}, do + `["s3:Get*","s3:G*"]`, do + `["s3:Get?","s3:Get*t"]`},
	{"REDUNDANT_RESOURCE", validate.Options{}, on + `["arn:aws:s3:::b*","arn:aws:s3:::bc"]`, on + `["arn:aws:s3:::b*","arn:aws:s3:::Bc"]`},
	{"REDUNDANT_STATEMENT", validate.Options{}, statements(`"Sid":"a",`+get, `"Action":["s3:GetObject"],"Effect":"Allow","Resource":"arn:aws:s3:::b/k"`), statements(get, deny)},

	// Sallyport's own.
	{"SALLYPORT_ALLOW_WITH_NOT_ACTION", validate.Options{}, `"Effect":"Allow","NotAction":"iam:*","Resource":"*"`, `"Effect":"Deny","NotAction":"iam:*","Resource":"*"`},
	{"SALLYPORT_ALLOW_WITH_NOT_RESOURCE", validate.Options{}, `"Effect":"Allow","Action":"s3:*","NotResource":"arn:aws:s3:::b"`, `"Effect":"Deny","Action":"s3:*","NotResource":"arn:aws:s3:::b"`},
	{"SALLYPORT_FORALLVALUES_WITHOUT_NULL_CHECK", validate.Options{}, when(`"ForAllValues:StringEquals":{"aws:TagKeys":"a"}`), when(`"ForAllValues:StringEquals":{"aws:TagKeys":"a"},"Null":{"AWS:tagkeys":"false"}`)},
	{"SALLYPORT_NO_RESOURCE_FOR_ACTION", validate.Options{}, `"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::b/*"`, `"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"`},
	{"SALLYPORT_NO_RESOURCE_FOR_ACTION", validate.Options{}, `"Effect":"Allow","Action":"ec2:DescribeInstances","Resource":"arn:aws:ec2:*:111122223333:instance/*"`, do + `"ec2:DescribeInstances"`},
}
