// Package e2e drives the programs of examples/ in a real browser: Chromium, without a window. It is a module of its own,
// so that nobody who uses Satchel downloads a browser's protocol.
//
// Run it with go test -count=1 ./...: the tests build the programs, and Go's cache of test results knows nothing of their
// sources.
//
// Set SATCHEL_SHOTS to a folder to have a picture of each page there, at the size of a desk and of a small phone.
package e2e
