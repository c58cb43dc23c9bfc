// Package outbound owns outbound web identity federation: by it an account becomes
// an issuer of tokens with which its principals prove who they are to others. It
// has IAM's operations that enable and disable it, the issuer's URL, keys and
// public documents, and signs what package sts puts into a token.
//
// Keys are made when the feature is enabled for the first time. Disabling it leaves
// tokens as they are, so that the documents stay until the last token has expired;
// enabling it after that makes new keys, which is how keys are replaced. The URL
// stays the same.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_outbound.html
package outbound
