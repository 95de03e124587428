module github.com/satchel-go/satchel/store/redis

go 1.26.0

require (
	github.com/redis/rueidis v1.0.79
	github.com/satchel-go/satchel v0.0.0
)

replace github.com/satchel-go/satchel => ../..
