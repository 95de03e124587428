package codec

import (
	"fmt"
	"reflect"
	"strings"
	"time"
)

// shape is what a codec knows of a type before it sees a value.
type shape struct {
	name   string          // the type's
	text   bool            // holds strings
	opaque bool            // holds types that write themselves
	keeper int             // the index of the embedded Unknown, or -1
	known  map[string]bool // the encoded keys of the outermost struct, or nil where T is none
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
	refused func(reflect.Type) string                  // why a type cannot be used, or ""
	own     func(reflect.Type) (writes, reads bool)
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
	problems []string
}

// compile looks through T. Its shape is usable for names even if there is an error.
func compile[T any](d dialect) (*shape, error) {
	t := reflect.TypeFor[T]()
	w := &walker{dialect: d, shape: &shape{name: t.String(), keeper: -1}, around: map[reflect.Type]bool{}}
	if t.Kind() == reflect.Pointer && t.Elem().Kind() == reflect.Struct {
		t = t.Elem()
	}
	w.visit(t, w.shape.name, 0)
	if len(w.problems) > 0 {
		return w.shape, &failure{
			kind: ErrUnusable, codec: d.codec, typ: w.shape.name, reason: strings.Join(w.problems, "; "),
		}
	}
	return w.shape, nil
}

func (w *walker) problemf(path, format string, args ...any) {
	w.problems = append(w.problems, path+" "+fmt.Sprintf(format, args...))
}

// visit looks at the type that stands at path inside level arrays and maps.
func (w *walker) visit(t reflect.Type, path string, level int) {
	if t == timeType {
		w.shape.text = true
		return
	}
	if t == unknownType {
		w.problemf(path, "is a codec.Unknown that is not embedded in the outermost struct")
		return
	}
	if why := w.dialect.refused(t); why != "" {
		w.problemf(path, "%s", why)
		return
	}
	if w.around[t] {
		w.problemf(path, "is recursive: a value might have no end")
		return
	}
	w.around[t] = true
	defer delete(w.around, t)
	if t.Kind() != reflect.Interface && w.ownFormat(t, path) {
		return
	}
	w.visitKind(t, path, level)
}

// ownFormat handles types that write themselves.
func (w *walker) ownFormat(t reflect.Type, path string) bool {
	writes, reads := w.dialect.own(t)
	if !writes && !reads {
		return false
	}
	if writes != reads {
		w.problemf(path, "has only one half of its own encoding (%v)", t)
		return true
	}
	if t.Kind() == reflect.Struct {
		for f := range t.Fields() {
			if inner, _ := w.dialect.own(f.Type); f.Anonymous && (inner || f.Type == timeType) {
				w.problemf(path+"."+f.Name, "is embedded and would be written in place of the whole struct: give the field a name")
				return true
			}
		}
	}
	w.shape.opaque = true
	return true
}

func (w *walker) visitKind(t reflect.Type, path string, level int) {
	switch t.Kind() {
	case reflect.Bool, reflect.Float32, reflect.Float64,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
	case reflect.String:
		w.shape.text = true
	case reflect.Pointer:
		switch t.Elem().Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map:
			w.problemf(path, "is a pointer to what may be nil itself: both would be written as null")
		default:
			w.visit(t.Elem(), path, level)
		}
	case reflect.Slice, reflect.Array:
		if t.Elem().Kind() != reflect.Uint8 {
			w.inside(t.Elem(), path+"[]", level)
		}
	case reflect.Map:
		if !w.dialect.mapKey(t.Key()) {
			w.problemf(path, "has map keys of type %v", t.Key())
		}
		if writes, _ := w.dialect.own(t.Key()); writes {
			w.shape.opaque = true // two keys may write the same
		}
		w.shape.text = true
		w.inside(t.Elem(), path+"[]", level)
	case reflect.Struct:
		w.visitStruct(t, path, level)
	case reflect.Interface:
		w.problemf(path, "is an interface: its value would come back as another type")
	default:
		w.problemf(path, "is of kind %v", t.Kind())
	}
}

// inside visits what stands in a container.
func (w *walker) inside(t reflect.Type, path string, level int) {
	if level+1 > maxDepth {
		w.problemf(path, "stands in more than %d levels", maxDepth)
		return
	}
	w.visit(t, path, level+1)
}
