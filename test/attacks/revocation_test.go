package attacks

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"sallyport/test/inprocess"
)

type p = inprocess.P

const (
	account  = inprocess.Account
	allowAll = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
	readOnly = "arn:aws:iam::aws:policy/IAMReadOnlyAccess"
)

// member makes a user with a policy attached and returns its client.
func member(s *inprocess.Server, name, policy string) *inprocess.Client {
	s.Admin.Do("iam:CreateUser", p{"UserName": name})
	s.Admin.Do("iam:AttachUserPolicy", p{"UserName": name, "PolicyArn": policy})
	return s.Client(s.Admin.Do("iam:CreateAccessKey", p{"UserName": name}).Credentials())
}

// TestAttack23Revocation: clients hammer with a key while it is made inactive
// or deleted, its policy detached, its user deleted. No request that starts
// after the acknowledgement succeeds.
func TestAttack23Revocation(t *testing.T) {
	rounds := 200
	if testing.Short() {
		rounds = 20
	}
	revocations := []struct {
		name   string
		revoke func(s *inprocess.Server, user, key string)
	}{
		{"key inactive", func(s *inprocess.Server, user, key string) {
			s.Admin.Do("iam:UpdateAccessKey", p{"UserName": user, "AccessKeyId": key, "Status": "Inactive"})
		}},
		{"key deleted", func(s *inprocess.Server, user, key string) {
			s.Admin.Do("iam:DeleteAccessKey", p{"UserName": user, "AccessKeyId": key})
		}},
		{"policy detached", func(s *inprocess.Server, user, _ string) {
			s.Admin.Do("iam:DetachUserPolicy", p{"UserName": user, "PolicyArn": readOnly})
		}},
		{"user deleted", func(s *inprocess.Server, user, key string) {
			s.Admin.Do("iam:DetachUserPolicy", p{"UserName": user, "PolicyArn": readOnly})
			s.Admin.Do("iam:DeleteAccessKey", p{"UserName": user, "AccessKeyId": key})
			s.Admin.Do("iam:DeleteUser", p{"UserName": user})
		}},
	}
	s := inprocess.New(t)
	for _, r := range revocations {
		t.Run(r.name, func(t *testing.T) {
			before, after := new(atomic.Int64), new(atomic.Int64)
			for round := range rounds {
				name := fmt.Sprintf("user-%d", round)
				client := member(s, name, readOnly)
				hammer(t, client, before, after, func() { r.revoke(s, name, client.Credentials.AccessKeyID) })
				clean(s, name, client.Credentials.AccessKeyID)
			}
			if before.Load() == 0 || after.Load() == 0 {
				t.Errorf("%d requests succeeded before and %d were refused after: too few to show anything", before.Load(), after.Load())
			}
		})
	}
}

// hammer has four clients call while revoke runs.
func hammer(t *testing.T, client *inprocess.Client, before, after *atomic.Int64, revoke func()) {
	var revoked atomic.Bool
	var ready, running sync.WaitGroup
	for range 4 {
		ready.Add(1)
		running.Go(func() {
			last := 0
			for n := 0; last < 2; n++ {
				late := revoked.Load() // before the request starts
				reply := client.Call("iam:ListUsers", nil)
				switch {
				case reply.Status == 200 && late:
					t.Errorf("a request that began after the acknowledgement succeeded")
					last = 2
				case reply.Status == 200:
					before.Add(1)
				case late:
					after.Add(1)
					last++
				}
				if n == 0 {
					ready.Done()
				}
			}
		})
	}
	ready.Wait()
	revoke()
	revoked.Store(true)
	running.Wait()
}

// clean removes what a revocation left of the user.
func clean(s *inprocess.Server, name, key string) {
	s.Admin.Call("iam:DetachUserPolicy", p{"UserName": name, "PolicyArn": readOnly})
	s.Admin.Call("iam:DeleteAccessKey", p{"UserName": name, "AccessKeyId": key})
	s.Admin.Call("iam:DeleteUser", p{"UserName": name})
}

// TestAttack23NoKeyFromARevokedOne: a key that is being revoked makes no key
// that outlives it unseen: none is made after the acknowledgement.
func TestAttack23NoKeyFromARevokedOne(t *testing.T) {
	s := inprocess.New(t)
	for round := range 40 {
		name := fmt.Sprintf("user-%d", round)
		client := member(s, name, "arn:aws:iam::aws:policy/IAMFullAccess")
		var revoked atomic.Bool
		var running sync.WaitGroup
		for range 4 {
			running.Go(func() {
				for {
					late := revoked.Load()
					reply := client.Call("iam:CreateAccessKey", p{"UserName": "admin"})
					if reply.Status == 200 {
						if late {
							t.Error("a revoked key made a key")
						}
						s.Root.Do("iam:DeleteAccessKey", p{"UserName": "admin", "AccessKeyId": reply.Credentials().AccessKeyID})
					}
					if late {
						return
					}
				}
			})
		}
		s.Root.Do("iam:UpdateAccessKey", p{"UserName": name, "AccessKeyId": client.Credentials.AccessKeyID, "Status": "Inactive"})
		revoked.Store(true)
		running.Wait()
	}
}
