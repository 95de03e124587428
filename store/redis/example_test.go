package redis_test

import (
	"fmt"
	"time"

	"github.com/redis/rueidis"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/store/redis"
)

// A kind of session in Redis. The client is the program's own: it says where the servers are, and the store is one of its users.
func ExampleNew() { //nolint:testableexamples // it needs a server
	client, err := rueidis.NewClient(rueidis.ClientOption{
		InitAddress:      []string{"localhost:6379"},
		ConnWriteTimeout: 2 * time.Second,
		DisableCache:     true,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	records, err := redis.New(client, redis.Config{Prefix: "shop:"})
	if err != nil {
		fmt.Println(err)
		return
	}
	sessions := satchel.Must(satchel.New(satchel.NewKind[[]string]("cart").ServerSide(records)))
	fmt.Println(len(sessions.Placed()))
}

// Everything that is wrong is said at once.
func ExampleNew_wrong() {
	_, err := redis.New(nil, redis.Config{Prefix: "{shop}:", Slack: -time.Second})
	fmt.Println(err)
	// Output:
	// store/redis: no client
	// store/redis: Prefix has '{', which is no letter, digit or one of .:_-/
	// store/redis: Slack is -1s, less than a millisecond
}
