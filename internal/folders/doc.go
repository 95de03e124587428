// Package folders makes the names of files outlast a loss of power, and makes files that have their name only once they are whole.
//
// # Rules
//
// What a file holds is flushed before it has its name, and the folder that holds the name before anybody is told that the file is there: else
// a program would hand out what it has sealed by a key that is gone when the power is back.
//
// Where an operating system cannot flush a folder (Windows has no such call) that is left out.
package folders
