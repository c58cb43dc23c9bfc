// Package inprocess runs a whole Sallyport inside a test: the app on a journal
// in memory, behind net/http/httptest, with a clock that the test sets.
//
// Its client signs as AWS's do and holds every call to what is true of all:
//
//   - each request, answered or refused, has one audit record in its caller's
//     account, with the error code that the client was told (checked when the
//     test ends);
//   - a refused request leaves the state, to the last byte, as it was (Refused).
//
// It makes no request on its own and knows nothing of what is right; that is
// for the tests of internal/server, internal/app and test/authorize, which
// use it.
package inprocess
