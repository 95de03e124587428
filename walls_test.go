package satchel_test

import (
	"context"
	"strconv"
	"sync"
	"testing"

	"github.com/satchel-go/satchel/internal/walls"
)

// rooms is the import table: which room may import what. A folder that is not here fails.
//
// The second column names rooms and modules, the third what of the standard library. Test files may import any room, all
// of the standard library, and the modules of the line "tests".
const rooms = `
module cbor      = github.com/fxamacker/cbor/v2 github.com/x448/float16
module lru       = github.com/hashicorp/golang-lru/v2
module chi       = github.com/go-chi/chi/v5
module fiber     = github.com/gofiber/fiber/v3
module fasthttp  = github.com/valyala/fasthttp
module grpc      = google.golang.org/grpc
module protobuf  = google.golang.org/protobuf
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

# pure rooms        may import                                   standard library
core              : -                                          : pure
codec             : core cbor                                  : pure memory reflect encoding/json math/big time
codec/codectest   : codec rapid                                : any
crypto            : core                                       : pure crypto memory log/slog
adapters/cookie   : -                                          : pure time net/netip

# the rest
.                 : core codec crypto store adapters/cookie internal/folders : any
store             : core lru internal/folders                  : any unsafe  # LockFileEx of Windows takes a pointer
core/transformtest : core rapid                                : any
store/storetest   : core store rapid porcupine goleak                 : any unsafe  # looks where a string's bytes lie, to find aliasing
store/sealed      : core crypto store                          : any
store/observed    : core store                                 : any
store/faulty      : core store                                 : any
store/sql         : core store                                 : any
store/sql/sqltest : any                                        : any
store/redis       : core store rueidis                         : any
store/postgres    : core store pgx                             : any
store/bolt        : core store bbolt internal/folders          : any
internal/folders  : -                                          : any
adapters/answer   : . core adapters/cookie                     : pure html
adapters/nethttp  : . core adapters/cookie adapters/answer     : any
adapters/nethttp/frameworks : any                              : any
adapters/chi      : . core adapters/cookie adapters/answer adapters/nethttp chi : any
adapters/fiber    : . core adapters/cookie adapters/answer fiber fasthttp : any
adapters/grpc     : . core grpc protobuf                       : any
adapters/adaptertest : . core codec store adapters/cookie adapters/answer satcheltest : any
compat/ktor       : . core codec crypto store adapters/cookie  : any
compat/ktor/live  : any                                        : any
satcheltest       : . core crypto adapters/answer              : any

# nobody imports these
examples/replay   : core                                       : pure os  # it reads a file, and no clock
examples/...      : any                                        : any
bench/...         : any                                        : any
fuzz/...          : any                                        : any
e2e/...           : any                                        : any
tools/...         : any                                        : any
cmd/...           : any                                        : any

# the ways of work: they serve tests and the test command, and no room imports them
internal/tree     : -                                          : any
internal/need     : -                                          : any
internal/million  : core store internal/tree                   : any
internal/promises : store internal/tree internal/walls         : any
internal/servers  : core store internal/need                   : any
internal/fleet    : core store internal/tree internal/servers  : any  # nodes of tests, as processes
internal/lives    : . core crypto store                        : any
internal/around   : . core crypto store store/sealed store/observed store/faulty store/storetest : any
internal/walls    : internal/tree                              : any
internal/mutants  : internal/walls internal/tree               : any
internal/testcmd  : internal/tree internal/need internal/walls internal/mutants : any
`

// pureRooms read no clock, draw no randomness, start nothing and keep nothing that shows.
var pureRooms = []string{"core", "codec", "crypto", "adapters/cookie"}

// leftOut are packages of modules that the table allows, which nobody uses, each with its reason.
var leftOut = map[string]string{
	"github.com/gofiber/fiber/v3/middleware/adaptor": "the adapter is fiber's own, and not net/http's behind a bridge",
	"github.com/hashicorp/golang-lru/v2/expirable":   "its goroutine never ends",
}

// longFiles are the files over 350 lines, each with the reason why it is one idea.
var longFiles = map[string]string{
	"store/storetest/mutants_test.go": "one table: a broken store for each rule",
}

// The repository is read and built once for all walls.
var (
	readSource = sync.OnceValues(func() (*walls.Source, error) { return walls.ReadSource(".") })
	loadBuild  = sync.OnceValues(func() (*walls.Build, error) {
		return walls.LoadBuild(context.Background(), ".") // for all tests, so with the context of none
	})
)

func theSource(t *testing.T) *walls.Source {
	t.Helper()
	src, err := readSource()
	if err != nil {
		t.Fatal(err)
	}
	return src
}

func theBuild(t *testing.T) *walls.Build {
	t.Helper()
	b, err := loadBuild()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func showFaults(t *testing.T, faults []walls.Fault) {
	t.Helper()
	for _, f := range faults {
		t.Error(f)
	}
}

func TestImportTable(t *testing.T) {
	table, err := walls.ParseTable(rooms)
	if err != nil {
		t.Fatal(err)
	}
	showFaults(t, table.Imports(theSource(t)))
	showFaults(t, table.Reach(theBuild(t)))
}

func TestLeftOut(t *testing.T) {
	for _, f := range theSource(t).Files {
		for _, i := range f.Syntax.Imports {
			path, err := strconv.Unquote(i.Path.Value)
			if reason, left := leftOut[path]; err != nil || left {
				t.Errorf("%s imports %s: %s", f.Room, i.Path.Value, reason)
			}
		}
	}
}

func TestPureRoomsArePure(t *testing.T) {
	for _, room := range pureRooms {
		t.Run(room, func(t *testing.T) {
			faults, err := theBuild(t).Purity(room)
			if err != nil {
				t.Fatal(err)
			}
			showFaults(t, faults)
		})
	}
}

func TestEverythingExportedIsDocumented(t *testing.T) { showFaults(t, walls.Docs(theSource(t))) }

func TestFilesAreOneIdea(t *testing.T) { showFaults(t, walls.Sizes(theSource(t), longFiles)) }

func TestTestsKeepTheWays(t *testing.T) { showFaults(t, walls.Tests(theSource(t))) }

func TestTextsNameNoMachine(t *testing.T) {
	faults, err := walls.Words(".")
	if err != nil {
		t.Fatal(err)
	}
	showFaults(t, faults)
}
