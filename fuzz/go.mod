module github.com/satchel-go/satchel/fuzz

go 1.26.0

require (
	github.com/gofiber/fiber/v3 v3.5.0
	github.com/satchel-go/satchel v0.0.0-00010101000000-000000000000
	github.com/satchel-go/satchel/adapters/fiber v0.0.0-00010101000000-000000000000
	github.com/valyala/fasthttp v1.73.0
)

require (
	github.com/andybalholm/brotli v1.2.2 // indirect
	github.com/fxamacker/cbor/v2 v2.10.0 // indirect
	github.com/gofiber/schema v1.8.3 // indirect
	github.com/gofiber/utils/v2 v2.4.1 // indirect
	github.com/google/uuid v1.6.0 // indirect
	github.com/hashicorp/golang-lru/v2 v2.0.7 // indirect
	github.com/klauspost/compress v1.19.2 // indirect
	github.com/mattn/go-colorable v0.1.15 // indirect
	github.com/mattn/go-isatty v0.0.24 // indirect
	github.com/philhofer/fwd v1.2.0 // indirect
	github.com/tinylib/msgp v1.6.4 // indirect
	github.com/valyala/bytebufferpool v1.0.0 // indirect
	github.com/x448/float16 v0.8.4 // indirect
	golang.org/x/crypto v0.54.0 // indirect
	golang.org/x/net v0.57.0 // indirect
	golang.org/x/sys v0.47.0 // indirect
	golang.org/x/text v0.40.0 // indirect
)

replace (
	github.com/satchel-go/satchel => ..
	github.com/satchel-go/satchel/adapters/fiber => ../adapters/fiber
)
