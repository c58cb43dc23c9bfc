// Package behaviour holds Sallyport to recorded facts about how AWS answers:
// statuses, error codes and texts, which members a reply has and lacks, and the
// bytes of its layout.
//
// testdata/facts.jsonl has one fact a line: what is called, with which
// parameters, and what the reply must be. The expectation is checked from the
// fact alone; only what must be there before the call is code, in a table by the
// fact's id. A fact's evidence is A for a recorded reply of AWS, B for what a
// test that is known to have run against AWS asserts, C for what users of AWS
// have published. Where a fact was recorded for one operation of a family, its
// line names the others of the family too.
//
// Requests are signed by the project's own sigv4 and replies are read from the
// wire, not by an SDK. Every reply, whatever it is asked for, is also held to the
// layout that all recorded replies have.
//
// A fact that can't be asserted yet is in the list waiting with the operation it
// waits for, and fails as soon as that operation is served.
package behaviour
