package adaptertest

import (
	"strings"
	"testing"
)

// TestReaderSays: what is wrong with a scenario is said by file and line.
func TestReaderSays(t *testing.T) {
	const begin = "title t\nkind cart\nann asks GET /\n"
	for text, want := range map[string]string{
		"":                               "x.txt: no title",
		"title t":                        "x.txt: no steps",
		"title t\n  answer 200":          "x.txt:2: an indented line belongs to a step",
		begin + "  handler gte cart":     `x.txt:4: a handler cannot "gte"; it can add, also-field, clear`,
		begin + "  handler get crat":     `x.txt:4: there is no kind "crat"`,
		begin + "  handler get":          "x.txt:4: of which kind?",
		begin + "  handler get cart tea": "x.txt:4: 1 words after the kind, want 0",
		begin + "  handler set cart a -> error boo":              `x.txt:4: no error is called "boo"; there are ambiguous, closed`,
		begin + "  handler say a -> b":                           "x.txt:4: nothing comes of say",
		begin + "  handler set cart a*b":                         "x.txt:4: not a number",
		begin + "  handler set cart *9":                          "x.txt:4: not a number",
		begin + "  handler store sideways":                       "x.txt:4: a store is up or down",
		begin + "  handler field x":                              "x.txt:4: a field is NAME: VALUE",
		begin + "  handler fail now":                             "x.txt:4: not a number",
		begin + "  handler stream on":                            "x.txt:4: nothing comes after it",
		begin + "  handler hint":                                 "x.txt:4: something is missing after it",
		begin + "  handler wait":                                 "x.txt: a request of ann is never continued",
		begin + "  handler wait\nann asks GET /":                 "x.txt:5: a request of ann is waiting; in another tab it would be ann/2",
		begin + "ann goes on":                                    "x.txt:4: no request of ann is waiting",
		begin + "  sends cart <first>":                           `x.txt:4: no token was called "first" before`,
		begin + "  sends cart":                                   "x.txt:4: which token?",
		begin + "  sends cart \"a":                               "x.txt:4: a quote that does not end",
		begin + "  answer fine":                                  "x.txt:4: an answer has a status, or is broken",
		begin + "  token cart lost":                              "x.txt:4: a token is sent, sent as a name, sent <NAME> again, or cleared",
		begin + "  token cart sent <first>":                      `x.txt:4: no token was called "first"`,
		"title t\nguard /mine cart\nann asks GET /":              "x.txt:2: a guard has a path such as /mine/, and a kind",
		"title t\nguard /mine/ cart barks\nann asks GET /":       "x.txt:2: a guard tells, or leads-to an address",
		"title t\nguard /mine/ card\nann asks GET /":             `x.txt: guard /mine/: there is no kind "card"`,
		begin + "  field Vary: <first>":                          `x.txt:4: no token was called "first"`,
		begin + "  store forget":                                 `x.txt:4: a store has no "forget"`,
		begin + "  wonder":                                       `x.txt:4: "wonder" is none of sends, handler, answer`,
		begin + "  answer 200 [http2]":                           "x.txt:4: [http2] is none of client, server, cookie, header",
		begin + "title again":                                    "x.txt:4: title stands before the first step",
		begin + "bob sleeps":                                     `x.txt:4: "bob" is no step`,
		begin + "bob asks get /":                                 "x.txt:4: a request is a METHOD in capitals and a path",
		begin + "pass soon":                                      "x.txt:4: time: invalid duration",
		begin + "records many":                                   "x.txt:4: not a number",
		begin + "pass 1h\n  handler say a":                       `x.txt:5: nothing but store can stand under "pass"`,
		begin + "  handler wait\nann goes on\n  sends cart a":    "x.txt:6: the request was sent before",
		begin + "  handler wait\nann goes on\n  handler say a":   "x.txt:6: what the handler does stands where it was asked",
		"title t\nkind\nann asks GET /":                          "x.txt:2: a kind has a name",
		"title t\nkind cart\nkind cart\nann asks GET /":          "x.txt:3: cart is placed twice",
		"title t\nkind cart somewhere\nann asks GET /":           `x.txt:2: "somewhere" is none of client`,
		"title t\nlives long\nann asks GET /":                    "x.txt:2: a lifetime is idle, absolute, touch, renew or grace",
		"title t\nlives idle long\nann asks GET /":               "x.txt:2: time: invalid duration",
		"title t\nfault x\nann asks GET /":                       "x.txt:2: not a number",
		"title t\ncookie flavour=oat\nann asks GET /":            `x.txt:2: a cookie has no "flavour=oat"`,
		"title t\ncookie none insecure-loopback\nann asks GET /": "x.txt:2: ",
	} {
		_, err := read("x.txt", text)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// TestReaderReads: comments, quotes and brackets, wherever they stand.
func TestReaderReads(t *testing.T) {
	s, err := read("x.txt", `# what it is about
title a title # and a word on it
fault 3 15
only [server]

ann asks POST /a?b=c
	# why
	sends cart "a b" c
	handler set cart tea*5 -> error conflict [header]
	answer 200 a text  [cookie]
`)
	if err != nil {
		t.Fatal(err)
	}
	step := s.steps[0]
	set := step.handler[0]
	if s.title != "a title" || len(s.faults) != 2 || s.only.has(way{"client", "cookie"}) || !s.only.has(way{"server", "header"}) ||
		step.path != "/a?b=c" || len(step.sends[0].args) != 3 || step.sends[0].args[1] != "a b" ||
		set.word != "set" || set.want != "error conflict" || set.only.has(way{"server", "cookie"}) || step.wants[0].rest != "200 a text" {
		t.Errorf("%+v", s)
	}
	if w, err := words(set.args[1:]); err != nil || w[0] != "teate" {
		t.Error(w, err)
	}
}
