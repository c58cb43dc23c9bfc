package authz_test

import "sallyport/policy"

const (
	home  = "111122223333"
	other = "444455556666"

	allowAll = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
)

func user(name string) policy.Principal {
	return policy.Principal{Kind: policy.User, Account: home, ARN: "arn:aws:iam::" + home + ":user/" + name, ID: "AIDAEXAMPLEALICE0001"}
}

func session(role, name string) policy.Principal {
	return policy.Principal{
		Kind: policy.RoleSession, Account: home,
		ARN:     "arn:aws:sts::" + home + ":assumed-role/" + role + "/" + name,
		RoleARN: "arn:aws:iam::" + home + ":role/" + role,
		ID:      "AROAEXAMPLEROLE00001:" + name,
	}
}

func federatedUser(name string) policy.Principal {
	return policy.Principal{
		Kind: policy.FederatedUser, Account: home,
		ARN:     "arn:aws:sts::" + home + ":federated-user/" + name,
		UserARN: "arn:aws:iam::" + home + ":user/alice",
		ID:      home + ":" + name,
	}
}

func root() policy.Principal {
	return policy.Principal{Kind: policy.Root, Account: home, ARN: "arn:aws:iam::" + home + ":root", ID: home}
}
