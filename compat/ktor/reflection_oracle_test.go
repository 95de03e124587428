package ktor_test

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/satchel-go/satchel/codec"
	"github.com/satchel-go/satchel/compat/ktor"
)

// lookalike reads a reflection text as Ktor does before it knows of types, with the decoders of net/url instead of ours:
// properties by name, values as plain Go ones, an object as a map.
func lookalike(text string) (map[string]any, error) {
	object := map[string]any{}
	for one := range strings.SplitSeq(text, "&") {
		if one == "" {
			continue
		}
		rawName, rawValue, _ := strings.Cut(one, "=")
		name, err := url.PathUnescape(rawName)
		if err != nil {
			return nil, err
		}
		value, err := url.QueryUnescape(rawValue)
		if err != nil {
			return nil, err
		}
		if name == "$type" {
			object[name] = value
		} else if object[name], err = lookalikeValue(value); err != nil {
			return nil, err
		}
	}
	return object, nil
}

func lookalikeValue(s string) (any, error) {
	has := func(prefix string) bool { return strings.HasPrefix(s, prefix) }
	switch {
	case s == "#n":
		return nil, nil //nolint:nilnil // it is what null is
	case has("##"):
		return lookalike(s[2:])
	case has("#i"), has("#l"):
		return strconv.ParseInt(s[2:], 10, 64)
	case has("#f"):
		return strconv.ParseFloat(s[2:], 64)
	case has("#bo"), has("#ch"), has("#bd"), has("#bi"), has("#om"):
		return s[1:], nil
	case has("#op"):
		v, err := lookalikeValue(s[3:])
		return []any{v}, err
	case has("#s"):
		return s[2:], nil
	case has("#m"):
		return lookalikeItems(s[2:], true)
	case has("#cl"), has("#cs"):
		return lookalikeItems(s[3:], false)
	}
	return nil, errors.New("bad serialized value")
}

// lookalikeItems reads a collection; the pairs of a map are lists of two.
func lookalikeItems(s string, isMap bool) (any, error) {
	list, err := url.PathUnescape(s)
	items := []any{}
	for raw := range strings.SplitSeq(list, "&") {
		if raw == "" || err != nil {
			continue
		}
		var parts []any
		for _, part := range strings.SplitN(raw, "=", 2) {
			if !isMap {
				part = raw
			}
			text, err2 := url.PathUnescape(part)
			v, err3 := lookalikeValue(text)
			err = errors.Join(err, err2, err3)
			parts = append(parts, v)
		}
		if isMap {
			items = append(items, any(parts))
		} else {
			items = append(items, parts[0])
		}
	}
	return items, err
}

// asKotlin is what lookalike has to find for e. The sets and maps that Go orders are put in here by their size.
func asKotlin(e everything) map[string]any {
	strs := func(in []string) []any {
		out := []any{}
		for _, s := range in {
			out = append(out, s)
		}
		return out
	}
	ofPart := func(p part) map[string]any { return map[string]any{"i": int64(p.I), "s": p.S} }
	m := map[string]any{
		"long": e.Long, "int": int64(e.Int), "wide": int64(e.Wide), "yes": "bo" + strconv.FormatBool(e.Yes)[:1],
		"char": "ch" + string(e.Char), "Text": e.Text, "float": e.Float, "double": e.Double, "bd": "bd" + e.BD.String(),
		"bi": "bi" + (&e.BI).String(), "id": hex.EncodeToString(e.ID[:]), "list": strs(e.List), "bag": len(e.Bag), "map": len(e.Map),
		"part": ofPart(e.Part), "maybe": nil, "enum": string(e.Enum), "enums": len(e.Enums), "holes": nil, "sea": nil, "opt": "om",
	}
	set, lists, chars := []any{}, []any{}, []any{}
	for _, i := range e.Set {
		set = append(set, int64(i))
	}
	for _, l := range e.Lists {
		lists = append(lists, any(strs(l)))
	}
	for _, r := range e.Chars {
		chars = append(chars, "ch"+string(r))
	}
	m["set"], m["lists"], m["chars"] = set, lists, chars
	if e.Maybe != nil {
		m["maybe"] = ofPart(*e.Maybe)
	}
	if e.Holes != nil {
		m["holes"] = []any{nil, *e.Holes[1]}
	}
	if s, ok := e.Opt.Get(); ok {
		m["opt"] = []any{s}
	}
	switch s := e.Sea.(type) {
	case ss:
		m["sea"] = map[string]any{"e": int64(s.E), "$type": "SS"}
	case object:
		m["sea"] = map[string]any{"$type": "O"}
	}
	return m
}

// levelled brings what lookalike found to the form of asKotlin.
func levelled(m map[string]any) map[string]any {
	for _, name := range []string{"bag", "map", "enums"} {
		m[name] = len(m[name].([]any))
	}
	m["float"] = float32(m["float"].(float64))
	m["id"] = strings.ReplaceAll(m["id"].(string), "-", "")
	return m
}

// What is written, a reader that knows nothing of ours finds in the text: as Ktor writes it where that is not refused, and
// always in the corrected form.
func TestReflectionIsReadByALookalike(t *testing.T) {
	plainly, safely := ktor.Reflection[everything](ofEverything...), ktor.Reflection[everything](corrected...)
	refused := 0
	rapid.Check(t, func(t *rapid.T) {
		e := anyEverything(anyText, 3).Draw(t, "value")
		for _, c := range []codec.Codec[everything]{plainly, safely} {
			text, err := c.Encode(e)
			if errors.Is(err, codec.ErrUnencodable) && c == plainly {
				refused++
				continue
			}
			found, err2 := lookalike(text)
			if err := errors.Join(err, err2); err != nil {
				t.Fatalf("%q: %v", text, err)
			}
			if got, want := levelled(found), asKotlin(e); !reflect.DeepEqual(got, want) {
				t.Fatalf("%q\nholds %s\n  not %s", text, fmt.Sprint(got), fmt.Sprint(want))
			}
		}
	})
	if refused == 0 {
		t.Error("nothing was refused")
	}
	// Without "&", and with at most one element in inner lists, there is nothing to refuse, and both forms are one.
	rapid.Check(t, func(t *rapid.T) {
		e := anyEverything(safeText, 1).Draw(t, "value")
		a, err := plainly.Encode(e)
		b, err2 := safely.Encode(e)
		if err != nil || err2 != nil || a != b {
			t.Fatalf("%q, %v; corrected %q, %v", a, err, b, err2)
		}
	})
}
