// Package live holds a Ktor server whose sessions are made in every way that Ktor has, and the test that lets it and Satchel use
// one cookie jar and one directory in turn. Maven builds it; nothing of it is part of the module.
package live
