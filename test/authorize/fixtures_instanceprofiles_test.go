package authorize

import "sallyport/test/inprocess"

const webProfile = iamARN + "instance-profile/app/web"

// also has the statements that an operation needs beside its own action, which
// is what the test varies.
var also = map[string]string{
	"iam:AddRoleToInstanceProfile": passDeploy,
}

var (
	makeWeb    = step{"iam:CreateInstanceProfile", p{"InstanceProfileName": "web", "Path": "/app/"}}
	getWeb     = step{"iam:GetInstanceProfile", p{"InstanceProfileName": "web"}}
	deployWeb  = step{"iam:AddRoleToInstanceProfile", p{"InstanceProfileName": "web", "RoleName": "deploy"}}
	taggedWeb  = step{"iam:TagInstanceProfile", with(tagged, "InstanceProfileName", "web")}
	passDeploy = allow("iam:PassRole", deploy, `"StringEquals":{"iam:PassedToService":"ec2.amazonaws.com"},`+
		`"ArnLike":{"iam:AssociatedResourceArn":"arn:aws:ec2:*:`+inprocess.Account+`:instance/*"}`)
)

var instanceProfileFixtures = map[string]fixture{
	"iam:CreateInstanceProfile":         {in: makeWeb.in, resources: on(webProfile), read: getWeb},
	"iam:GetInstanceProfile":            {setup: []step{makeWeb}, in: getWeb.in, resources: on(webProfile)},
	"iam:ListInstanceProfiles":          {resources: on(iamARN + "instance-profile/")},
	"iam:ListInstanceProfilesForRole":   {setup: []step{makeDeploy}, in: p{"RoleName": "deploy"}, resources: on(deploy)},
	"iam:DeleteInstanceProfile":         {setup: []step{makeWeb}, in: getWeb.in, resources: on(webProfile), read: getWeb},
	"iam:AddRoleToInstanceProfile":      {setup: []step{makeWeb, makeDeploy}, in: deployWeb.in, resources: on(webProfile), read: getWeb},
	"iam:RemoveRoleFromInstanceProfile": {setup: []step{makeWeb, makeDeploy, deployWeb}, in: deployWeb.in, resources: on(webProfile), read: getWeb},
	"iam:TagInstanceProfile":            {setup: []step{makeWeb}, in: taggedWeb.in, resources: on(webProfile), read: getWeb},
	"iam:UntagInstanceProfile":          {setup: []step{makeWeb, taggedWeb}, in: with(untag, "InstanceProfileName", "web"), resources: on(webProfile), read: getWeb},
	"iam:ListInstanceProfileTags":       {setup: []step{makeWeb}, in: getWeb.in, resources: on(webProfile)},
}
