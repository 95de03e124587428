package cookie

import (
	"slices"
	"strings"
	"testing"
)

// The clause tests are named after the items of part E of the conformance checklist. Here are those on attributes and
// prefixes; beside them stand those on limits, on the grammar and on names that come twice.

// set is the line that c writes, or the end of the test.
func set(t testing.TB, c *Cookie, value string, maxAge int64) string {
	t.Helper()
	line, err := c.Set(value, maxAge)
	if err != nil {
		t.Fatal(err)
	}
	return line
}

// attributes are those of a line, without its pair.
func attributes(line string) []string { return strings.Split(line, "; ")[1:] }

// refused checks that c does not compile, and that the error says why.
func refused(t *testing.T, c Config, why string) {
	t.Helper()
	if made, err := c.Compile("cart"); err == nil {
		t.Errorf("%+v gave %v, want an error with %q", c, made, why)
	} else if !strings.Contains(err.Error(), why) {
		t.Errorf("%+v: error %q does not say %q", c, err, why)
	}
}

func TestItem36_SecureIsTheDefaultAndGoesWithEveryPrefix(t *testing.T) {
	c := compiled(t, Config{}, "cart")
	for _, line := range []string{set(t, c, "v", 60), c.Clear()} {
		if !slices.Contains(attributes(line), "Secure") {
			t.Errorf("no Secure in %q", line)
		}
	}
	for _, name := range []string{"__Secure-x", "__Host-x", "__Http-x", "__Host-Http-x", "__secure-x", "__HOST-x"} {
		refused(t, Config{Name: name, InsecureLoopback: true}, "needs Secure")
	}
	refused(t, Config{InsecureLoopback: true, Domain: "shop.example"}, "is not this machine")
	plain := compiled(t, Config{InsecureLoopback: true}, "cart")
	if line := set(t, plain, "v", 60); !strings.HasPrefix(line, "cart=v; ") || slices.Contains(attributes(line), "Secure") {
		t.Errorf("InsecureLoopback wrote %q", line)
	}
	if !c.Secure() || c.InsecureLoopback() || plain.Secure() || !plain.InsecureLoopback() {
		t.Error("the accessors say otherwise than the lines")
	}
}

func TestItem37_HostPrefixIsTheDefaultAndBindsPathAndDomain(t *testing.T) {
	c := compiled(t, Config{}, "cart")
	if line := set(t, c, "v", 60); !strings.HasPrefix(line, "__Host-cart=v; Path=/; ") || strings.Contains(line, "Domain") {
		t.Errorf("the default is %q", line)
	}
	for _, name := range []string{"", "__Host-cart", "__Host-Http-cart"} {
		refused(t, Config{Name: name, Path: "/shop"}, "needs Path=/")
		refused(t, Config{Name: name, Domain: "shop.example"}, "forbids a Domain")
	}
	refused(t, Config{Domain: "shop.example"}, "__Secure-cart") // says the way out
	for _, name := range []string{"__host-cart", "__HOST-cart", "__Host-http-cart", "__secure-cart", "__HTTP-cart"} {
		refused(t, Config{Name: name}, "in another case") // an older browser would enforce nothing
	}
	compiled(t, Config{Name: "__Secure-cart", Domain: "shop.example", Path: "/shop"}, "cart")
	compiled(t, Config{Name: "__Http-cart", Domain: "shop.example", Path: "/shop"}, "cart")
}

func TestItem38_HttpOnlyIsTheDefault(t *testing.T) {
	c := compiled(t, Config{}, "cart")
	for _, line := range []string{set(t, c, "v", 60), c.Clear()} {
		if !slices.Contains(attributes(line), "HttpOnly") {
			t.Errorf("no HttpOnly in %q", line)
		}
	}
	readable := compiled(t, Config{ScriptReadable: true}, "cart")
	if line := set(t, readable, "v", 60); strings.Contains(line, "HttpOnly") {
		t.Errorf("ScriptReadable wrote %q", line)
	}
	refused(t, Config{Name: "__Http-x", ScriptReadable: true}, "needs HttpOnly")
	refused(t, Config{Name: "__Host-Http-x", ScriptReadable: true}, "needs HttpOnly")
}

func TestItem39_SameSiteIsAlwaysWrittenAndNoneNeedsSecure(t *testing.T) {
	for mode, want := range []string{"SameSite=Lax", "SameSite=Strict", "SameSite=None"} {
		c := compiled(t, Config{SameSite: SameSite(mode)}, "cart")
		for _, line := range []string{set(t, c, "v", 60), c.Clear()} {
			if !slices.Contains(attributes(line), want) {
				t.Errorf("no %s in %q", want, line)
			}
		}
	}
	refused(t, Config{SameSite: None, InsecureLoopback: true}, "SameSite=None needs Secure")
	refused(t, Config{SameSite: None + 1}, "none of Lax, Strict, None")
}

func TestItem40_PartitionedNeedsSecure(t *testing.T) {
	c := compiled(t, Config{Partitioned: true, SameSite: None}, "cart")
	for _, line := range []string{set(t, c, "v", 60), c.Clear()} {
		if !slices.Contains(attributes(line), "Partitioned") {
			t.Errorf("no Partitioned in %q", line)
		}
	}
	refused(t, Config{Partitioned: true, InsecureLoopback: true}, "Partitioned needs Secure")
}
