package satchelfiber

import (
	"bytes"
	"slices"

	"github.com/valyala/fasthttp"
)

// ours returns the request's cookies that belong to our kinds, spelled as one Cookie field.
//
// It asks for pairs and not for the field, because fasthttp may have parsed that before (for fiber's flash cookie, or as
// soon as anybody asked for any cookie), and spells it anew from its pairs: then a cookie that has no name and the value
// "__Host-cart=…", which any sibling host can plant past the browser's rules for prefixes, looks like __Host-cart.
//
// But pairs are not quite what came: fasthttp takes quotes off a value, drops one with a quote or a backslash in it, and
// takes tabs for parts of words. A token has one spelling, so where that could matter, and nobody outside has changed our
// cookies, what came counts.
func (d *door) ours(header *fasthttp.RequestHeader) string {
	var space [256]byte
	found := space[:0]
	for name, value := range header.Cookies() {
		if slices.Contains(d.cookies, string(name)) {
			found = pair(found, name, value)
		}
	}
	if raw := header.RawHeaders(); bytes.ContainsAny(raw, "\"\\\t") {
		if came, parsed := d.came(raw); bytes.Equal(parsed, found) {
			found = came
		}
	}
	return string(found)
}

func pair(to, name, value []byte) []byte {
	to = append(append(to, name...), '=')
	return append(append(to, value...), ';')
}

// came returns our cookies as they stand in a request's header, and as fasthttp reads them.
func (d *door) came(raw []byte) (came, parsed []byte) {
	for line := range bytes.SplitSeq(raw, []byte("\n")) {
		name, cookies, ok := bytes.Cut(line, []byte(":"))
		if !ok || !bytes.EqualFold(name, []byte("cookie")) {
			continue
		}
		for part := range bytes.SplitSeq(bytes.Trim(cookies, " \t\r"), []byte(";")) {
			name, value, named := bytes.Cut(part, []byte("="))
			if !named {
				continue
			}
			if word := bytes.Trim(name, " \t"); slices.Contains(d.cookies, string(word)) {
				came = pair(came, word, bytes.Trim(value, " \t"))
			}
			name, value = bytes.Trim(name, " "), bytes.Trim(value, " ")
			if !slices.Contains(d.cookies, string(name)) {
				continue
			}
			if n := len(value); n > 1 && value[0] == '"' && value[n-1] == '"' {
				value = value[1 : n-1]
			}
			if !bytes.ContainsAny(value, "\"\\") {
				parsed = pair(parsed, name, value)
			}
		}
	}
	return came, parsed
}
