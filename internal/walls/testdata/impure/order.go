package impure

import (
	"maps"
	"reflect"
	"slices"
)

type set map[string]bool

func order(m set) (out []string) {
	for k := range m { // want "ranges over a map"
		out = append(out, k)
	}
	for k := range maps.Keys(m) { // want "maps.Keys gives the order of a map"
		out = append(out, k)
	}
	out = append(out, slices.Collect(maps.Keys(m))...) // want "maps.Keys gives the order of a map"
	for _, k := range reflect.ValueOf(m).MapKeys() {   // want "(reflect.Value).MapKeys gives the order of a map"
		out = append(out, k.String())
	}
	return out
}

func generic[M ~map[string]V, V any](m M) (out []string) {
	for k := range m { // want "ranges over a map"
		out = append(out, k)
	}
	return out
}
