// Package debian has tests find what they need of Debian, and installs it where it
// is missing and may be: identity providers, a browser. Tests of several packages
// run at once, and apt-get takes one at a time: they wait for each other.
package debian
