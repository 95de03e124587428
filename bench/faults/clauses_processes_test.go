package faults

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2/memstore"
	beego "github.com/beego/beego/v2/server/web/session"
	gosession "github.com/go-session/session/v3"
	"github.com/gorilla/sessions"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/nethttp"
	"github.com/satchel-go/satchel/internal/fleet"
	"github.com/satchel-go/satchel/internal/need"
	"github.com/satchel-go/satchel/store"
)

// variable tells this program that it is to write into a folder, as "files:/folder" say, or to race, as "race:scs".
const variable = "SATCHEL_FAULTS_PROCESS"

// The test's binary is also the other process of some faults.
func TestMain(m *testing.M) {
	what, ok := os.LookupEnv(variable)
	if !ok {
		m.Run()
		return
	}
	if err := asProcess(what); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func asProcess(what string) error {
	role, of, _ := strings.Cut(what, ":")
	if open, ok := sharing[role]; ok {
		s, err := open(of)
		if err == nil {
			err = writes(s)
		}
		return err
	}
	race, ok := races[of]
	if role != "race" || !ok {
		return fmt.Errorf("no part %q", what)
	}
	race()
	return nil
}

// sharing are sites whose sessions lie in a folder, which several processes may use.
var sharing = map[string]func(folder string) (*site, error){
	"files": func(folder string) (*site, error) {
		hash, block := gorillaKeys()
		return gorillaSite(sessions.NewFilesystemStore(folder, hash, block)), nil
	},
	"beego": func(folder string) (*site, error) {
		beego.SLogger.SetOutput(io.Discard)
		return beegoOn(folder)
	},
	"satchel": func(folder string) (*site, error) {
		d, err := store.DirectoryConfig{Path: folder, Sync: store.SyncNone}.New()
		return satchelSite(visits.ServerSide(d)), err
	},
}

// writes begins a session, says which, and adds to it until the standard input ends.
func writes(s *site) error {
	over := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		close(over)
	}()
	cookie := s.do("/new", "").cookie
	fmt.Fprintln(os.Stdout, cookie)
	for {
		select {
		case <-over:
			return nil
		default:
			s.do("/add", cookie)
		}
	}
}

// torn reads what another process writes, until a read does not find the session, or has found so many states of it.
func torn(t *testing.T, of string, states int) verdict {
	t.Helper()
	folder := t.TempDir()
	cmd := another(t, of+":"+folder)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = in.Close()
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	}()
	cookie, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	reader, err := sharing[of](folder)
	if err != nil {
		t.Fatal(err)
	}
	for reads := 1; t.Context().Err() == nil; reads++ {
		got := reader.do("/look", strings.TrimSpace(cookie))
		n, err := strconv.Atoi(got.body)
		if got.status != http.StatusOK || err != nil || n < 1 {
			t.Logf("read %d is answered by %d %q", reads, got.status, got.body)
			return has
		}
		if n >= states {
			t.Logf("%d reads while it was written %d times", reads, n)
			return free
		}
	}
	return none
}

func filesTorn(t *testing.T) verdict   { return torn(t, "files", 100_000) }
func beegoTorn(t *testing.T) verdict   { return torn(t, "beego", 100_000) }
func satchelTorn(t *testing.T) verdict { return torn(t, "satchel", 300) }

// another is this binary as another process. The race detector would have it wait for a second before it ends, for reports that
// are on their way; but it halts with the first.
func another(t *testing.T, what string) *exec.Cmd {
	cmd := fleet.Again(t, variable, what)
	cmd.Env = append(cmd.Env, fmt.Sprintf("GORACE=halt_on_error=1 atexit_sleep_ms=0 exitcode=%d", raceStatus))
	return cmd
}

// raceStatus is the exit of a process in which the detector has seen a race. Go has none of its own that is the same.
const raceStatus = 66

// raced has a process of this binary race, and reports whether the race detector has seen one there, in what the text names.
func raced(t *testing.T, what, where string) verdict {
	t.Helper()
	need.Detector(t)
	cmd := another(t, "race:"+what)
	var said bytes.Buffer
	cmd.Stderr = &said
	err := cmd.Run()
	if err == nil {
		return free
	}
	var exit *exec.ExitError
	text := said.String()
	if !errors.As(err, &exit) || exit.ExitCode() != raceStatus || !strings.Contains(text, "DATA RACE") || !strings.Contains(text, where) {
		t.Fatalf("%v: %s", err, text)
	}
	return has
}

// rounds is how often each race is run. The detector sees two uses that nothing orders, whichever came first; so one round would do but
// for what it has forgotten when the second use comes.
const rounds = 50

// races are what a process may be told to do.
var races = map[string]func(){
	"scs": func() {
		m := newSCS(forSCS{newShelf()})
		serve(m.LoadAndSave(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			ctx := r.Context()
			together(func() { m.Put(ctx, "one", 1) }, func() { m.Put(ctx, "other", 2) }, func() { m.GetInt(ctx, "one") })
			if m.GetInt(ctx, "one") != 1 || m.GetInt(ctx, "other") != 2 {
				panic("scs: nothing was put")
			}
		})))
	},
	"gorilla": func() {
		kept := sessions.NewCookieStore(gorillaKeys())
		serve(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			registry := sessions.GetRegistry(r)
			ask := func(name string) func() { return func() { _, _ = registry.Get(kept, name) } }
			together(ask("one"), ask("other"), ask("one"))
		}))
	},
	"satchel": func() {
		records := store.NewMemory()
		s := satchel.Must(satchel.New(visits.ServerSide(records), admins.ServerSide(records)))
		serve(nethttp.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			ctx := r.Context()
			together(setIn(ctx, visits), setIn(ctx, admins), func() { _, _, _ = visits.Get(ctx) })
			if a, ok, err := admins.Get(ctx); !ok || err != nil || a.N != 1 {
				panic("Satchel: nothing was set")
			}
		}), s))
	},
	"memstore": func() {
		for range rounds {
			m := memstore.NewWithCleanupInterval(time.Hour)
			runtime.Gosched()
			m.StopCleanup()
		}
		yield()
	},
	"go-session": func() {
		for range rounds {
			s := gosession.NewMemoryStore()
			runtime.Gosched()
			_ = s.Close()
		}
		yield()
	},
	"memory": func() {
		for range rounds {
			m, err := store.MemoryConfig{SweepEvery: time.Hour}.New()
			if err != nil {
				panic(err) // another hour would have to be wrong
			}
			runtime.Gosched()
			_ = m.Close()
		}
	},
}

func setIn(ctx context.Context, kind satchel.Kind[visit]) func() {
	return func() {
		if err := kind.Set(ctx, visit{N: 1}); err != nil {
			panic(err)
		}
	}
}

func serve(h http.Handler) {
	for range rounds {
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "https://"+host+"/", nil))
	}
}

// together begins all at once and waits for all, and orders them by nothing.
func together(all ...func()) {
	var running sync.WaitGroup
	begin := make(chan struct{})
	for _, f := range all {
		running.Go(func() {
			<-begin
			f()
		})
	}
	close(begin)
	running.Wait()
}

// yield lets those run that have not begun.
func yield() {
	for range 1000 {
		runtime.Gosched()
	}
}
