package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/satchel-go/satchel/core"
)

// field is one line of an answer: a name and a value that JSON can spell.
type field struct {
	name  string
	value any
}

// show prints fields as lines, or as one JSON object in their order.
func (t *tool) show(asJSON bool, fields []field) error {
	if !asJSON {
		for _, f := range fields {
			fmt.Fprintf(t.out, "%-14s %s\n", f.name, text(f.value))
		}
		return nil
	}
	line := []byte{'{'}
	for i, f := range fields {
		if i > 0 {
			line = append(line, ',')
		}
		name, err := json.Marshal(strings.ReplaceAll(f.name, " ", "_"))
		if err != nil {
			return err
		}
		value, err := json.Marshal(f.value)
		if err != nil {
			return err
		}
		line = append(append(append(line, name...), ':'), value...)
	}
	_, err := t.out.Write(append(line, '}', '\n'))
	return err
}

func text(v any) string {
	switch v := v.(type) {
	case json.RawMessage:
		return string(v)
	case string:
		return v
	}
	return fmt.Sprint(v)
}

// instant spells Unix milliseconds as RFC 3339 in UTC; core.MaxInstant is never.
type instant int64

func (i instant) String() string {
	switch {
	case i == 0:
		return "-"
	case i >= core.MaxInstant:
		return "never"
	}
	return time.UnixMilli(int64(i)).UTC().Format("2006-01-02T15:04:05.000Z")
}

// MarshalText spells it so in JSON as well.
func (i instant) MarshalText() ([]byte, error) { //nolint:unparam // encoding.TextMarshaler has it so
	return []byte(i.String()), nil
}
