// Package store keeps sessions on the server's side: the [Store] contract, [Memory], which keeps them in this process,
// [Directory], which keeps them on the disk, and [Cache], which keeps copies of what another store was asked for lately:
//
//	records, err := redis.New(client, redis.Config{})
//	…
//	cache, err := store.NewCache(records, store.CacheConfig{MaxStale: time.Second})
//	…
//	defer cache.Close()
//	err = cache.Follow(records) // hear of other nodes' changes in milliseconds; without it, within MaxStale
//	…
//	sessions, err := satchel.New(carts.ServerSide(cache))
//
// # Rules
//
// A store is the truth. There is no blind write: each one is conditional on the record's revision, and one that finds
// its record gone does not bring it back, so that deletion wins.
//
// An absent record, a conflict and an outage are different answers, and a caller may take none for another.
//
// A store sees keys and bodies that mean nothing to it, and judges no expiry. It may drop a record from its deadline on,
// never before, and never to make room.
//
// Nothing is aliased: what a store keeps shares no memory with what it was handed, and what it hands out cannot change.
//
// A store starts no goroutine unless asked for, and its Close ends it.
//
// A cache is no truth. Writes go to the store inside, what is not known to be so any more is asked anew, and an answer is never
// older than the cache's bound: [CacheConfig].MaxStale, or TrustFeed where that is set.
//
// Whoever writes another store holds it to these rules with store/storetest, where each is a case with a name.
package store
