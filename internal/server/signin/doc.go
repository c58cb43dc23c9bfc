// Package signin is where people prove who they are: server-rendered pages, without
// script but for passkeys, under /signin, /saml and /federation. The console, under
// /console/, is shown to who is signed in, and sends everybody else here.
//
//	who → limits → password → second factor → password change, where due → session
//
// A session is made by one function alone (begin), which asks everything again of
// the state it is made on: the password that was proved is still the one, every
// enabled second factor was, and nothing is due. What somebody has proved so far
// is in a sealed cookie (challenge) that is good for minutes; no order of requests
// leads past a step.
//
// Every way in fails alike: one text, one status, one password hash and one look
// for a secret, whether the account, the user, the login profile or the password is
// wrong. Whether a second factor or a change is due is told after the right
// password. Attempts are counted, for all nodes, before anything is looked at.
//
// People of SAML identity providers come by a form that the provider has their
// browser post (saml.go), and choose a role on a page of this server:
//
//	response → verified, once → role → session
//
// Switching roles, choosing one and changing passwords are the operations
// AssumeRole, AssumeRoleWithSAML and ChangePassword, carried out as the server
// carries out every call.
//
// It owns pages, steps and their records, not what a session is
// (internal/session) nor what a credential is (internal/credential).
package signin
