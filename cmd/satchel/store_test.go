//go:build unix

package main

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/internal/servers"
	"github.com/satchel-go/satchel/store"
	"github.com/satchel-go/satchel/store/bolt"
	"github.com/satchel-go/satchel/store/postgres"
	"github.com/satchel-go/satchel/store/sql"
)

// engines make an empty store and return its URL.
var engines = map[string]func(t *testing.T) string{
	"directory": func(t *testing.T) string {
		d, err := store.DirectoryConfig{Path: "kept", Sync: store.SyncNone}.New()
		must(t, err)
		must(t, d.Close())
		return "dir:kept"
	},
	"bolt": func(t *testing.T) string {
		b, err := bolt.Open("sessions.db")
		must(t, err)
		must(t, b.Close())
		return "bolt:sessions.db"
	},
	"sqlite": func(t *testing.T) string {
		must(t, createFile("sessions.sqlite"))
		return migrated(t, "sqlite:sessions.sqlite?table=mine")
	},
	"redis": func(t *testing.T) string {
		return "unix://" + servers.Redis.Start(t).Folder + "/socket?prefix=shop:"
	},
	"postgres": func(t *testing.T) string {
		s := servers.PostgreSQL.Start(t, servers.PostgreSQL.Hasty...)
		return migrated(t, "postgres://postgres:secret-word@/postgres?host="+s.Folder+"&table=mine")
	},
	"mysql": func(t *testing.T) string {
		s := servers.MariaDB.Start(t, servers.MariaDB.Hasty...)
		return migrated(t, "mysql://root@/mysql?socket="+s.Folder+"/socket&table=mine")
	},
}

// migrated makes the table, which the tool never does.
func migrated(t *testing.T, address string) string {
	t.Helper()
	o, err := open1(t.Context(), address)
	must(t, err)
	defer o.close()
	switch s := o.Store.(type) {
	case *sql.Store:
		must(t, s.Migrate(t.Context()))
	case *postgres.Store:
		must(t, s.Migrate(t.Context()))
	}
	return address
}

func createFile(name string) error { return create(name, "") }

// fill keeps a live session and its token, one that is rotated, one that is over, and some more.
func (d *desk) fill(address string) {
	d.t.Helper()
	o, err := open1(d.t.Context(), address)
	must(d.t, err)
	defer o.close()
	ctx := context.Background()
	c := core.Config{Kind: "cart", Place: core.ServerSide, Lifetime: core.Lifetime{Idle: 1_800_000, Absolute: 86_400_000}}
	token, plan := d.minted(c, "tea")
	d.write("token", string(token)+"\n")
	must(d.t, o.Create(ctx, plan.Create.Key, plan.Create.Record))

	old, plan := d.minted(c, "jam")
	d.write("old-token", string(old)+"\n")
	must(d.t, o.Create(ctx, plan.Create.Key, plan.Create.Record))
	s := plan.Next.Rotated()
	entropy := make([]byte, s.Entropy(core.Rotate))
	_, _ = d.Read(entropy)
	rotated, err := s.Plan(core.Rotate, d.now.UnixMilli(), entropy)
	must(d.t, err)
	must(d.t, o.Create(ctx, rotated.Create.Key, rotated.Create.Record))
	must(d.t, o.Replace(ctx, rotated.Replace.Key, rotated.Replace.At, rotated.Replace.Record))

	now := d.now.UnixMilli()
	for n := range 3 {
		rec := core.Record{Revision: uint64(n + 1), Seen: now - 3_600_000, Deadline: now - 60_000, Body: "over"}
		must(d.t, o.Create(ctx, core.Key(fmt.Sprintf("over %d", n)), rec))
	}
	must(d.t, o.Create(ctx, "for ever", core.Record{Revision: 1, Seen: now, Deadline: core.MaxInstant, Body: "a longer body than the others"}))
}

// The same script is played on each engine, and the same is said.
func TestStores(t *testing.T) {
	folder := golden(t)
	for name, open := range engines {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			address := open(t)
			d.hidden[address] = "URL"
			d.fill(address)
			script := "store"
			if name == "redis" {
				script = "store-redis" // which sweeps by itself
			}
			d.script(folder, script)
		})
	}
}

// The URL may stand where others do not see it.
func TestStoreFromTheEnvironment(t *testing.T) {
	d := newDesk(t)
	d.fill(engines["directory"](t))
	d.env["SATCHEL_STORE"] = "dir:kept"
	if got := d.call("satchel store sweep"); got != "removed        3\n" {
		t.Errorf("%q", got)
	}
	if got := d.call("satchel store end -all -yes"); got != "ended          3\nmissing        0\nkept           1\n" {
		t.Errorf("%q", got)
	}
}

// What cannot be read is counted and left, and everything else ends all the same.
func TestEndAllPassesOverWhatCannotBeRead(t *testing.T) {
	d := newDesk(t)
	d.fill(engines["directory"](t))
	files, err := filepath.Glob(filepath.Join("kept", "*", store.Name("over 1")))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	d.write(files[0], "damaged")
	if got := d.call("satchel store stats -json kept"); got != `{"records":7,"live":4,"over":2,"garbled":1,"bytes":161,"largest":50,`+
		`"last_used":"2099-12-03T16:53:20.000Z","next_deadline":"2099-12-03T17:23:20.000Z"}`+"\n" {
		t.Errorf("%s", got)
	}
	want := "ended          5\nmissing        1\nkept           1\n! satchel: " + store.Name("over 1") + " cannot be read, so it stays\n[exit 3]\n"
	if got := d.call("satchel store end -all -yes kept"); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

// A store that is away is a failure, told soon and without its password.
func TestStoreAway(t *testing.T) {
	d := newDesk(t)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for _, address := range []string{
		"redis://:secret-word@127.0.0.1:1/0", "postgres://me:secret-word@127.0.0.1:1/x", "mysql://me:secret-word@127.0.0.1:1/x",
	} {
		var said testBuffers
		code := d.tool(&said.in, &said.out, &said.err).run(ctx, []string{"store", "list", address})
		if code != failure || said.err.Len() == 0 || said.holds("secret-word") {
			t.Errorf("%s: exit %d, %s%s", address, code, said.out.String(), said.err.String())
		}
	}
}
