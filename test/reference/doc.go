// Package reference is a second opinion on the evaluation of policies, for tests
// only: it decides the cases that "sallyport policy eval" takes, from
// docs/evaluation.md rule by rule and as plainly as can be. It shares no code
// with the engine and imports nothing of it. What it knows of AWS's actions and
// resource types is a table of its own, for the few actions that Generate uses.
//
// A rule is named where it is applied, so that a run tells which rules it reached
// (see Reach). Generate makes random cases that reach them all.
//
// It owns no speed, no messages and no traces.
package reference
