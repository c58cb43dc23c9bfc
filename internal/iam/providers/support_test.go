package providers_test

import (
	"testing"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam/iamtest"
	"sallyport/internal/iam/providers"
	"sallyport/internal/operation"
)

func fixture(t *testing.T) *iamtest.Fixture { return iamtest.New(t, providers.Operations) }

func tag(key, value string) iamapi.Tag { return iamapi.Tag{Key: new(key), Value: new(value)} }

func check(action, arn string) operation.Check {
	return operation.Check{Action: "iam:" + action, Resource: arn}
}
