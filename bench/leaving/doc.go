// Package leaving is the code of docs/leaving.md: how a program goes from scs or gorilla/sessions to Satchel with nobody logged out.
// It lives beside the bench, whose module has both.
package leaving
