// Package apigen writes the generated API packages below internal/api from
// the API models in models/.
//
// Load reads a model in botocore's service-2 format and merges its overlay
// (models/overlays), which may only add: operations, shapes, members of a
// structure, and per-operation hints. Files renders one Go package as a map
// from file name to formatted source; the command in cmd writes every
// package of Packages, and a test compares the rendering with what is
// committed.
//
// The package knows nothing of the running server and imports none of it.
package apigen
