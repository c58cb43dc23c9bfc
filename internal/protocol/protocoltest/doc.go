// Package protocoltest makes values of model shapes for the tests of the
// codecs. It is imported by tests only.
package protocoltest
