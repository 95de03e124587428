package cookie

import (
	"net/netip"
	"strings"
	"unicode"
)

// LoopbackHost reports whether a host, with or without a port, as in a Host header field, is this machine and nothing else:
// localhost or a name below it (RFC 6761, section 6.3), 127.0.0.0/8 or [::1]. An adapter asks it before it sends a cookie
// with InsecureLoopback, so that such a configuration fails on its first request to a real host.
func LoopbackHost(host string) bool {
	if inner, ok := strings.CutPrefix(host, "["); ok {
		inner, port, closed := strings.Cut(inner, "]")
		return closed && (port == "" || port[0] == ':' && digits(port[1:])) && strings.Contains(inner, ":") && loopbackAddr(inner)
	}
	name, port, ported := strings.Cut(host, ":")
	if ported && !digits(port) {
		return false // an IPv6 address without brackets too: a Host field cannot hold one
	}
	const local = "localhost"
	if cut := len(name) - len(local); cut >= 0 && strings.EqualFold(name[cut:], local) {
		return cut == 0 || name[cut-1] == '.' && hostName(name)
	}
	return loopbackAddr(name)
}

func loopbackAddr(s string) bool {
	addr, err := netip.ParseAddr(s)
	return err == nil && addr.Zone() == "" && addr.IsLoopback()
}

// digits reports whether s is a port as far as its spelling goes; RFC 3986, section 3.2.3, lets it be empty.
func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// hostName reports whether s is a host name: labels of letters, digits and inner hyphens, 63 octets each, 253 in all
// (RFC 1034, section 3.5, with RFC 1123, section 2.1).
func hostName(s string) bool {
	if len(s) > 253 {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for i := range len(label) {
			b := label[i] | 0x20
			if (b < 'a' || b > 'z') && (label[i] < '0' || label[i] > '9') && label[i] != '-' {
				return false
			}
		}
	}
	return true
}

// domain reports whether s is a host name whose last label has a letter, or an IPv4 address. A name whose last label is a
// number is taken for an address by every browser (WHATWG URL, "ends in a number"), no top-level domain is without a letter
// (RFC 3696, section 2), and net/http drops the attribute.
func domain(s string) bool {
	if !hostName(s) {
		return false
	}
	if strings.ContainsFunc(s[strings.LastIndexByte(s, '.')+1:], unicode.IsLetter) {
		return true
	}
	_, err := netip.ParseAddr(s)
	return err == nil
}
