package sts

import (
	"strings"

	"sallyport/internal/api"
	"sallyport/internal/api/stsapi"
)

// contextProviderARN begins the ARNs of those who can say more of a session, such
// as "arn:aws:iam::aws:contextProvider/IdentityCenter".
const contextProviderARN = "arn:aws:iam::aws:contextProvider/"

// errContext refuses a context assertion. STS seals and signs assertions for context
// providers; as there is none here, no assertion can be one of this server's.
var errContext = stsapi.ExpiredTokenException("The context assertion is expired or is not valid.")

// contextProviders are whose assertions a request brings
// (https://docs.aws.amazon.com/STS/latest/APIReference/API_ProvidedContext.html).
func contextProviders(in *stsapi.AssumeRoleRequest) ([]string, error) {
	var providers []string
	for _, context := range in.ProvidedContexts {
		if context.ProviderArn == nil || context.ContextAssertion == nil {
			return nil, api.ValidationError(stsapi.Service, "A provided context must have a ProviderArn and a ContextAssertion.")
		}
		name, ok := strings.CutPrefix(*context.ProviderArn, contextProviderARN)
		if !ok || name == "" || strings.ContainsAny(name, ":/") {
			return nil, api.ValidationError(stsapi.Service, "%s is invalid", *context.ProviderArn)
		}
		providers = append(providers, *context.ProviderArn)
	}
	return providers, nil
}
