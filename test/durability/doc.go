// Package durability kills the server, cuts its power and fills its disk, and holds
// it to its promise: every acknowledged change is there with its audit record,
// every acknowledged deletion holds, nothing is half-made.
//
// It runs the real binary on SQLite. Writers keep a model of what was
// acknowledged, each for entities of its own; a request that was on its way
// when the server died may have happened or not, but wholly. After each death
// the journal is read apart from any server and compared with the models.
package durability
