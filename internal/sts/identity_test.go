package sts_test

import (
	"testing"

	"sallyport/test/inprocess"
)

// TestGetAccessKeyInfo: the account is told of any key id that says it or that
// the directory knows, whatever became of the key; it needs a permission, and
// the denial names no resource.
func TestGetAccessKeyInfo(t *testing.T) {
	s := inprocess.New(t)
	other := s.Admin.Do("sallyport:CreateAccount", p{"Email": "other@example.com", "Name": "AnyCompany"})
	key := s.Admin.Do("iam:CreateAccessKey", p{"UserName": "admin"}).Credentials().AccessKeyID
	s.Admin.Do("iam:DeleteAccessKey", p{"UserName": "admin", "AccessKeyId": key})
	session := s.Admin.Do("sts:GetSessionToken", nil).Credentials().AccessKeyID
	for id, want := range map[string]string{
		inprocess.AdminKey: account, // chosen by the operator: only the directory knows
		key:                account, session: account,
		other.Credentials().AccessKeyID: other.Text("Id"),
		"ASIAQAAAAAAAAAAAAAAA":          "000000000000", // an account that isn't here
		"AKIAUR6QAAAAAAAAAAAA":          "313431949312",
	} {
		if got := s.Admin.Do("sts:GetAccessKeyInfo", p{"AccessKeyId": id}).Text("Account"); got != want {
			t.Errorf("%s is of account %s, want %s", id, got, want)
		}
	}
	// The ids of before 2019 don't say their account, and some say none there
	// can be.
	for _, id := range []string{"AKIAI44QH8DHBEXAMPLE", "AKIA7777777777777777", "AKIAQAAAAAAAAAAAAAA1", "AIDAQAAAAAAAAAAAAAAA", "akiaqaaaaaaaaaaaaaaa", "AKIAQAAAAAAAAAAAAAAAA"} {
		s.Admin.Refused("sts:GetAccessKeyInfo", p{"AccessKeyId": id}, 400, "ValidationError").
			WantMessage("The access key ID is invalid or belongs to no known account.")
	}
	for _, id := range []string{"AKIAQAAAAAAAAAA", "AKIA-QAAAAAAAAAAAAAA"} {
		s.Admin.Refused("sts:GetAccessKeyInfo", p{"AccessKeyId": id}, 400, "ValidationError")
	}
	user(s, "nobody", "").Refused("sts:GetAccessKeyInfo", p{"AccessKeyId": key}, 403, "AccessDenied").
		WantMessage("User: arn:aws:iam::" + account + ":user/nobody is not authorized to perform: sts:GetAccessKeyInfo" +
			" because no identity-based policy allows the sts:GetAccessKeyInfo action")
}
