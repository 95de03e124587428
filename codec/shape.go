package codec

import (
	"fmt"
	"reflect"
	"strings"
	"time"
)

// shape is what a codec knows of a type before it sees a value.
type shape struct {
	name    string           // the type's
	root    *node            // what payloads of the type look like
	text    bool             // holds strings
	instant bool             // holds instants
	opaque  bool             // holds types that write themselves
	keeper  int              // the index of the embedded Unknown, or -1
	known   map[string]*node // the outermost struct's fields by their encoded keys, or nil where T is none
}

// keeps reports whether the type has an Unknown.
func (s *shape) keeps() bool { return s.keeper >= 0 }

// unknownOf returns the Unknown inside v, which is addressable, or nil.
func (s *shape) unknownOf(v reflect.Value) *Unknown {
	if !s.keeps() {
		return nil
	}
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return nil
		}
		v = v.Elem()
	}
	return v.Field(s.keeper).Addr().Interface().(*Unknown)
}

// dialect is how a format looks at Go types.
type dialect struct {
	codec   string
	tag     func(reflect.StructTag) string             // the text of the tag that the format reads
	key     func(name, options string) ([]byte, error) // a field's key as it stands in a payload
	nameOK  func(name string) bool                     // whether the format takes such a name from a tag
	quotes  func(t reflect.Type, options string) bool  // whether a field's value is written as text because of its options
	refused func(reflect.Type) string                  // why a type cannot be used, or ""
	own     func(reflect.Type) (writes, reads bool)
	byValue func(reflect.Type) bool // whether a type that writes itself does so where it has no address
	binary  func(reflect.Type) bool // whether a type that writes itself does so as bytes
	nulls   func(reflect.Type) bool // whether a type that writes itself may write null
	bytes   func(reflect.Type) bool // whether a slice or an array is written as bytes
	mapKey  func(reflect.Type) bool
}

var (
	timeType    = reflect.TypeFor[time.Time]()
	unknownType = reflect.TypeFor[Unknown]()
)

// walker looks through a type once, from the outside in, and gathers what is wrong with it.
type walker struct {
	dialect  dialect
	shape    *shape
	around   map[reflect.Type]bool // the types that the present one stands in
	inMap    bool                  // the present one stands in a map, and has no address
	problems []string
}

// compile looks through T. Its shape is usable for names even if there is an error.
func compile[T any](d dialect) (*shape, error) {
	t := reflect.TypeFor[T]()
	w := &walker{dialect: d, shape: &shape{name: t.String(), keeper: -1}, around: map[reflect.Type]bool{}}
	pointer := t.Kind() == reflect.Pointer && t.Elem().Kind() == reflect.Struct
	if pointer {
		t = t.Elem()
	}
	w.shape.root = w.visit(t, w.shape.name, 0)
	w.shape.root.null = w.shape.root.null || pointer
	if len(w.problems) > 0 {
		return w.shape, &failure{
			kind: ErrUnusable, codec: d.codec, typ: w.shape.name, reason: strings.Join(w.problems, "; "),
		}
	}
	return w.shape, nil
}

// problemf notes what is wrong. The node that it returns is never used.
func (w *walker) problemf(path, format string, args ...any) *node {
	w.problems = append(w.problems, path+" "+fmt.Sprintf(format, args...))
	return &node{}
}

// visit looks at the type that stands at path inside level arrays and maps.
func (w *walker) visit(t reflect.Type, path string, level int) *node {
	if t == timeType {
		w.shape.text, w.shape.instant = true, true
		return &node{sort: sortInstant, null: w.dialect.nulls(t)}
	}
	if t == unknownType {
		return w.problemf(path, "is a codec.Unknown that is not embedded in the outermost struct")
	}
	if why := w.dialect.refused(t); why != "" {
		return w.problemf(path, "%s", why)
	}
	if w.around[t] {
		return w.problemf(path, "is recursive: a value might have no end")
	}
	w.around[t] = true
	defer delete(w.around, t)
	if t.Kind() != reflect.Interface {
		if writes, reads := w.dialect.own(t); writes || reads {
			return w.ownFormat(t, path, writes && reads)
		}
	}
	return w.visitKind(t, path, level)
}

