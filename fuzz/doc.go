// Package fuzz holds the laws that go across rooms, as fuzz targets, and the table of all targets. It exports nothing and nobody
// imports it. It is a module of its own because it reads cookies with fasthttp as well.
//
// # Rules
//
// A target of one reader stands in that reader's room. Here is only what needs several: whole Sessions of every placement, the same
// visitor on two servers, every reader under one measure.
//
// A law says more than that nothing panics. What is accepted is what was made: it is spelled in one way, and nobody else's key, kind,
// purpose, audience or tenant opens it. What it costs to read is in proportion to what was sent.
//
// A reader of bytes that others wrote has a row in README.md. A test holds that table to the code, in both directions: to each
// function that has the name of a reader, and to each target.
//
// A law that no planted fault has broken proves nothing. The faults that tell most are in testdata/mutants of the repository.
package fuzz
