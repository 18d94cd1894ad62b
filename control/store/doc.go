// Package store keeps what the control plane knows: every query once, in SQL that SQLite and PostgreSQL both read.
//
// It implements the Store interface of each domain package, a file per domain, and is the only place where a value
// meets a column. So a domain never learns which database it has, and one suite (storetest) is run against both.
//
// Rules of the SQL: placeholders are $1, $2 …; ids are text from NewID; times are BIGINT, microseconds UTC, 0 for
// none; money is BIGINT minor units beside a currency; bytes are BYTEA (a name SQLite takes for "as it comes");
// JSON is TEXT and never queried inside. There is no FOR UPDATE in SQLite: to hold a row until the end of a
// transaction on both, update it first. Migrations go forward only: expand, and contract a release later.
package store
