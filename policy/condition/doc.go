// Package condition is the Condition element of the policy language: its
// operators, its policy variables and the request context they read.
//
// It follows the IAM User Guide, "IAM JSON policy elements: Condition
// operators", "Set operators for multivalued context keys" and "Variables and
// tags". A [Test] is one operator applied to one condition key; all the tests
// of a statement must hold ([Block]). Each family of operators is one file that
// answers only whether a request value matches the policy's values; negation,
// IfExists and the set qualifiers are applied around it in one place, test.go,
// so that every family treats them alike.
//
// Where AWS leaves the answer open, the answer is the one that grants less, and
// so it depends on the effect of the statement:
//
//   - A key with several values under an operator without a set qualifier: in an
//     Allow statement every value must satisfy the operator, in a Deny statement
//     one is enough.
//   - A policy variable without a value (absent, no default, or several values)
//     matches nothing. Under a negated operator AWS says that the statement may
//     become invalid: an Allow statement then does not apply, a Deny statement
//     does.
//   - A request value that the operator cannot read (NumericEquals on "abc") is
//     treated in the same way.
//
// The package does not know which condition keys exist nor how they are filled;
// that is the caller's [Context]. It reads no clock: dates come from the
// context.
package condition
