// Package sql keeps sessions in PostgreSQL, MySQL, MariaDB or SQLite, through a database/sql DB that stays the caller's, with the
// driver that the caller chose. It imports none.
//
//	import database "database/sql"
//	…
//	db, err := database.Open("mysql", "shop@tcp(localhost)/shop?interpolateParams=true")
//	…
//	records, err := sql.New(db, sql.MySQL, sql.Config{Table: "sessions"})
//	…
//	err = records.Migrate(ctx) // or whoever makes tables runs records.Schema()
//	…
//	sessions, err := satchel.New(carts.ServerSide(records))
//
// Package store/postgres is the faster one for PostgreSQL. Both have one table, so that one may follow the other.
//
// # Rules
//
// The rules of package store hold. A call that finds what it expects is one statement. A Replace, Touch or Delete that changes
// nothing sends a second one, which reads why, and whose answer is the call's. No statement is in a transaction of more than
// itself, so no lock outlives one.
//
// A write is sent once, but for what was rolled back because of another's (a deadlock, a busy SQLite). A read whose connection broke is sent
// again as long as the pool has connections that the same fall of the server has killed, and once more.
//
// A call returns when its context ends, as far as the driver does. These drivers do, and are held to it: pgx's stdlib,
// go-sql-driver/mysql and modernc.org/sqlite. Errors are told apart by an SQLState method, or by the texts of go-sql-driver/mysql and of SQLite.
//
// # The table
//
// A row is a record: key (binary, the primary key), revision, seen and deadline (64 bits, Unix milliseconds) and body (binary). A key has
// at most 1024 bytes. A row whose revision is not positive, or whose instants are outside 0 to core.MaxInstant, is garbled: that is how a
// later layout will mark what this one must leave alone.
//
// There is no index on the deadline, because it would make each update dearer. [Store.Sweep], which store.Sweeping calls from time to time, reads the table for it. Nothing else
// removes records: call it each few minutes.
//
// # What the engines must be told
//
// What was acknowledged survives a loss of power, which Guarantees relies on, as long as the engine runs as it does by default: PostgreSQL with fsync on and
// synchronous_commit not off, MySQL and MariaDB with innodb_flush_log_at_trx_commit=1, SQLite with PRAGMA synchronous=FULL on a
// local disk. Guarantees promises nothing about a failover: a replica that takes over may not have heard of the last writes, and with them a logout or a
// rotation, unless each commit waits for it: in PostgreSQL by synchronous_standby_names with synchronous_commit on, as long as nobody cancels the
// wait by pg_cancel_backend, in MariaDB by semi-synchronous replication with an
// rpl_semi_sync_master_timeout that does not pass. All connections must be to the server that takes the writes, because a replica answers from the past.
//
// MySQL and MariaDB: the table is InnoDB, and autocommit is on. interpolateParams=true saves a round trip of each call;
// max_allowed_packet limits a body.
//
// SQLite: 3.37 or later. One file has one writer at a time. A call that finds the file busy waits for it itself, until its context
// ends, or for ten seconds. So leave PRAGMA busy_timeout at 0 with drivers other than modernc.org/sqlite, where it would outlast
// the context. PRAGMA journal_mode=WAL lets readers and the writer work side by side.
package sql
