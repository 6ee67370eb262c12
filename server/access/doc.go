// Package access decides who may call what, and what of an answer a caller may
// see. It is pure: no database, no network, no clock, no cache, so that a
// revoked credential or a suspended firm counts with the very next call.
//
// What is protected is declared beside it in the contract: each method carries
// the roles that may call it, each property the disclosure step from which on it
// shows. This package reads those declarations and nothing else:
//
//   - [Decide] says whether a caller may call a method, and whether an object is
//     in its view.
//   - [Filter] clears every property of an answer whose step the caller has not
//     reached. What has no declared step shows to nobody.
//   - [NewSecret], [ParseSecret] and [Hash] make, check and store credentials.
//
// A caller reaches a step by its relation to the message that holds the
// property: staff (organisers, auditors, integrations) reach STAFF everywhere; a
// firm reaches OWN on its own profile, credentials and registration, PUBLISHED
// on a pairing that it is part of and on the counterpart in it, and PUBLIC on
// everything else. MUTUAL_INTEREST is declared and not reached by anybody yet
// but the firm itself and staff.
package access
