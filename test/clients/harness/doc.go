// Package harness runs one list of API calls through several stock AWS clients
// against a real server process. It is a test's package: nothing in the
// product imports it.
//
// It owns three things:
//
//   - the server under test ([StartServer]): the sallyport binary, built once
//     per test process, started on a free port with fixed first-start
//     credentials, and stopped by its process id;
//   - the clients ([NewAWSCLI], [NewGoSDK], [NewBoto3], [NewJSSDK]), each behind
//     the small interface [Client], configured through nothing but their public
//     settings and kept apart from the configuration of whoever runs the tests;
//   - the client-neutral form of a case ([Step], [Want], [Run]): what is called,
//     as whom, what the answer must be and which values later steps use.
//
// It knows nothing of the product's packages, so that a case sees exactly what
// a customer's client sees. The cases are in the parent folder.
package harness
