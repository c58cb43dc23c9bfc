package iamtest_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/iam/iamtest"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// recorder takes the failures of a fixture in place of the test.
type recorder struct {
	testing.TB
	failures []string
}

func (r *recorder) Helper() {}
func (r *recorder) Errorf(format string, args ...any) {
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}
func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	runtime.Goexit()
}

// failuresOf runs fn on f and returns what it reported.
func failuresOf(f *iamtest.Fixture, fn func()) string {
	r, real := &recorder{TB: f.TB}, f.TB
	f.TB = r
	done := make(chan struct{})
	go func() { defer close(done); fn() }()
	<-done
	f.TB = real
	return strings.Join(r.failures, "\n")
}

// one serves DeleteUser with the given checks and handler.
func one(checks []operation.Check, write func(*state.Tx, *iam.User)) func(*iam.Env) []operation.Definition {
	return func(*iam.Env) []operation.Definition {
		return []operation.Definition{operation.Writes(iamapi.OpDeleteUser,
			func(*operation.Call, state.Reader, *iamapi.DeleteUserRequest) ([]operation.Check, error) {
				return checks, nil
			},
			func(_ *operation.Call, tx *state.Tx, in *iamapi.DeleteUserRequest) (*iamapi.DeleteUserResponse, error) {
				u, err := iam.FindUser(tx, *in.UserName)
				if err != nil {
					return nil, err
				}
				write(tx, u)
				return &iamapi.DeleteUserResponse{}, nil
			})}
	}
}

// The fixture must fail on what it is there to find.
func TestFixtureFindsMistakes(t *testing.T) {
	check := operation.Check{Action: "iam:DeleteUser", Resource: "arn:aws:iam::" + iamtest.Account + ":user/alice"}
	remove := func(tx *state.Tx, u *iam.User) { iam.Users.Delete(tx, u.ID) }
	in := &iamapi.DeleteUserRequest{UserName: new("alice")}
	for _, test := range []struct {
		name   string
		checks []operation.Check
		write  func(*state.Tx, *iam.User)
		run    func(f *iamtest.Fixture)
		want   string
	}{
		{"nothing", []operation.Check{check}, remove, func(f *iamtest.Fixture) {
			iamtest.Do[iamapi.DeleteUserResponse](f, f.Root(), "DeleteUser", in)
			f.WantChecks(check)
			f.Fails(f.Root(), "DeleteUser", in, "NoSuchEntity", "The user with name alice cannot be found.")
		}, ""},
		{"a row changed in place", []operation.Check{check}, func(_ *state.Tx, u *iam.User) { u.Path = "/changed/" }, func(f *iamtest.Fixture) {
			iamtest.Do[iamapi.DeleteUserResponse](f, f.Root(), "DeleteUser", in)
		}, "changed committed rows"},
		{"no authorization", nil, remove, func(f *iamtest.Fixture) {
			iamtest.Do[iamapi.DeleteUserResponse](f, f.Root(), "DeleteUser", in)
		}, "asked for no authorization"},
		{"another authorization", []operation.Check{check}, remove, func(f *iamtest.Fixture) {
			iamtest.Do[iamapi.DeleteUserResponse](f, f.Root(), "DeleteUser", in)
			f.WantChecks(operation.Check{Action: "iam:GetUser", Resource: check.Resource})
		}, "checks (-want +got)"},
		{"success instead of an error", []operation.Check{check}, remove, func(f *iamtest.Fixture) {
			f.Fails(f.Root(), "DeleteUser", in, "DeleteConflict", "Cannot delete entity.")
		}, "succeeded"},
		{"another text", []operation.Check{check}, remove, func(f *iamtest.Fixture) {
			f.Fails(f.Root(), "DeleteUser", &iamapi.DeleteUserRequest{UserName: new("bob")}, "NoSuchEntity", "Nobody.")
		}, "want NoSuchEntity: Nobody."},
		{"an operation that is not served", []operation.Check{check}, remove, func(f *iamtest.Fixture) {
			_, _ = f.Call(f.Root(), "GetUser", &iamapi.GetUserRequest{})
		}, "not among the operations under test"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := iamtest.New(t, one(test.checks, test.write))
			f.AddUser("alice")
			got := failuresOf(f, func() { test.run(f) })
			if test.want == "" && got != "" || !strings.Contains(got, test.want) {
				t.Errorf("reported %q, want %q", got, test.want)
			}
		})
	}
}
