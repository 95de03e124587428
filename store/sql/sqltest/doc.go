// Package sqltest holds package store/sql to its rules over real engines, which its tests start. It is a module of its own, so that no
// user of store/sql gets their drivers.
package sqltest
