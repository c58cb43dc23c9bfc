package clients

import "sallyport/test/clients/harness"

const serviceRole = "arn:aws:iam::{{account}}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling_web"

// Before a first group of Spot Instances, and after the last
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html).
var linkedRoleCases = []harness.Case{
	{Name: "a service-linked role", Steps: []harness.Step{
		admin("CreateServiceLinkedRole", P{"AWSServiceName": "spot.amazonaws.com"},
			harness.Want{Fields: P{"Role.RoleName": "AWSServiceRoleForEC2Spot"}, Absent: []string{"Role.Description", "Role.MaxSessionDuration"}}),
		noted("scripts rely on this text", admin("CreateServiceLinkedRole", P{"AWSServiceName": "spot.amazonaws.com"}, harness.Want{
			Code: "InvalidInput", Status: 400, Message: "Service role name AWSServiceRoleForEC2Spot has been taken in this account, please try a different suffix.",
		})),
		admin("CreateServiceLinkedRole", P{"AWSServiceName": "spot.amazonaws.com", "CustomSuffix": "web"},
			harness.Want{Code: "InvalidInput", Status: 400, Message: "Custom suffix is not allowed for spot.amazonaws.com"}),
		admin("CreateServiceLinkedRole", P{"AWSServiceName": "account.amazonaws.com"},
			harness.Want{Code: "AccessDenied", Status: 403, Message: "Cannot find Service Linked Role template for account.amazonaws.com"}),

		admin("CreateServiceLinkedRole", P{"AWSServiceName": "autoscaling.amazonaws.com", "CustomSuffix": "web", "Description": "first"}, harness.Want{Fields: P{"Role.Arn": serviceRole}}),
		admin("UpdateRole", P{"RoleName": "AWSServiceRoleForAutoScaling_web", "Description": "second"}, harness.Want{}),
		admin("TagRole", P{"RoleName": "AWSServiceRoleForAutoScaling_web", "Tags": List{P{"Key": "team", "Value": "blue"}}}, harness.Want{}),
		admin("GetRole", P{"RoleName": "AWSServiceRoleForAutoScaling_web"}, harness.Want{Fields: P{
			"Role.Description": "second", "Role.MaxSessionDuration": 3600, "Role.Tags": List{P{"Key": "team", "Value": "blue"}},
		}}),
		admin("ListAttachedRolePolicies", P{"RoleName": "AWSServiceRoleForAutoScaling_web"}, harness.Want{Fields: P{
			"AttachedPolicies": List{P{"PolicyName": "AutoScalingServiceRolePolicy", "PolicyArn": "arn:aws:iam::aws:policy/aws-service-role/AutoScalingServiceRolePolicy"}},
		}}),
		admin("DeleteRole", P{"RoleName": "AWSServiceRoleForAutoScaling_web"}, harness.Want{
			Code: "UnmodifiableEntity", Status: 400, Message: "Cannot perform the operation on the protected role 'AWSServiceRoleForAutoScaling_web' - this role is only modifiable by AWS",
		}),
		{
			As: "admin", Service: "iam", Operation: "DeleteServiceLinkedRole", Params: P{"RoleName": "AWSServiceRoleForAutoScaling_web"},
			Save: map[string]string{"task": "DeletionTaskId"},
			Want: harness.Want{Fields: P{"DeletionTaskId": harness.Match("^task/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling_web/[0-9a-f-]{36}$")}},
		},
		admin("GetServiceLinkedRoleDeletionStatus", P{"DeletionTaskId": "{{task}}"}, harness.Want{Fields: P{"Status": "SUCCEEDED"}, Absent: []string{"Reason"}}),
		admin("GetRole", P{"RoleName": "AWSServiceRoleForAutoScaling_web"}, notFound("The role with name AWSServiceRoleForAutoScaling_web cannot be found.")),
		admin("ListRoles", P{"PathPrefix": "/aws-service-role/"}, harness.Want{Fields: P{"Roles": harness.Count(1)}}),
	}},
}