// ownFormat handles types that write themselves.
func (w *walker) ownFormat(t reflect.Type, path string, both bool) *node {
	if !both {
		return w.problemf(path, "has only one half of its own encoding (%v)", t)
	}
	if t.Kind() == reflect.Struct {
		for f := range t.Fields() {
			if inner, _ := w.dialect.own(f.Type); f.Anonymous && (inner || f.Type == timeType) {
				return w.problemf(path+"."+f.Name, "is embedded and would be written in place of the whole struct: give the field a name")
			}
		}
	}
	if w.inMap && !w.dialect.byValue(t) {
		return w.problemf(path, "writes itself by its pointer alone (%v), and has none inside of a map: use pointers in the map", t)
	}
	w.shape.opaque = true
	n := &node{sort: sortOpaque, null: w.dialect.nulls(t), own: t}
	if w.dialect.binary(t) {
		n.sort = sortBinary
	}
	return n
}

func (w *walker) visitKind(t reflect.Type, path string, level int) *node {
	switch t.Kind() {
	case reflect.Bool:
		return &node{sort: sortBool}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return &node{sort: sortInteger}
	case reflect.Float32, reflect.Float64:
		return &node{sort: sortFloat, size: t.Bits()}
	case reflect.String:
		w.shape.text = true
		return &node{sort: sortText}
	case reflect.Pointer:
		switch t.Elem().Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map:
			return w.problemf(path, "is a pointer to what may be nil itself: both would be written as null")
		default:
			defer w.standing(false)()
			n := w.visit(t.Elem(), path, level)
			n.null = true
			return n
		}
	case reflect.Slice, reflect.Array:
		return w.visitElements(t, path, level)
	case reflect.Map:
		return w.visitMap(t, path, level)
	case reflect.Struct:
		return w.visitStruct(t, path, level)
	case reflect.Interface:
		return w.problemf(path, "is an interface: its value would come back as another type")
	default:
		return w.problemf(path, "is of kind %v", t.Kind())
	}
}

func (w *walker) visitElements(t reflect.Type, path string, level int) *node {
	n := &node{sort: sortList, size: -1, null: t.Kind() == reflect.Slice}
	if t.Kind() == reflect.Array {
		n.size = t.Len()
	}
	if w.dialect.bytes(t) {
		n.sort = sortBytes
		return n
	}
	if t.Kind() == reflect.Slice {
		defer w.standing(false)()
	}
	n.elem = w.inside(t.Elem(), path+"[]", level)
	return n
}

// standing says whether what is visited next has no address, until the function is called.
func (w *walker) standing(inMap bool) (back func()) {
	was := w.inMap
	w.inMap = inMap
	return func() { w.inMap = was }
}

func (w *walker) visitMap(t reflect.Type, path string, level int) *node {
	n := &node{sort: sortTable, null: true, key: &node{sort: sortOpaque, own: t.Key()}}
	writes, _ := w.dialect.own(t.Key())
	switch {
	case !w.dialect.mapKey(t.Key()):
		w.problemf(path, "has map keys of type %v", t.Key())
	case writes:
		w.shape.opaque = true // two keys may write the same
		w.shape.instant = w.shape.instant || t.Key() == timeType
	default:
		n.key = w.visit(t.Key(), path, level)
	}
	w.shape.text = true
	defer w.standing(true)()
	n.elem = w.inside(t.Elem(), path+"[]", level)
	return n
}

// inside visits what stands in a container.
func (w *walker) inside(t reflect.Type, path string, level int) *node {
	if level+1 > maxDepth {
		return w.problemf(path, "stands in more than %d levels", maxDepth)
	}
	return w.visit(t, path, level+1)
}
