package answer_test

import (
	"fmt"

	"github.com/satchel-go/satchel/adapters/answer"
)

func ExampleSeeOther() {
	location, note := answer.SeeOther("/sign-in?back=/mine&to=café\r\n")
	fmt.Println(location)
	fmt.Print(note)
	// Output:
	// /sign-in?back=/mine&to=caf%C3%A9%0D%0A
	// <a href="/sign-in?back=/mine&amp;to=caf%C3%A9%0D%0A">See Other</a>.
}
