// Package postgres keeps sessions in PostgreSQL, through a pgxpool.Pool that stays the caller's.
//
//	pool, err := pgxpool.New(ctx, "postgres://shop@localhost/shop")
//	…
//	records, err := postgres.New(pool, postgres.Config{Table: "shop.sessions"})
//	…
//	err = records.Migrate(ctx) // or whoever makes tables runs records.Schema()
//	…
//	sessions, err := satchel.New(carts.ServerSide(records))
//
// Several programs that each keep copies of what they read hear of each other's changes:
//
//	err = records.MigrateFeed(ctx) // or records.FeedSchema()
//	…
//	cache, err := store.NewCache(records, store.CacheConfig{})
//	…
//	err = cache.Follow(records)
//	…
//	sessions, err := satchel.New(carts.ServerSide(cache))
//
// # Rules
//
// The rules of package store hold, under every isolation level that a database may have for its default. A call that finds what it
// expects is one statement and one round trip. A Replace, Touch or Delete that changes nothing sends a second statement, which
// reads why, and whose answer is the call's. No statement is in a transaction of more than itself, so no lock outlives one.
//
// A write is sent once: one that may have been received is not sent again. A read whose connection broke is sent
// again as long as the pool has connections that the same fall of the server has killed, and once more.
//
// A call returns when its context ends. The pool then closes the connection that it used.
//
// # The table
//
// A row is a record: key (bytea, the primary key), revision, seen and deadline (bigint, Unix milliseconds) and body (bytea). The index of
// the key limits a key to some 2600 bytes; a longer one is an error, and never kept. A row whose revision is not positive, or whose instants
// are outside 0 to core.MaxInstant, is garbled: that is how a later layout will mark what this one must leave alone.
//
// There is no index on the deadline, because it would make each update write to both indexes. [Store.Sweep], which store.Sweeping calls from time to time, reads
// the table for it, in the order in which it is on disk. Nothing else removes records: call it each few minutes from one program or several.
//
// # The feed
//
// [Store.Listen] needs triggers, which [Store.MigrateFeed] makes: each row that is updated or deleted is announced by NOTIFY, in the
// transaction that changes it and whoever does, so that no change that was acknowledged is kept secret by a crash. A listener holds one connection,
// which is taken out of the pool.
//
// It has its price. PostgreSQL commits the transactions of a database that notify one after the other, each with its own
// flush of the log, so announced changes are at most as many a second as the disk can flush one by one. With 64 callers that was a quarter to a tenth of
// what it is without triggers, where commits share a flush; with one caller there was no difference. Creating and loading cost nothing more. The
// batches of a sweep are announced too.
//
// # What breaks the feed
//
// What breaks it aloud only costs time: the cache asks the table for whatever is older than its bound, and listens anew. So it is where the
// connection is cut, the server restarts or fails over, or a trigger is dropped or disabled, which each probe looks for. On a standby
// LISTEN is refused: all connections of the pool have to be to the server that takes the writes.
//
// What breaks it in silence costs MaxStale for each change, and TrustFeed where that is set. So set TrustFeed only where none of this is so:
//
//   - A pooler between that hands out connections by transaction or by statement. LISTEN is then said on a connection that is somebody else's a
//     moment later, who is told in place of the listener; and if a probe happens to meet that connection it is answered all the same.
//   - Writers for which triggers do not fire: those with session_replication_role at replica, as logical replication's workers and some tools for
//     restoring have it. ALTER TABLE … ENABLE ALWAYS TRIGGER satchel_announce, and satchel_announce_all, makes them fire there too.
//   - Changes that are no rows' changes of this table: a table that is dropped and made anew, or is swapped by renaming.
//
// A listener that is stopped, or hangs without closing its connection, is a danger to all: the server keeps what it has not fetched in the one queue
// of all its databases, of 8 GB by default. While that is full every transaction that announces something fails, so no session can be changed. The
// server's tcp_user_timeout or tcp_keepalives_idle ends those whose machine is gone, and pg_notification_queue_usage() is worth an alarm. A
// session of anybody's that listens and leaves a transaction open has the same effect; idle_in_transaction_session_timeout ends it.
//
// A transaction that announces something cannot be prepared (PREPARE TRANSACTION), which matters to other programs that write to this table only.
//
// Whoever may connect to the database may LISTEN to the channel and NOTIFY on it. They hear keys, which are no tokens and lead to none; and all that
// they can say makes caches forget copies.
//
// # What the server must be told
//
// PostgreSQL 14 or later, and SELECT, INSERT, UPDATE and DELETE on the table. Behind a pooler that hands out connections by
// transaction, pgx's DefaultQueryExecMode must be one that prepares nothing.
//
// What was acknowledged survives a loss of power as long as the server runs with fsync on and synchronous_commit not off, and the
// table is not UNLOGGED: these are the defaults, and what Guarantees relies on. To know of no record is an answer: an UNLOGGED table is
// empty after a crash of the server, which logs out everybody.
//
// Guarantees promises nothing about a failover. A standby that is promoted has every acknowledged write only if
// synchronous_standby_names made commits wait for it and synchronous_commit is on, its default; else the last are undone, and with them a logout
// or a rotation. While no such standby answers, each change waits, and is an outage when its context ends. Whoever cancels the wait in
// the server, by pg_cancel_backend, makes it an acknowledged change that no standby need have: the server then says that it is done.
//
// # What the pool should be told
//
// All its connections must be to the server that takes the writes (target_session_attrs=read-write where there are several): a standby
// answers from the past. Give ConnConfig.ConnectTimeout a second or two. A connection whose other end is gone without a word costs one call its whole
// context, and then is closed: a pool may have as many such as it has connections. The statements of a pool under load need no more
// connections than the server has processors, several times over.
package postgres
