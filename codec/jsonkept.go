package codec

import (
	"errors"
	"reflect"
	"time"
	"unicode/utf8"
)

var errOffset = errors.New("an instant has seconds in its offset from UTC")

// keptJSON returns what encoding/json would change of a value without a word, or nil.
func keptJSON(v reflect.Value) error {
	var c changes
	c.look(v)
	switch {
	case c.text:
		return errNotText
	case c.offset:
		return errOffset
	}
	return nil
}

// changes is what has been found.
type changes struct {
	text   bool // that is not UTF-8
	offset bool // from UTC, that RFC 3339 cannot spell
}

// look looks through a value, but for what its types write themselves.
func (c *changes) look(v reflect.Value) {
	if v.Type() == timeType {
		_, offset := v.Interface().(time.Time).Zone()
		c.offset = c.offset || offset%60 != 0
		return
	}
	if v.Kind() == reflect.Struct || v.Type().PkgPath() != "" {
		if writes, _ := jsonOwn(v.Type()); writes {
			return
		}
	}
	switch v.Kind() {
	case reflect.String:
		c.text = c.text || !utf8.ValidString(v.String())
	case reflect.Pointer:
		if !v.IsNil() {
			c.look(v.Elem())
		}
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return
		}
		for i := range v.Len() {
			c.look(v.Index(i))
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); { //walls:order one answer for all entries together
			c.look(it.Key())
			c.look(it.Value())
		}
	case reflect.Struct:
		for f := range v.Type().Fields() {
			if f.Tag.Get("json") != "-" && (f.IsExported() || f.Anonymous) {
				c.look(v.FieldByIndex(f.Index))
			}
		}
	}
}
