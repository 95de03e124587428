// Package frameworks shows and tests the middleware of net/http beneath what others build on that: gin and echo, and the
// WebSockets of gorilla and coder. It is a module of its own, so that nobody who uses Satchel downloads them.
package frameworks
