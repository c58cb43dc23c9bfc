package iamtest

import (
	"errors"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sallyport/internal/api"
	"sallyport/internal/operation"
	"sallyport/policy/condition"
)

// Do runs one operation and returns its output, stopping the test on an error.
func Do[Out any](f *Fixture, caller *operation.Caller, name string, in any) *Out {
	f.Helper()
	out, err := f.Call(caller, name, in)
	if err != nil {
		f.Fatalf("%s: %v", name, err)
	}
	typed, ok := out.(*Out)
	if !ok {
		f.Fatalf("%s returned a %T", name, out)
	}
	return typed
}

// Fails runs one operation that must be refused with that code and message.
func (f *Fixture) Fails(caller *operation.Caller, name string, in any, code, message string) {
	f.Helper()
	_, err := f.Call(caller, name, in)
	var e *api.Error
	switch {
	case err == nil:
		f.Errorf("%s succeeded, want %s: %s", name, code, message)
	case !errors.As(err, &e):
		f.Errorf("%s: %v is no api.Error", name, err)
	case e.Code != code || e.Message != message:
		f.Errorf("%s:\n got %s: %s\nwant %s: %s", name, e.Code, e.Message, code, message)
	}
}

// WantChecks holds the last call to having asked for exactly these
// authorizations.
func (f *Fixture) WantChecks(want ...operation.Check) {
	f.Helper()
	if diff := cmp.Diff(want, f.Checks, equateValues); diff != "" {
		f.Errorf("checks (-want +got):\n%s", diff)
	}
}

var equateValues = cmp.Exporter(func(t reflect.Type) bool { return t == reflect.TypeFor[condition.Values]() })

// WantEqual reports a difference between what is wanted and what there is.
func WantEqual[T any](t testing.TB, what string, want, got T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}
