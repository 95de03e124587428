module github.com/satchel-go/satchel/store/redis

go 1.26.0

require (
	github.com/redis/rueidis v1.0.79
	github.com/satchel-go/satchel v0.0.0
)

require (
	github.com/anishathalye/porcupine v1.3.1 // indirect
	github.com/fxamacker/cbor/v2 v2.10.0 // indirect
	github.com/hashicorp/golang-lru/v2 v2.0.7 // indirect
	github.com/x448/float16 v0.8.4 // indirect
	go.uber.org/goleak v1.3.0 // indirect
	golang.org/x/sys v0.47.0 // indirect
	pgregory.net/rapid v1.3.0 // indirect
)

replace github.com/satchel-go/satchel => ../..
