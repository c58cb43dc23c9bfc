// Package console tests the console as people use it: its sources build to the
// committed files, their unit tests pass, and what console/e2e describes works in a
// real browser against the real server.
//
//	npm ci → build, compare │ npm test │ server + Chromium → node --test, one file each
//
// Node, npm and Chromium must be there; a test that lacks one fails. Chromium is
// installed from Debian where that is allowed. It owns how these are started and
// ended, not what is right: that is for the files in console/e2e.
package console
