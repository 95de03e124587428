// Package redis keeps sessions in Redis or Valkey, through a rueidis client that stays the caller's.
//
//	client, err := rueidis.NewClient(rueidis.ClientOption{InitAddress: []string{"localhost:6379"}})
//	…
//	records, err := redis.New(client, redis.Config{Prefix: "shop:"})
//	…
//	sessions, err := satchel.New(carts.ServerSide(records))
//
// Several programs that each keep copies of what they read hear of each other's changes:
//
//	cache, err := store.NewCache(records, store.CacheConfig{})
//	…
//	err = cache.Follow(records)
//	…
//	sessions, err := satchel.New(carts.ServerSide(cache))
//
// # Rules
//
// The rules of package store hold, and each call is one round trip. Load is a GET, Create a SET with NX, and the others are
// one Lua script each, so one step on the server. A script that the server does not know yet costs a second round trip, once.
// No digest is computed here, so that the package works where SHA-1 is forbidden (GODEBUG=fips140=only).
//
// Redis judges no expiry. Its time to live is for garbage collection, later than the record's deadline by [Config].Slack.
// Nothing needs sweeping, so a [Store] is no store.Sweeper.
//
// A write is sent once. If its answer is lost the error says nothing about the record. A read whose connection broke is sent
// once more. Reads go to the server that takes the writes, whatever the client's SendToReplicas does with reading commands.
//
// A call returns when its context ends. What was sent then goes on without its caller, up to the client's own limits, and at most
// 8192 calls do so at once: beyond that a call fails without being sent. There is one exception. When all has been well for half a
// minute, a caller may be held for the client's Dialer.Timeout by a connection that it comes to make then, or for its ConnWriteTimeout
// by a server that stops under a crowd that fills the client's queue.
//
// # The feed
//
// [Store.Listen] uses client tracking in broadcasting mode: one more connection to each master, over which that tells the names of
// all keys under the prefix that anybody changes, in any way. Each listener costs the server one message for each turn in which it
// carried out writes, and nothing is remembered for it. A server that restarts or is no master any more, or whose client's list of masters
// changes, ends the listening. What a failover undoes is announced by nobody; but the listening ends with it.
//
// # Keys and values
//
// The key of a record is the prefix and the key itself, in binary. One record is one key, and no call names two, so a
// cluster needs no hash tags. A value is, with numbers in big endian:
//
//	offset  bytes
//	0       1      version of the layout, 1
//	1       8      revision
//	9       6      seen, in Unix milliseconds
//	15      6      deadline, in Unix milliseconds
//	21             body
//
// The version, 1 to 31, and the revision stand where they are in every later layout as well. So a program that cannot read a value
// never replaces it, and can still delete it.
//
// # What the server must be told
//
// Redis 6.2 or Valkey 7.2 at least; GET, SET, GETRANGE, SETRANGE, DEL, EXISTS, PERSIST, PEXPIREAT, EVAL and EVALSHA must be allowed on the prefix;
// for the feed HELLO and CLIENT TRACKING as well, for List SCAN, STRLEN and ROLE.
//
// maxmemory-policy must be noeviction, the default: every other one drops live sessions, or may. When memory is full then, Create,
// Replace and Touch return store.ErrFull, and Load and Delete work on.
//
// What an acknowledged write survives is the server's affair. With appendonly yes and appendfsync always it survives a loss of
// power; with appendfsync everysec all but the last second; else only what the last snapshot holds. A replica is told after the write was
// acknowledged, so a failover may undo the last writes, and with them a logout or a rotation. Guarantees therefore declares no
// more than that records outlive the program.
//
// Nothing that the server can be told prevents that. min-replicas-to-write and min-replicas-max-lag bound it: when too few replicas were heard of within
// so many seconds, each write is refused, which is an outage, and what was acknowledged before may still be undone. A program that must know that a
// logout has reached a replica sends WAIT after it, by a connection that has sent something else since. Redis 7 counts what the whole
// server had written by then; its manual promises that of the connection's own writes only.
//
// # What the client should be told
//
// Leave ConnLifetime at 0: when it is over, rueidis sends a command again that may have taken effect. Set ConnWriteTimeout and
// Dialer.Timeout to a second or two, so that a server that hangs is given up soon. With Sentinel set TopologyRefreshInterval, or
// a missed announcement leaves the client with a master that was deposed. RingScaleEachConn should be 8 at least. DisableCache saves memory: this
// package caches nothing.
package redis
