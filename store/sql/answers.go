package sql

import (
	"errors"
	"slices"
	"strconv"
	"strings"
)

// answer is what an engine may say with an error, as far as a store acts on it.
type answer uint8

const (
	exists     answer = iota // a new row's key has one
	full                     // no disk
	rolledBack               // or not begun, because of another's; nothing was changed
	busy                     // another writes; nothing was changed
	lost                     // it says nothing: the connection broke, or the engine ended it
	made                     // the table is there, though it was to be made only if it was not
)

// says reports whether an error is that answer.
func (d Dialect) says(err error, a answer) bool {
	if err == nil {
		return false
	}
	switch d {
	case PostgreSQL:
		return postgresSays(err, a)
	case MySQL:
		return mysqlSays(err, a)
	case SQLite:
		return sqliteSays(err, a)
	}
	return false
}

// postgresSays goes by the codes of PostgreSQL's appendix A, which its drivers hand out by this method.
func postgresSays(err error, a answer) bool {
	var stated interface{ SQLState() string }
	if !errors.As(err, &stated) {
		return a == lost
	}
	code := stated.SQLState()
	switch a {
	case full:
		return code == "53100"
	case rolledBack:
		return code == "40001" || code == "40P01"
	case lost:
		return strings.HasPrefix(code, "57P") || strings.HasPrefix(code, "08")
	case made:
		return code == "23505" || code == "42P07" || code == "42710"
	}
	return false
}

// mysqlSays goes by the numbers with which go-sql-driver's errors begin.
func mysqlSays(err error, a answer) bool {
	n, ok := mysqlNumber(err)
	if !ok {
		return a == lost
	}
	switch a {
	case exists:
		return n == 1062
	case full:
		return n == 1021 || n == 1114
	case rolledBack: // a deadlock; a row that changed since the statement's view of it (MariaDB)
		return n == 1213 || n == 1020
	case lost: // a shutdown; a connection that was killed
		return slices.Contains([]int{1053, 1077, 1079, 1927, 3169}, n)
	}
	return false
}

func mysqlNumber(err error) (n int, ok bool) {
	for ; err != nil; err = errors.Unwrap(err) {
		if rest, is := strings.CutPrefix(err.Error(), "Error "); is {
			rest, _, _ = strings.Cut(rest, ":")
			rest, _, _ = strings.Cut(rest, " ")
			n, wrong := strconv.Atoi(rest)
			return n, wrong == nil
		}
	}
	return 0, false
}

// sqliteSays goes by the texts of SQLite itself, which drivers hand on with something before or after.
func sqliteSays(err error, a answer) bool {
	text := err.Error()
	switch a {
	case full:
		return strings.Contains(text, "database or disk is full")
	case rolledBack: // it says so too of a table that another connection has made, while it is too busy to look
		return strings.Contains(text, "no such table")
	case busy:
		return strings.Contains(text, "database is locked") || strings.Contains(text, "database table is locked") ||
			strings.Contains(text, "database schema is locked")
	}
	return false
}
