package codectest

import (
	"fmt"
	"reflect"
)

// secretNoise is a payload that no format of sense has and no error may quote.
const secretNoise = "quotemenot-quotemenot-quotemenot"

// spoiled returns payloads that something happened to: cut short, with bits turned, with bytes put in, taken out or put
// behind; and the noise itself.
func spoiled(payload string, noise []byte) []string {
	out := []string{"", string(noise), payload + string(noise), string(noise) + payload}
	for i, n := range noise {
		if len(payload) == 0 {
			break
		}
		at := (int(n)*31 + i*7) % len(payload)
		out = append(out,
			payload[:at],
			payload[:at]+string([]byte{payload[at] ^ 1<<(n%8)})+payload[at+1:],
			payload[:at]+string(noise[i:])+payload[at:],
			payload[:at]+payload[at+1:],
		)
	}
	return out
}

// safely turns a panic into an error.
func safely(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return f()
}

func equal[T any](a, b T) bool {
	if e, ok := any(a).(interface{ Equal(T) bool }); ok {
		return e.Equal(b)
	}
	return reflect.DeepEqual(a, b)
}

// scramble changes all memory that v, which is settable, reaches: elements of slices, pointees, entries of maps.
func scramble(v reflect.Value) {
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(v.Int() ^ 1)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(v.Uint() ^ 1)
	case reflect.Float32, reflect.Float64:
		v.SetFloat(v.Float() + 1)
	case reflect.String:
		v.SetString("scrambled")
	case reflect.Pointer:
		if !v.IsNil() {
			scramble(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Cap() { // also what lies behind the length
			scramble(v.Slice(0, v.Cap()).Index(i))
		}
	case reflect.Array:
		for i := range v.Len() {
			scramble(v.Index(i))
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			entry := reflect.New(v.Type().Elem()).Elem()
			entry.Set(v.MapIndex(key))
			scramble(entry)
			v.SetMapIndex(key, entry)
		}
	case reflect.Struct:
		for _, field := range v.Fields() {
			if field.CanSet() {
				scramble(field)
			}
		}
	}
}

// longTexts gathers the strings in v that are too long to stand in an error by chance.
func longTexts(v reflect.Value, into []string) []string {
	const long = 10
	switch v.Kind() {
	case reflect.String:
		if v.Len() >= long {
			into = append(into, v.String())
		}
	case reflect.Pointer:
		if !v.IsNil() {
			into = longTexts(v.Elem(), into)
		}
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			if v.Len() >= long && v.Kind() == reflect.Slice {
				into = append(into, string(v.Bytes()))
			}
			break
		}
		for i := range v.Len() {
			into = longTexts(v.Index(i), into)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			into = longTexts(v.MapIndex(key), longTexts(key, into))
		}
	case reflect.Struct:
		for _, field := range v.Fields() {
			into = longTexts(field, into)
		}
	}
	return into
}
