package codec_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"pgregory.net/rapid"

	"github.com/satchel-go/satchel/codec"
)

// wide has every sort of field, in all that can hold one.
type wide struct {
	wideInside
	Deep  map[string][]*wideInside
	Pairs [2]map[int16]wideInside
	Row   struct {
		_ struct{} `cbor:",toarray"`
		A float32
		B []wideInside
	}
}

type wideInside struct {
	Bool   bool
	Int    int16
	Uint   uint64
	Short  float32
	Long   float64
	Text   string `json:",omitempty"`
	Bytes  []byte
	Sum    [2]byte
	Pair   [2]int8
	At     time.Time
	Ptr    *float32
	List   []float32
	Table  map[int8]string
	Quoted int `json:",string"`
}

// What decodes whole is written so that a reader that knows no type finds all that was there: a payload that any program
// wrote loses nothing in a read and a write. The payloads are those of values, with something else put at some places.
func TestWholeLosesNothing(t *testing.T) {
	t.Run("json", func(t *testing.T) {
		losesNothing(t, codec.JSON[wide](), jsonTree, func(tree any) (string, error) {
			payload, err := json.Marshal(named(tree))
			return string(payload), err
		})
	})
	t.Run("cbor", func(t *testing.T) {
		losesNothing(t, codec.CBOR[wide](), cborTree, func(tree any) (string, error) {
			payload, err := cbor.Marshal(tree)
			return string(payload), err
		})
	})
}

func losesNothing(t *testing.T, c codec.Codec[wide], read func(string) (any, error), write func(any) (string, error)) {
	seen := map[wholeness]int{}
	rapid.Check(t, func(t *rapid.T) {
		payload, err := c.Encode(anyWide(t))
		if err != nil {
			t.Fatal(err)
		}
		before, err := read(payload)
		if err != nil {
			t.Fatal(err)
		}
		for range rapid.IntRange(0, 3).Draw(t, "changes") {
			before = changed(t, before)
		}
		if payload, err = write(before); err != nil {
			t.Skip(err)
		}
		if before, err = read(payload); err != nil {
			t.Skip(err)
		}
		v, whole, err := codec.Read(c, payload)
		switch {
		case err != nil:
			seen[refused]++
			return
		case !whole:
			seen[part]++
			return
		}
		seen[all]++
		again, err := c.Encode(v)
		if err != nil {
			t.Fatalf("%q is whole, and cannot be written: %v", payload, err)
		}
		after, err := read(again)
		if err != nil {
			t.Fatal(err)
		}
		if lost := missing(before, after); lost != "" {
			t.Fatalf("%q is whole, and written as %q, which lacks %s", payload, again, lost)
		}
	})
	for _, w := range []wholeness{all, part, refused} {
		if seen[w] < 3 {
			t.Errorf("%d payloads are %s", seen[w], w)
		}
	}
}

func anyWide(t *rapid.T) (w wide) {
	w.wideInside = anyInside(t)
	if rapid.Bool().Draw(t, "deep") {
		w.Deep = map[string][]*wideInside{"a": {nil, new(anyInside(t))}}
	}
	if rapid.Bool().Draw(t, "pairs") {
		w.Pairs[1] = map[int16]wideInside{7: anyInside(t)}
	}
	if rapid.Bool().Draw(t, "row") {
		w.Row.A, w.Row.B = 0.5, []wideInside{anyInside(t)}
	}
	return w
}

func anyInside(t *rapid.T) wideInside {
	return wideInside{
		Bool: rapid.Bool().Draw(t, "bool"), Int: rapid.Int16().Draw(t, "int"), Uint: rapid.Uint64().Draw(t, "uint"),
		Short: rapid.Float32().Draw(t, "short"), Long: rapid.Float64().Draw(t, "long"), Text: rapid.String().Draw(t, "text"),
		Bytes: rapid.SliceOfN(rapid.Byte(), -1, 4).Draw(t, "bytes"), At: anyTime(t), Quoted: rapid.Int().Draw(t, "quoted"),
		Ptr: rapid.Ptr(rapid.Float32(), true).Draw(t, "ptr"), List: rapid.SliceOfN(rapid.Float32(), -1, 2).Draw(t, "list"),
		Table: rapid.MapOfN(rapid.Int8(), rapid.String(), -1, 2).Draw(t, "table"),
	}
}

// edges are what types stumble over.
var edges = []any{
	nil, true, false, "", "x", "aGl=", "aGk=", "null", "7", "007", "2026-01-02T03:04:05.1234567891Z", "2026-01-02T03:04:05+01:00",
	0, -1, 127, 128, 1 << 24, 1<<24 + 1, 1 << 53, 1<<53 + 1, uint64(1)<<63 + 1, 0.5, 0.1, 1e-45, 1e300, -1e39,
	json.Number("0.1000000000000000055511151231257827"), json.Number("1e-400"), json.Number("123456789012345678901234567890"),
	[]any{},
	[]any{1, 2},
	[]any{1, 2, 3},
	[]any{0.1},
	map[any]any{},
	map[any]any{"new": 1},
	[]byte("ab"), []byte("abc"),
	cbor.SimpleValue(5), float32(0.1),
}

