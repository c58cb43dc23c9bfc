// Package operation says what an operation is to the rest of Sallyport: who
// calls it (Caller), one call of it (Call), what it must be authorized for
// (Check) and how it is carried out (Definition), and holds the table of all
// that are served (Table).
//
// It owns no behaviour of any operation and no wire format. The packages of
// the services register their operations here one by one; the server's
// pipeline takes them from the table:
//
//	decode → (Definition.Identify) → Definition.Checks → decide each Check → Definition.Read or Write
//
// For operations that change something, Checks, the decision and Write run
// inside the account's writer, on its tentative view, so that what was decided
// is what is in force when the change is committed.
package operation
