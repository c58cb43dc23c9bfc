// Package credentials carries out IAM's operations on long-term credentials:
// access keys of users and of the root user, login profiles and
// service-specific credentials; and the lists, still empty, of the kinds that
// are to come
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html,
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_service-specific-creds.html).
//
// Secrets are sealed apart from the rows that speak of them and leave the
// server once, in the reply that creates them. Verifying them is package
// authn's business, password hashing package credential's.
package credentials
