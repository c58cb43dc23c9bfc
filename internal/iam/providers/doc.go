// Package providers owns IAM's operations on identity providers: OpenID Connect
// and SAML ones, their life, what they are trusted with, and their tags.
//
// It does not verify what providers issue: tokens and assertions are AWS STS's
// to judge. Nor does it own the trust in a provider, which a role's trust policy
// says (packages roles and policy/validate); deleting a provider leaves those
// policies as they are.
//
// An OpenID Connect provider is its issuer's URL, and its ARN is made of it. No
// operation here asks an issuer for anything: a provider that is created without
// thumbprints has none, and the certificate of its servers is judged when a token
// of it is verified.
//
// A SAML provider is its metadata document, which is parsed when it is given
// (package federation/saml) and kept as it came. Its private keys, which decrypt
// assertions, are sealed and never shown.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers.html
package providers
