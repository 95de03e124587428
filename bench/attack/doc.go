// Package attack is Satchel under attack and fault, each of them a program that can be run again:
//
//	bench/attack/run            all of them, at full length
//	bench/attack/run Tabs       one of them
//
// | program | what is done to Satchel | what is asked of it |
// | --- | --- | --- |
// | Tabs | 64 requests at once on one session, each changing a key of its own and a counter | no key lost, the counter exact, on each store and with three nodes |
// | Outage | a store that hangs, or is killed, for a minute under load | nobody is logged out, anonymous requests ask no store, it comes back by itself |
// | Flood | random IDs, and sessions that nobody comes back to | the store calls that are stated, bounded memory, no live session gone |
// | Slow | a store that answers late, or never | deadlines hold, who asks for no session notices nothing |
// | Disk | a full disk, and one that became read-only, under the directory and bolt | 503, nothing lost or torn, it goes on when there is room, or opens what is there once the disk is repaired |
// | Crowd | 10,000 requests at once for one session that no cache has | one read of the store |
// | Sweep | a million sessions that end at one instant | steps so short that no request waits for long |
// | Soak | a million sessions begun, used and over | as many goroutines and as much memory as before |
//
// The 25 faults that session libraries have had are in bench/faults.
//
// # Rules
//
// Requests are real: net/http on both sides of a socket, and nothing of Satchel's is replaced but its clock where a day has to pass.
//
// Each program has two lengths. TestX is the short one, which CI runs, of some seconds at most. TestLongX is the long one, which
// ./test long and bench/attack/run do; it appends what it saw to results/attack-DATE.txt. Both are one function with other numbers.
//
// A figure is never what a test fails by, but where the claim is a bound: then the bound stands beside it. What is asked is asked of each
// answer: one lost change, one cleared cookie or one call too many of a million fails.
//
// A store is an [engine] here, which a server stands for; nodes are this program, started again.
package attack
