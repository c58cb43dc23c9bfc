// Package session is who is signed in to the console.
//
// A session is a row of its account's state (iam.ConsoleSession), so that
// signing in, signing out and revoking are changes like any other: durable, on
// record, and in force on every node when they are answered. Every use looks at
// the live view and never at the store.
//
// The browser has a cookie: a sealed token of the session's id and of the time
// until which it may be idle. The row's key is the id's hash, so that who reads
// the state can't make a cookie. Using a session writes nothing; the cookie is
// given anew when a quarter of the idle time has passed.
//
//	cookie → id → row → principal as it is now → caller
//
// It owns cookies, sessions and the operations on them (ListConsoleSessions,
// RevokeConsoleSession), not how somebody proves who they are; that is for
// internal/server/signin.
package session
