// Package mfa carries out IAM's operations on MFA devices and decides whether a
// code proves one
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa.html).
//
// A device is an iam.MFADevice; its seed is sealed apart and leaves the server
// once, in the reply that creates it, and as long as it is set up on a page of the
// browser that began (SetUp). Codes themselves are package credential's.
//
// Three rules hold wherever a code is taken:
//
//   - A code counts once. That a session was made with one is a fact of the
//     journal, which exactly one of any number of calls on any node records
//     first; what enabled or synchronized a device is in its row. Codes before
//     the one that was taken are used up with it.
//   - A code counts in its own period and the two beside it, by the device's
//     clock: its drift is measured when it is enabled or synchronized.
//   - Wrong codes are counted, for each device, before they are looked at: once a
//     device has borne maxWrong of them, no code is. Two consecutive codes need no count: there
//     are 10^12 of them.
//
// Hardware tokens are imported with their seeds and otherwise as virtual devices.
//
// Passkeys and security keys (FIDO) are registered in two calls. What the first one
// asked travels through the client, sealed; its challenge counts once, as that of a
// sign-in does. Codes prove nothing about them, and they nothing to STS. Their
// counter is part of the account's state, changed in the entry of the sign-in: it
// goes on, or there is no sign-in, whichever nodes are asked.
package mfa
