// Command bench measures a built sallyport from outside and prints the table
// of docs/performance.md.
//
// It owns the load, the data and the measuring; it has no part of the server
// in its process while it measures. Three kinds of process take part, so that
// what the client costs is the same for everything it is pointed at:
//
//	bench         orders the rounds and prints medians
//	bench load    replays requests that were built and signed before, over
//	              keep-alive connections, and reports rates and latencies
//	bench empty   an HTTP server with the server's settings whose handler does
//	              nothing: what net/http itself costs on the machine
//
// Rounds of what is compared are interleaved and compared round by round, so
// that a machine that is busy for a while slows both. The benchmarks of single
// parts (a decision, a call without the network) are Go benchmarks; run.sh
// runs them as well.
package main
