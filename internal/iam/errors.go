package iam

import (
	"sallyport/internal/api"
	"sallyport/internal/api/iamapi"
)

// ValidationError is IAM's answer to an input that breaks a rule which the
// model does not hold.
func ValidationError(format string, args ...any) *api.Error {
	return api.ValidationError(iamapi.Service, format, args...)
}
