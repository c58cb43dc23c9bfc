// Package journaltest is the conformance suite of package journal. Every driver
// passes all of it; there is nothing to switch off.
//
// It owns what the seam promises, as tests. What only one driver can show, such
// as surviving a power cut, is tested beside that driver.
package journaltest