// changed returns a tree with something else at one place of it.
func changed(t *rapid.T, tree any) any {
	if rapid.IntRange(0, 3).Draw(t, "depth") == 0 {
		return edge(t)
	}
	switch tree := tree.(type) {
	case []any:
		if len(tree) == 0 {
			break
		}
		tree = slices.Clone(tree)
		i := rapid.IntRange(0, len(tree)).Draw(t, "element")
		if i == len(tree) {
			return append(tree, edge(t))
		}
		tree[i] = changed(t, tree[i])
		return tree
	case map[any]any:
		if len(tree) == 0 {
			break
		}
		tree = maps.Clone(tree)
		keys := slices.SortedFunc(maps.Keys(tree), func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		key := rapid.SampledFrom(keys).Draw(t, "key")
		switch name, named := key.(string); rapid.IntRange(0, 4).Draw(t, "how") {
		case 0:
			tree[rapid.SampledFrom([]any{"x", "7", "007", "-0", 7, 300, 0.5, nil, true}).Draw(t, "name")] = tree[key]
		case 1:
			if named {
				tree[strings.ToUpper(name)] = tree[key]
			}
		default:
			tree[key] = changed(t, tree[key])
		}
		return tree
	}
	return edge(t)
}

func edge(t *rapid.T) any { return rapid.SampledFrom(edges).Draw(t, "edge") }

// missing says what of a tree another lacks, or "". Two numbers that are equal are the same, and two texts of one instant.
// What may be left out because it is empty is not missing, and where an array has elements too many they are empty.
func missing(a, b any) string {
	lost := fmt.Sprintf("%#v, having %#v", a, b)
	if x, y := number(a), number(b); x != nil || y != nil {
		if x != nil && y != nil && x.Cmp(y) == 0 {
			return ""
		}
		return lost
	}
	switch a := a.(type) {
	case string:
		b, ok := b.(string)
		x, err := time.Parse(time.RFC3339, a)
		y, err2 := time.Parse(time.RFC3339, b)
		if ok && (a == b || err == nil && err2 == nil && x.Equal(y)) {
			return ""
		}
	case []byte:
		if b, ok := b.([]byte); ok && bytes.HasPrefix(b, a) && len(bytes.Trim(b[len(a):], "\x00")) == 0 {
			return ""
		}
	case []any:
		if b, ok := b.([]any); ok && len(a) <= len(b) {
			return missingElements(a, b)
		}
	case map[any]any:
		if b, ok := b.(map[any]any); ok {
			for key, v := range a {
				if w, there := b[key]; there && missing(v, w) != "" || !there && !empty(v) {
					return fmt.Sprint(key, ": ", missing(v, w))
				}
			}
			return ""
		}
	default:
		if a == b {
			return ""
		}
	}
	return lost
}

func missingElements(a, b []any) string {
	for i, v := range b {
		if i >= len(a) && !empty(v) {
			return fmt.Sprintf("an end: there is %#v", v)
		}
		if i < len(a) && missing(a[i], v) != "" {
			return missing(a[i], v)
		}
	}
	return ""
}

func empty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == "" || strings.HasPrefix(v, "0001-01-01")
	case bool:
		return !v
	case []byte:
		return len(v) == 0
	case []any:
		return !slices.ContainsFunc(v, func(v any) bool { return !empty(v) })
	case map[any]any:
		for _, v := range v {
			if !empty(v) {
				return false
			}
		}
		return true
	}
	n := number(v)
	return n != nil && n.Sign() == 0
}

func number(v any) *big.Rat {
	switch v := v.(type) {
	case json.Number:
		r, _ := new(big.Rat).SetString(v.String())
		return r
	case int, int64, uint64, float32, float64:
		r, _ := new(big.Rat).SetString(fmt.Sprint(v))
		if f, ok := v.(float32); ok {
			r = new(big.Rat).SetFloat64(float64(f))
		}
		if f, ok := v.(float64); ok {
			r = new(big.Rat).SetFloat64(f)
		}
		return r
	}
	return nil
}

func cborTree(payload string) (tree any, err error) {
	err = cbor.Unmarshal([]byte(payload), &tree)
	return tree, err
}

func jsonTree(payload string) (tree any, err error) {
	dec := json.NewDecoder(strings.NewReader(payload))
	dec.UseNumber()
	err = dec.Decode(&tree)
	return untyped(tree), err
}

// named is the way back of untyped.
func named(tree any) any {
	switch tree := tree.(type) {
	case []any:
		list := []any{}
		for _, v := range tree {
			list = append(list, named(v))
		}
		return list
	case map[any]any:
		m := map[string]any{}
		for k, v := range tree {
			m[fmt.Sprint(k)] = named(v)
		}
		return m
	}
	return tree
}

// untyped gives JSON's objects the type that CBOR's maps have.
func untyped(tree any) any {
	switch tree := tree.(type) {
	case []any:
		for i, v := range tree {
			tree[i] = untyped(v)
		}
	case map[string]any:
		m := map[any]any{}
		for k, v := range tree {
			m[k] = untyped(v)
		}
		return m
	}
	return tree
}
