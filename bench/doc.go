// Package bench measures Satchel against its peers and against the floor, on the same work in one run.
//
// bench/run does all of it and writes tables and plots under results/. The benchmarks here are its parts:
//
//	Token    a client-side session's value to a token and back
//	Request  a whole request in process, through net/http, chi and fiber
//	Memory   the store in memory, and others
//	Redis    requests and raw commands against a redis-server of its own
//	Postgres the same against a PostgreSQL of its own
//
// Each contender proves that it did the work: a read value is compared, and a failed request ends the benchmark. Peers are set up in
// package peers, with the source of each choice; the floor, which is the least code that does the work, in package floor;
// what is measured with in package fixture. Nothing here is imported by anybody.
package bench
