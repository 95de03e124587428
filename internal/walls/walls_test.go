package walls_test

import (
	"context"
	"sync"
	"testing"

	"github.com/satchel-go/satchel/internal/tree"
	"github.com/satchel-go/satchel/internal/walls"
)

// rooms is the import table: which room may import what (DESIGN.md, section 3). A folder that is not here fails.
//
// The second column names rooms and modules, the third what of the standard library. Test files may import any room, any
// of the standard library, and the modules of the line "tests".
const rooms = `
module cbor      = github.com/fxamacker/cbor/v2 github.com/x448/float16
module lru       = github.com/hashicorp/golang-lru/v2
module chi       = github.com/go-chi/chi/v5
module fiber     = github.com/gofiber/fiber/v3
module fasthttp  = github.com/valyala/fasthttp
module rueidis   = github.com/redis/rueidis
module pgx       = github.com/jackc/pgx/v5
module bbolt     = go.etcd.io/bbolt
module rapid     = pgregory.net/rapid
module goleak    = go.uber.org/goleak
module porcupine = github.com/anishathalye/porcupine
module chromedp  = github.com/chromedp
tests            = rapid goleak porcupine

# What a pure room may use of the standard library. Nothing here reads a clock, draws randomness, knows a thread or
# reaches outside. A package that is missing is not forbidden for ever: read it, then add it with its reason.
std pure   = bytes cmp encoding encoding/base64 encoding/binary encoding/hex errors fmt io iter maps math math/bits slices
std pure   = sort strconv strings unicode unicode/utf8
std pure   = crypto/sha256                     # keys of records and digests
std crypto = crypto/aes crypto/cipher crypto/hkdf crypto/hmac crypto/sha256 crypto/subtle hash
std memory = sync sync/atomic                  # memory of pure results, marked //walls:memory where it is a variable

# pure rooms        rooms and modules                            standard library
core              : -                                          : pure
codec             : core cbor                                  : pure memory reflect encoding/json math/big time
crypto            : core                                       : pure crypto memory log/slog
adapters/cookie   : -                                          : pure time net/netip

# the rest
.                 : core codec crypto store adapters/cookie    : any
store             : core lru                                   : any
store/storetest   : core store rapid porcupine                 : any unsafe  # looks where a string's bytes lie, to find aliasing
store/sql         : core store                                 : any
store/redis       : core store rueidis                         : any
store/postgres    : core store pgx                             : any
store/bolt        : core store bbolt                           : any
adapters/nethttp  : . adapters/cookie                          : any
adapters/chi      : . adapters/cookie adapters/nethttp chi     : any
adapters/fiber    : . adapters/cookie fiber fasthttp           : any
adapters/adaptertest : . core codec crypto store adapters/cookie : any
compat/ktor       : core codec crypto store adapters/cookie    : any

# nobody imports these
examples/...      : any                                        : any
bench/...         : any                                        : any
fuzz/...          : any                                        : any
e2e/...           : any                                        : any
tools/...         : any                                        : any

# the ways of work: they serve tests and the test command, and no room imports them
internal/tree     : -                                          : any
internal/need     : -                                          : any
internal/walls    : internal/tree                              : any
internal/testcmd  : internal/tree internal/need internal/walls                : any
`

// pure are the rooms that purity_test.go type-checks.
var pure = []string{"core", "codec", "crypto", "adapters/cookie"}

// longFiles are the files over 350 lines, each with the reason why it is one idea.
var longFiles = map[string]string{}

// The repository is read and built once for all walls.
var (
	source = sync.OnceValues(func() (*walls.Source, error) {
		top, err := tree.Top(".")
		if err != nil {
			return nil, err
		}
		return walls.ReadSource(top)
	})
	build = sync.OnceValues(func() (*walls.Build, error) {
		top, err := tree.Top(".")
		if err != nil {
			return nil, err
		}
		return walls.LoadBuild(context.Background(), top) // for all tests, so with the context of none
	})
)

func must[T any](t *testing.T) func(v T, err error) T {
	t.Helper()
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func report(t *testing.T, faults []walls.Fault) {
	t.Helper()
	for _, f := range faults {
		t.Error(f)
	}
}

func TestImportTable(t *testing.T) {
	table := must[*walls.Table](t)(walls.ParseTable(rooms))
	report(t, table.Imports(must[*walls.Source](t)(source())))
	report(t, table.Reach(must[*walls.Build](t)(build())))
}

func TestPureRoomsArePure(t *testing.T) {
	b := must[*walls.Build](t)(build())
	for _, room := range pure {
		t.Run(room, func(t *testing.T) { report(t, must[[]walls.Fault](t)(b.Purity(room))) })
	}
}

func TestEverythingExportedIsDocumented(t *testing.T) {
	report(t, walls.Docs(must[*walls.Source](t)(source())))
}

func TestFilesAreOneIdea(t *testing.T) {
	report(t, walls.Sizes(must[*walls.Source](t)(source()), longFiles))
}

func TestTestsKeepTheWays(t *testing.T) {
	report(t, walls.Tests(must[*walls.Source](t)(source())))
}

func TestTextsNameNoMachine(t *testing.T) {
	src := must[*walls.Source](t)(source())
	report(t, must[[]walls.Fault](t)(walls.Words(src.Top)))
}
