// Package console serves the console's built files, dist, which are committed so
// that a server needs no Node to have them. `npm run build` writes them from src;
// TestBuilt of test/console holds the two together.
//
//	path → a file of dist, or the page for everything else → headers → gzip, where taken
//
// Below /console/reference/ is the catalogue of services; package reference has it.
//
// It owns what browsers may do with the pages (Content-Security-Policy) and how
// long they keep what. It neither knows nor asks who is signed in: that is for
// internal/server/signin, which hands it requests.
package console
