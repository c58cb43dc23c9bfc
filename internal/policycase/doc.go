// Package policycase reads questions about policies in a neutral JSON form, has
// package authz decide them, and gives the answers: the cases of test/corpus and
// what "sallyport policy eval" and "explain" take. docs/policy-tools.md describes the form.
//
// It owns the form, what a request carries that a case leaves out (keys AWS always
// sets, the account of a resource), and the statements that the grants of an S3
// access control list stand for. It decides nothing; which services there are, its
// caller says.
package policycase
