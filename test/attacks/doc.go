// Package attacks plays out attacks that need the whole server: credentials
// revoked under fire, privileges climbed, secrets searched for.
package attacks
