module github.com/satchel-go/satchel/fuzz

go 1.26.0

require github.com/satchel-go/satchel v0.0.0

require (
	github.com/fxamacker/cbor/v2 v2.10.0 // indirect
	github.com/hashicorp/golang-lru/v2 v2.0.7 // indirect
	github.com/x448/float16 v0.8.4 // indirect
)

replace (
	github.com/satchel-go/satchel => ..
	github.com/satchel-go/satchel/adapters/fiber => ../adapters/fiber
)
