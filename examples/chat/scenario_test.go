package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

var update = flag.Bool("update", false, "write what is said in the transcripts")

// A transcript is golden text. At the margin stands what people send and what befalls them, and under it what everybody hears:
//
//	ann: say hello        ann sends a line, on a connection that is made if she has none; <ann> is the token that she has
//	ann hangs up
//	ann hears the end     she waits until the other side hangs up
//	restart               the server is closed and started again, with the same folder
//	down, up              the store cannot be asked
//	# a comment
//
// ann/2 is another connection of the same person's. A new token is written (new).
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	must(t, err)
	if len(files) < 6 {
		t.Fatalf("%d transcripts", len(files))
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			want, err := os.ReadFile(file)
			must(t, err)
			got := newTable(t).play(string(want))
			if *update {
				must(t, os.WriteFile(file, []byte(got), 0o600))
			} else if got != string(want) {
				t.Errorf("what is said is\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// table is a server and the people at it.
type table struct {
	t      *testing.T
	folder string
	addr   string
	close  func()
	people map[string]*caller
	tokens map[string]string
	pings  int
	down   atomic.Bool
	stage  staged
}

// faulty is a store that can be away.
type faulty struct {
	store.Store

	down  *atomic.Bool
	stage *staged
}

var errDown = errors.New("no store today")

func (f faulty) Load(ctx context.Context, key core.Key) (core.Record, error) {
	asked := ctx.Value(satchel.ExchangeKey{}) != nil // and not by a watch, which looks when it likes
	if f.down.Load() || asked && f.stage.loads.Load() > 0 && f.stage.loads.Add(-1) == 0 {
		return core.Record{}, errDown
	}
	return f.Store.Load(ctx, key)
}

func (f faulty) Create(ctx context.Context, key core.Key, rec core.Record) error {
	if f.down.Load() {
		return errDown
	}
	return f.Store.Create(ctx, key, rec)
}

// caller is one connection as its client has it.
type caller struct {
	net.Conn

	lines *bufio.Scanner
}

func newTable(t *testing.T) *table {
	t.Helper()
	e := &table{
		t: t, folder: filepath.Join(t.TempDir(), "sessions"), addr: "127.0.0.1:0",
		people: map[string]*caller{}, tokens: map[string]string{},
	}
	e.open()
	t.Cleanup(func() {
		for _, p := range e.people {
			p.Close()
		}
		e.close()
	})
	return e
}

// open starts the server, at the address that it has had.
func (e *table) open() {
	e.t.Helper()
	kept, err := store.DirectoryConfig{Path: e.folder, Sync: store.SyncNone}.New()
	must(e.t, err)
	sessions, err := place(faulty{kept, &e.down, &e.stage}, satchel.LogTo(slog.New(slog.DiscardHandler)))
	must(e.t, err)
	l, err := net.Listen("tcp", e.addr)
	must(e.t, err)
	e.addr = l.Addr().String()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- newServer(sessions).accept(ctx, l) }()
	e.close = func() {
		cancel()
		if err := <-ended; err != nil {
			e.t.Error(err)
		}
		if err := kept.Close(); err != nil {
			e.t.Error(err)
		}
	}
}

func (e *table) play(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "    ") {
			continue
		}
		b.WriteString(line)
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			for _, heard := range e.step(line) {
				b.WriteString("    " + heard + "\n")
			}
		}
	}
	return b.String()
}

func (e *table) step(line string) []string {
	e.t.Helper()
	switch line {
	case "restart":
		e.close()
		heard := e.rest()
		e.open()
		return heard
	case "down", "up":
		e.down.Store(line == "down")
		return nil
	}
	if name, ok := strings.CutSuffix(line, " hangs up"); ok {
		must(e.t, e.people[name].Close())
		delete(e.people, name)
		return e.barrier()
	}
	if name, ok := strings.CutSuffix(line, " hears the end"); ok {
		return e.hear(name, "")
	}
	name, said, ok := strings.Cut(line, ": ")
	if !ok {
		e.t.Fatalf("no step %q", line)
	}
	for owner, token := range e.tokens {
		said = strings.ReplaceAll(said, "<"+owner+">", token)
	}
	p := e.people[name]
	if p == nil {
		conn, err := net.Dial("tcp", e.addr)
		must(e.t, err)
		p = &caller{conn, bufio.NewScanner(conn)}
		e.people[name] = p
	}
	_, err := fmt.Fprintln(p, said)
	must(e.t, err)
	heard := e.hear(name, e.ping(name))
	but := []string{name}
	if owner, _, _ := strings.Cut(name, "/"); said == "bye" { // whose other connections end when they hear of it, which hears the end waits for
		for other := range e.people {
			if other == owner || strings.HasPrefix(other, owner+"/") {
				but = append(but, other)
			}
		}
	}
	return append(heard, e.barrier(but...)...)
}

// ping makes a line come back behind all that was said before.
func (e *table) ping(name string) string {
	e.pings++
	mark := fmt.Sprint(e.pings)
	_, _ = fmt.Fprintln(e.people[name], "ping", mark) // if the line is down the end is heard
	return "pong " + mark
}

// hear reads what a person hears, up to a line or the end.
func (e *table) hear(name, until string) (heard []string) {
	e.t.Helper()
	p := e.people[name]
	must(e.t, p.SetReadDeadline(time.Now().Add(20*time.Second)))
	owner, _, _ := strings.Cut(name, "/")
	for p.lines.Scan() {
		line := p.lines.Text()
		if line == until && until != "" {
			return heard
		}
		if token, ok := strings.CutPrefix(line, "token "); ok && token != "gone" {
			e.tokens[owner] = token
			line = "token (new)"
		}
		heard = append(heard, name+" < "+line)
	}
	if err := p.lines.Err(); err != nil && !strings.Contains(err.Error(), "reset") {
		e.t.Fatalf("%s: %v", name, err)
	}
	p.Close()
	delete(e.people, name)
	return append(heard, name+" < (the line is down)")
}

// barrier collects what all others have heard by now.
func (e *table) barrier(but ...string) (heard []string) {
	e.t.Helper()
	for _, name := range e.names() {
		if !slices.Contains(but, name) {
			heard = append(heard, e.hear(name, e.ping(name))...)
		}
	}
	return heard
}

// rest collects what is heard up to the end.
func (e *table) rest() (heard []string) {
	for _, name := range e.names() {
		heard = append(heard, e.hear(name, "")...)
	}
	return heard
}

func (e *table) names() []string {
	var names []string
	for name := range e.people {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func TestMain(m *testing.M) {
	if folder := os.Getenv("CHAT_TEST_SESSIONS"); folder != "" {
		helper(folder, os.Getenv("CHAT_TEST_ADDR"))
		return
	}
	goleak.VerifyTestMain(m)
}
