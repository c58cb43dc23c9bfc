// Package reference publishes the catalogue for the console's policy editor: in
// the format of AWS's service reference information, below /console/reference/v1/.
//
//	service-list.json      every service, and where its file is
//	SERVICE/SERVICE.json   its actions, resource types and condition keys
//	aws/aws.json           the global condition keys
//
// It owns that format and nothing of the facts, which are catalog's, and asks
// nobody who they are: internal/server/signin hands it requests of who is signed
// in. Files are made when they are first asked for and kept compressed; there are
// as many as services, so that no request makes memory grow further.
//
// Beyond AWS's format, entries of the list and services have a Title, the
// service's name in AWS's words, by which people search.
//
// See https://docs.aws.amazon.com/service-authorization/latest/reference/service-reference.html.
package reference
