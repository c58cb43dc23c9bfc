package iam_test

import (
	"errors"
	"testing"

	"sallyport/internal/api"
	"sallyport/internal/iam"
	"sallyport/internal/iam/iamtest"
)

func TestLimits(t *testing.T) {
	l, err := iam.DefaultLimits().With(map[string]int{iam.UsersPerAccount: 3})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Check(iam.UsersPerAccount, 3); err != nil {
		t.Errorf("at the quota: %v", err)
	}
	var e *api.Error
	if err := l.Check(iam.UsersPerAccount, 4); !errors.As(err, &e) || e.Status != 409 || e.Code != "LimitExceeded" ||
		e.Message != "Cannot exceed quota for UsersPerAccount: 3" {
		t.Errorf("over the quota: %v", err)
	}
	if n := iam.DefaultLimits()[iam.UsersPerAccount]; n != 5000 {
		t.Errorf("With changed the defaults: %d", n)
	}
	for name, n := range map[string]int{"UsersPerPlanet": 1, iam.GroupsPerUser: -1} {
		if _, err := iam.DefaultLimits().With(map[string]int{name: n}); err == nil {
			t.Errorf("%s = %d was taken", name, n)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("a quota that does not exist was checked")
		}
	}()
	_ = l.Check("UsersPerPlanet", 1)
}

func TestPolicyLength(t *testing.T) {
	for document, want := range map[string]int{"": 0, " \t\r\n": 0, `{ "a" : "b c" }`: 10, "é ü": 2} {
		iamtest.WantEqual(t, document, want, iam.PolicyLength(document))
	}
}
