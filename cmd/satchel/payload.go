package main

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/fxamacker/cbor/v2"
)

// asJSON spells a payload as JSON, and says in what it was spelled: JSON, CBOR, either behind a version's number, or bytes, which
// are given as base64.
func asJSON(payload string) (value json.RawMessage, spelling string) {
	if value, spelling, ok := decoded(payload); ok {
		return value, spelling
	}
	if version, rest, ok := cutVersion(payload); ok {
		if value, spelling, ok := decoded(rest); ok {
			return value, fmt.Sprintf("%s, version %d", spelling, version)
		}
	}
	value, err := json.Marshal([]byte(payload))
	if err != nil {
		return nil, "bytes"
	}
	return value, "bytes, as base64"
}

func decoded(payload string) (value json.RawMessage, spelling string, ok bool) {
	if json.Valid([]byte(payload)) {
		return json.RawMessage(payload), "JSON", true
	}
	mode, err := cbor.DecOptions{
		DupMapKey: cbor.DupMapKeyEnforcedAPF, MaxNestedLevels: 32, MaxArrayElements: 1 << 17, MaxMapPairs: 1 << 17,
		IndefLength: cbor.IndefLengthForbidden, TagsMd: cbor.TagsForbidden,
	}.DecMode()
	if err != nil {
		return nil, "", false
	}
	var v any
	if err := mode.Unmarshal([]byte(payload), &v); err != nil {
		return nil, "", false
	}
	value, err = json.Marshal(named(v))
	return value, "CBOR", err == nil
}

// named gives maps the keys that JSON can spell. Two keys of one spelling keep apart by their types.
func named(v any) any {
	switch v := v.(type) {
	case map[any]any:
		m := make(map[string]any, len(v))
		for key, value := range v {
			name := fmt.Sprint(key)
			if _, taken := v[name]; taken {
				if _, isText := key.(string); !isText {
					name = fmt.Sprintf("%s (%T)", name, key)
				}
			}
			m[name] = named(value)
		}
		return m
	case []any:
		for i := range v {
			v[i] = named(v[i])
		}
	}
	return v
}

// cutVersion takes off what codec.Version puts before a payload.
func cutVersion(payload string) (version int, rest string, ok bool) {
	head, rest, ok := strings.Cut(payload, ":")
	digits, isVersion := strings.CutPrefix(head, "v")
	version, err := strconv.Atoi(digits)
	return version, rest, ok && isVersion && err == nil && version > 0 && strconv.Itoa(version) == digits
}
