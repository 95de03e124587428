package cookie

import (
	"slices"
	"testing"
)

func TestItem44_NeverTwoLinesOfOneName(t *testing.T) {
	lines := []string{
		"x=1", "__Host-cart=a; Path=/", " __Host-cart = b", "__host-cart=other", "__Host-cart", "__Host-cart2=c", "y=__Host-cart=d",
		"__Host-cart=e",
	}
	before := slices.Clone(lines)
	got := Without(lines, "__Host-cart")
	want := []string{"x=1", "__host-cart=other", "__Host-cart", "__Host-cart2=c", "y=__Host-cart=d"}
	if !slices.Equal(got, want) {
		t.Errorf("left %q, want %q", got, want)
	}
	if got = append(got, "__Host-cart=ours"); !slices.Equal(lines, before) {
		t.Errorf("the lines given were written to: %q", lines)
	}
	if again := Without(got, "__Host-cart"); !slices.Equal(again, want) {
		t.Errorf("left %q, want %q", again, want)
	}
	if all := Without([]string{"a=1", "a=2"}, "a"); len(all) != 0 {
		t.Errorf("left %q", all)
	}
}

func TestItem46_SeveralFieldsAndTwoOfOneName(t *testing.T) {
	c := compiled(t, Config{}, "cart")
	for _, test := range []struct {
		fields        []string
		first, second string
		count         int
	}{
		{nil, "", "", 0},
		{[]string{""}, "", "", 0},
		{[]string{"a=1; b=2"}, "", "", 0},
		{[]string{"__Host-cart=A"}, "A", "", 1},
		{[]string{"a=1", "__Host-cart=A; b=2"}, "A", "", 1},
		{[]string{"__Host-cart=A; __Host-cart=B"}, "A", "B", 2},
		{[]string{"__Host-cart=A", "__Host-cart=B"}, "A", "B", 2},
		{[]string{"__Host-cart=A; __Host-cart=A"}, "A", "A", 2}, // equal or not, there are two
		{[]string{"__Host-cart=A; __Host-cart=B", "x=1; __Host-cart=C"}, "A", "B", 3},
		{[]string{"__Host-cart=; __Host-cart=B"}, "", "B", 2},
		{[]string{"__Host-cart=A;__Host-cart=B;"}, "A", "B", 2},
		{[]string{" \t__Host-cart \t=\t A \t;  "}, "A", "", 1}, // BWS and OWS
		{[]string{"__Host-cart=A=B=="}, "A=B==", "", 1},
		{[]string{"__Host-cart=a b"}, "a b", "", 1}, // no cookie-octets, yet a second cookie must not hide behind it
		{[]string{";;;=;= ;; __Host-cart=A;;"}, "A", "", 1},
	} {
		first, second, count := c.Find(test.fields)
		if first != test.first || second != test.second || count != test.count {
			t.Errorf("%q: %q, %q, %d; want %q, %q, %d", test.fields, first, second, count, test.first, test.second, test.count)
		}
	}
}

func TestItem47_NamesAreComparedOctetByOctet(t *testing.T) {
	c := compiled(t, Config{}, "cart")
	for _, pair := range []string{
		"__host-cart=x", "__HOST-CART=x", "__Host-Cart=x", // case
		"__Host-cart", "__Host-cart;=x", "=__Host-cart=x", // no name, or another
		"__Host-cart2=x", "__Host-car=x", "x__Host-cart=x", "_Host-cart=x",
		"\u2000__Host-cart=x", "__Host-cart\u2000=x", "\u00a0__Host-cart=x", "\u0085__Host-cart=x",
		"\ufeff__Host-cart=x",                    // Unicode whitespace
		"\xa0__Host-cart=x", "\x85__Host-cart=x", // the same in Latin-1
		"\v__Host-cart=x", "\f__Host-cart=x", "\r__Host-cart=x", "\n__Host-cart=x", "\x00__Host-cart=x",
		"__Host-cart\x00=x", "__Host-cart\v=x",
		"__Ho\u017ft-cart=x", "__Host\u2010cart=x", // folds to s; another hyphen
		"a=1, __Host-cart=x", "$Version=1, __Host-cart=x", // the comma of RFC 2965
		"%5F_Host-cart=x", `"__Host-cart"=x`, // no decoding, no quotes
	} {
		if first, _, count := c.Find([]string{pair}); count != 0 {
			t.Errorf("%q passed for our cookie, with %q", pair, first)
		}
	}
	// $Version opens no other syntax, so a quoted string does not swallow what follows.
	first, second, count := c.Find([]string{`$Version=1; a="1; __Host-cart=A; b=2"; $Path="/"; __Host-cart="B"`})
	if first != "A" || second != `"B"` || count != 2 {
		t.Errorf("read %q, %q, %d", first, second, count)
	}
}
