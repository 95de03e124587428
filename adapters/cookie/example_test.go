package cookie_test

import (
	"errors"
	"fmt"
	"strings"

	"github.com/satchel-go/satchel/adapters/cookie"
)

// The zero Config is the safe one.
func ExampleConfig_Compile() {
	c, err := cookie.Config{}.Compile("cart")
	fmt.Println(c, err)

	weak := cookie.Config{Domain: "shop.example", SameSite: cookie.None, InsecureLoopback: true, Name: "__Host-cart"}
	_, err = weak.Compile("cart")
	fmt.Println(err)
	// Output:
	// __Host-cart; Path=/; Secure; HttpOnly; SameSite=Lax <nil>
	// cookie: prefix __Host- needs Secure, which InsecureLoopback leaves out
	// cookie: prefix __Host- forbids a Domain
	// cookie: SameSite=None needs Secure, which InsecureLoopback leaves out
	// cookie: Domain "shop.example" is not this machine, which InsecureLoopback is for
}

func ExampleCookie_Set() {
	c, err := cookie.Config{}.Compile("cart")
	if err != nil {
		panic(err)
	}
	const now = 1_750_000_000_000 // Unix milliseconds
	fmt.Println(c.Set("dG9rZW4", cookie.MaxAge(now+30*60*1000, now)))

	_, err = c.Set(strings.Repeat("x", 5000), 60)
	fmt.Println(err)
	if tooLong, ok := errors.AsType[*cookie.SizeError](err); ok {
		fmt.Println(tooLong.Size, tooLong.Limit, tooLong.Limit == c.MaxValue())
	}
	// Output:
	// __Host-cart=dG9rZW4; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=1800 <nil>
	// cookie: __Host-cart: a value of 5000 octets is over the limit of 3980
	// 5000 3980 true
}

func ExampleCookie_Clear() {
	c, err := cookie.Config{}.Compile("cart")
	if err != nil {
		panic(err)
	}
	fmt.Println(c.Clear())
	// Output:
	// __Host-cart=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT
}

func ExampleCookie_Find() {
	c, err := cookie.Config{}.Compile("cart")
	if err != nil {
		panic(err)
	}
	fmt.Println(c.Find([]string{"theme=dark; __Host-cart=dG9rZW4", "lang=en"}))

	first, second, count := c.Find([]string{"__Host-cart=planted; __Host-cart=dG9rZW4"})
	fmt.Println(first, second, count)
	// Output:
	// dG9rZW4  1
	// planted dG9rZW4 2
}

// The adapter's line wins over what the handler wrote.
func ExampleWithout() {
	lines := []string{"theme=dark", "__Host-cart=handmade; Path=/", "lang=en"}
	for _, line := range append(cookie.Without(lines, "__Host-cart"), "__Host-cart=dG9rZW4; Path=/; Secure") {
		fmt.Println(line)
	}
	// Output:
	// theme=dark
	// lang=en
	// __Host-cart=dG9rZW4; Path=/; Secure
}
