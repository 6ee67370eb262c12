// Package store keeps the register in one SQLite file.
//
// A row is a serialized message under a kind and a resource name; beside it lie
// only the columns that paging, filters and uniqueness need. Everything that
// goes through View and Update is one transaction; the store knows no resource.
// What a Store must do, and the conformance suite asks of any database:
//
//   - durable: an Update that returned nil survives kill and power cut;
//   - atomic: of an Update that did not return nil, all or nothing is there;
//   - serial: Updates follow each other, each sees all earlier ones;
//   - snapshot: a View sees one state, and never a later one;
//   - honest: a row that changed on disk is ErrCorrupt, never an answer;
//   - unique: no two rows of a kind share a name or a Unique value;
//   - paged: List walks (order, name) without gap or repetition, also while rows
//     are written, and reads no more than its page and what the filter skips;
//   - logged: each changed row has a Change under the transaction's revision;
//   - announced: who waits for Changed hears of each Update that changed a row;
//   - audited: an Update that changes rows has an audit entry, numbered without gap;
//   - idempotent: a remembered request_id is honoured, also after a restart;
//   - stopped: after an I/O error no Update is acknowledged until a new Open.
//
// Not promised: an error of Update does not mean that nothing was written (a
// request_id settles it), closures may run more than once, and the file belongs
// to one process at a time. A file whose write-ahead log was damaged after a
// crash loses the newest transactions unseen: SQLite ends the log there.
package store
