// Package servers starts real servers for tests, each for one test alone, and plays with them what befalls servers: they are killed,
// stopped, and come back.
//
// # Rules
//
// A server has its files and its socket in a folder of its own, listens on no port unless it is told to, and ends with its test, also
// when the test's process is killed. One whose program is not installed is asked for through package need.
//
// The scenarios know a store by its contract alone, so each engine is held to the same ones.
package servers
