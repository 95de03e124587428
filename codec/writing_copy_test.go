package codec_test

import (
	"errors"
	"testing"

	"github.com/satchel-go/satchel/codec"
)

// A way back that changes what it is handed loses nothing in silence, and not the caller's value.
func TestStillWritingHandsDownACopy(t *testing.T) {
	type tagsOld struct{ Tags map[string]string }
	type tagsNew struct{ Tags map[string]string }
	old := codec.Version(1, codec.CBOR[tagsOld]())
	next := codec.Migrate(old, codec.CBOR[tagsNew](), func(o tagsOld) (tagsNew, error) { return tagsNew(o), nil })
	c := codec.StillWriting(old, next, func(n tagsNew) (tagsOld, error) {
		delete(n.Tags, "color")
		return tagsOld(n), nil
	})
	v := tagsNew{map[string]string{"color": "red", "size": "m"}}
	if _, err := c.Encode(v); !errors.Is(err, codec.ErrIncomplete) {
		t.Errorf("Encode: %v, want ErrIncomplete", err)
	}
	if len(v.Tags) != 2 {
		t.Errorf("the caller's value holds %v", v.Tags)
	}
	payload, err := next.Encode(v)
	if err != nil {
		t.Fatal(err)
	}
	if got, whole, err := codec.Read(c, payload); err != nil || whole || len(got.Tags) != 2 {
		t.Errorf("read %v, whole %v, %v", got.Tags, whole, err)
	}
}
