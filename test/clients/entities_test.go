package clients

import "sallyport/test/clients/harness"

func page(params P, names []string, truncated bool) harness.Step {
	fields := P{"Users": harness.Count(len(names)), "IsTruncated": truncated}
	for i, name := range names {
		fields["Users."+string(rune('0'+i))+".UserName"] = name
	}
	params["PathPrefix"] = "/page/"
	step := admin("ListUsers", params, harness.Want{Fields: fields})
	if truncated {
		step.Save = map[string]string{"marker": "Marker"}
	} else {
		step.Want.Absent = []string{"Marker"}
	}
	return step
}

func pageUser(name string) harness.Step {
	return admin("CreateUser", P{"UserName": name, "Path": "/page/"}, harness.Want{})
}

var entityCases = []harness.Case{
	{Name: "pagination", Steps: []harness.Step{
		pageUser("user-3"), pageUser("user-1"), pageUser("user-5"), pageUser("user-2"), pageUser("user-4"),
		createUser("elsewhere"),
		page(P{"MaxItems": 2}, []string{"user-1", "user-2"}, true),
		page(P{"MaxItems": 2, "Marker": "{{marker}}"}, []string{"user-3", "user-4"}, true),
		page(P{"MaxItems": 2, "Marker": "{{marker}}"}, []string{"user-5"}, false),
		page(P{}, []string{"user-1", "user-2", "user-3", "user-4", "user-5"}, false),
		{
			Note: "the client's own paginator", As: "admin", Service: "iam", Operation: "ListUsers", PageSize: 2,
			Params: P{"PathPrefix": "/page/"},
			Want:   harness.Want{Fields: P{"Users": harness.Count(5), "Users.4.UserName": "user-5"}},
		},
		admin("ListUsers", P{"PathPrefix": "/page/", "Marker": "*"}, harness.Want{Code: "ValidationError", Status: 400}),
	}},

	{Name: "tags", Steps: []harness.Step{
		admin("CreateUser", P{"UserName": "alice", "Tags": List{P{"Key": "team", "Value": "blue"}}}, harness.Want{Fields: P{
			"User.Tags": List{P{"Key": "team", "Value": "blue"}},
		}}),
		admin("TagUser", P{"UserName": "alice", "Tags": List{P{"Key": "team", "Value": "green"}, P{"Key": "cost", "Value": ""}}}, harness.Want{}),
		admin("ListUserTags", P{"UserName": "alice"}, harness.Want{Fields: P{"Tags": harness.Count(2), "IsTruncated": false}}),
		admin("UntagUser", P{"UserName": "alice", "TagKeys": List{"cost"}}, harness.Want{}),
		noted("a key that is not there", admin("UntagUser", P{"UserName": "alice", "TagKeys": List{"ghost"}}, harness.Want{})),
		admin("ListUserTags", P{"UserName": "alice"}, harness.Want{Fields: P{"Tags": List{P{"Key": "team", "Value": "green"}}}}),
		admin("TagUser", P{"UserName": "alice", "Tags": List{P{"Key": "a", "Value": "1"}, P{"Key": "A", "Value": "2"}}}, harness.Want{
			Code: "InvalidInput", Status: 400, Message: "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
		}),
		noted("lists leave tags out", admin("ListUsers", nil, harness.Want{Absent: []string{"Users.0.Tags", "Users.1.Tags"}})),
	}},

	{Name: "unknown entities", Steps: []harness.Step{
		admin("GetUser", P{"UserName": "ghost"}, notFound("The user with name ghost cannot be found.")),
		admin("DeleteUser", P{"UserName": "ghost"}, notFound("The user with name ghost cannot be found.")),
		admin("CreateAccessKey", P{"UserName": "ghost"}, notFound("The user with name ghost cannot be found.")),
		admin("GetGroup", P{"GroupName": "ghost"}, notFound("The group with name ghost cannot be found.")),
		admin("GetRole", P{"RoleName": "ghost"}, notFound("The role with name ghost cannot be found.")),
		admin("GetPolicy", P{"PolicyArn": policyARN("ghost")}, notFound("Policy "+policyARN("ghost")+" does not exist or is not attachable.")),
		admin("DeletePolicy", P{"PolicyArn": policyARN("ghost")}, notFound("Policy "+policyARN("ghost")+" was not found.")),
		admin("GetUserPolicy", P{"UserName": "admin", "PolicyName": "ghost"},
			notFound("The user policy with name ghost cannot be found.")),
		admin("DetachUserPolicy", P{"UserName": "admin", "PolicyArn": policyARN("ghost")},
			notFound("Policy "+policyARN("ghost")+" was not found.")),
		admin("AddUserToGroup", P{"GroupName": "ghost", "UserName": "admin"}, notFound("The group with name ghost cannot be found.")),
	}},

	{Name: "names are taken regardless of case", Steps: []harness.Step{
		createUser("alice"),
		admin("CreateUser", P{"UserName": "alice"}, conflict("EntityAlreadyExists", "User with name alice already exists.")),
		admin("CreateUser", P{"UserName": "ALICE"}, conflict("EntityAlreadyExists", "User with name ALICE already exists.")),
		createRole("Worker", trust(userARN("admin"), nil)),
		admin("CreateRole", P{"RoleName": "WORKER", "AssumeRolePolicyDocument": trust(userARN("admin"), nil)},
			conflict("EntityAlreadyExists", "Role with name WORKER already exists.")),
		createPolicy("Read", document(allow("s3:GetObject", "*"))),
		admin("CreatePolicy", P{"PolicyName": "Read", "PolicyDocument": document(allow("s3:GetObject", "*"))},
			conflict("EntityAlreadyExists", "A policy called Read already exists. Duplicate names are not allowed.")),
		noted("a character that names cannot have", admin("CreateUser", P{"UserName": "alice smith"}, harness.Want{
			Code: "ValidationError", Status: 400,
			Message: "The specified value for userName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-",
		})),
	}},

	{Name: "delete conflicts", Steps: []harness.Step{
		createUser("alice"),
		createKey("alice"),
		admin("DeleteUser", P{"UserName": "alice"}, conflict("DeleteConflict", "Cannot delete entity, must delete access keys first.")),
		putUserPolicy("alice", "Read", document(allow("s3:GetObject", "*"))),
		noted("policies come first", admin("DeleteUser", P{"UserName": "alice"},
			conflict("DeleteConflict", "Cannot delete entity, must delete policies first."))),
		admin("CreateGroup", P{"GroupName": "devops"}, harness.Want{}),
		admin("AddUserToGroup", P{"GroupName": "devops", "UserName": "alice"}, harness.Want{}),
		admin("DeleteGroup", P{"GroupName": "devops"}, conflict("DeleteConflict", "Cannot delete entity, must remove users from group first.")),
		admin("RemoveUserFromGroup", P{"GroupName": "devops", "UserName": "alice"}, harness.Want{}),
		admin("DeleteGroup", P{"GroupName": "devops"}, harness.Want{}),
		createPolicy("Attached", document(allow("s3:GetObject", "*"))),
		createRole("Worker", trust(userARN("admin"), nil)),
		admin("AttachRolePolicy", P{"RoleName": "Worker", "PolicyArn": policyARN("Attached")}, harness.Want{}),
		admin("DeletePolicy", P{"PolicyArn": policyARN("Attached")}, conflict("DeleteConflict", "Cannot delete a policy attached to entities.")),
		admin("DeleteRole", P{"RoleName": "Worker"}, conflict("DeleteConflict", "Cannot delete entity, must detach all policies first.")),
		admin("DetachRolePolicy", P{"RoleName": "Worker", "PolicyArn": policyARN("Attached")}, harness.Want{}),
		admin("DeleteRole", P{"RoleName": "Worker"}, harness.Want{}),
		admin("DeletePolicy", P{"PolicyArn": policyARN("Attached")}, harness.Want{}),
		admin("DeleteUserPolicy", P{"UserName": "alice", "PolicyName": "Read"}, harness.Want{}),
		admin("DeleteAccessKey", P{"UserName": "alice", "AccessKeyId": "{{alice.AccessKeyId}}"}, harness.Want{}),
		admin("DeleteUser", P{"UserName": "alice"}, harness.Want{}),
	}},
}
