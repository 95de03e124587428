//go:build unix

package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	database "database/sql"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/satchel-go/satchel/internal/servers"
)

// What stands in a URL is done, or refused by its name; nothing is dropped in silence, least of all what asks for TLS.
func TestWhatAURLAsksForIsDoneOrRefused(t *testing.T) {
	d := newDesk(t)
	must(t, createFile("sessions.db"))
	d.write("no-ca", "nothing\n")
	for address, want := range map[string]string{
		"sqlite:sessions.db?mode=ro":                            `there is no parameter "mode"`,
		"sqlite:sessions.db?table=a&table=b":                    `"table" stands there twice`,
		"sqlite:sessions.db?table=%zz":                          "the URL cannot be read",
		"mysql://me@127.0.0.1:1/x?ssl-mode=REQUIRED":            `there is no parameter "ssl-mode"`,
		"mysql://me@127.0.0.1:1/x?sql_mode=ANSI":                `there is no parameter "sql_mode"`,
		"mysql://me@127.0.0.1:1/x?tls=verify":                   "verify",
		"mysql://me@127.0.0.1:1/x?tls=true&tls=false":           `"tls" stands there twice`,
		"mysql://me@127.0.0.1:1/x?ca=nowhere":                   "nowhere",
		"mysql://me@127.0.0.1:1/x?ca=no-ca":                     "no certificate",
		"mysql://me@127.0.0.1:1/x?ca=no-ca&tls=skip-verify":     `"ca" and "tls" say different things`,
		"mysql://me@127.0.0.1:1/x?timeout=soon":                 "soon",
		"mysql://me@127.0.0.1:1/x#tls=true":                     "write # as %23",
		"mysql://me@127.0.0.1:1/x?socket=/no/socket":            `"socket" and a host`,
		"redis://127.0.0.1:1/?tls=true":                         `there is no parameter "tls"`,
		"redis://127.0.0.1:1/?skip_verify=true":                 `"skip_verify" is of rediss:`,
		"redis://127.0.0.1:1/?ca=no-ca":                         `"ca" is of rediss:`,
		"rediss://127.0.0.1:1/?ca=no-ca":                        "no certificate",
		"redis://127.0.0.1:1/?protocol=4":                       `"protocol" is 2 or 3`,
		"redis://127.0.0.1:1/?max_retries=3":                    `"max_retries" is 0`,
		"redis://127.0.0.1:1/1?db=2":                            `"db" and a path`,
		"redis://127.0.0.1:1/?client_cache=1":                   `there is no parameter "client_cache"`,
		"redis://127.0.0.1:1/?dial_timeout=soon":                "dial timeout",
		"unix://tmp/socket":                                     "a socket's path begins with /",
		"unix:socket":                                           "a socket's path begins with /",
		"postgres://me@127.0.0.1:1/x?sslmode=none":              "sslmode",
		"postgres://me@127.0.0.1:1/x?sslmode=require&sslmode=x": `"sslmode" stands there twice`,
		"redis://:12?half-a-pass@word":                          "there is no such parameter",
	} {
		got := d.call("satchel store stats " + address)
		if !strings.Contains(got, want) || !strings.Contains(got, "[exit ") || strings.Contains(got, "half") {
			t.Errorf("%s: %s", address, got)
		}
	}
}

// A path is a path, whatever it has in it, and nothing is made where nothing is.
func TestSQLitePathsAreTakenAsTheyAre(t *testing.T) {
	d := newDesk(t)
	for _, name := range []string{"a%20b.db", "a#b.db", "ä ö.db"} {
		must(t, createFile(name))
		if got := strings.Fields(d.tooled(t, "store", "stats", migrated(t, "sqlite:"+name))); len(got) < 2 || got[1] != "0" {
			t.Errorf("%s: %v", name, got)
		}
	}
	left, err := filepath.Glob("*")
	if err != nil || len(left) != 3 {
		t.Errorf("%v are there, %v", left, err)
	}
}

// tooled is a call whose arguments have blanks in them.
func (d *desk) tooled(t *testing.T, args ...string) string {
	t.Helper()
	var said testBuffers
	code := d.tool(&said.in, &said.out, &said.err).run(t.Context(), args)
	if code != done {
		t.Errorf("%v: exit %d, %s", args, code, said.err.String())
	}
	return said.out.String()
}

// A MariaDB that wants TLS is spoken to by TLS, and believed under the authority that was named, and under no other.
func TestTLSOfMySQL(t *testing.T) {
	d := newDesk(t)
	folder, err := filepath.Abs(".")
	must(t, err)
	certificate(t, "server")
	certificate(t, "other")
	for _, f := range []string{folder, filepath.Dir(folder)} { // the server is not run by root
		must(t, os.Chmod(f, 0o755))
	}
	s := servers.MariaDB.Start(t, append(servers.MariaDB.Hasty, "--ssl-cert="+folder+"/server.pem", "--ssl-key="+folder+"/server.key")...)
	socket := "socket=" + s.Folder + "/socket"
	migrated(t, "mysql://root@/mysql?"+socket)
	db, err := database.Open("mysql", "root@unix("+s.Folder+"/socket)/mysql")
	must(t, err)
	defer db.Close()
	for _, query := range []string{"CREATE USER ann@localhost IDENTIFIED BY '' REQUIRE SSL", "GRANT ALL ON mysql.* TO ann@localhost"} {
		_, err = db.ExecContext(t.Context(), query)
		must(t, err)
	}
	for parameters, want := range map[string]string{
		"":                 "Access denied",
		"&tls=false":       "Access denied",
		"&tls=preferred":   "records        0",
		"&tls=skip-verify": "records        0",
		"&tls=true":        "certificate",
		"&ca=server.pem":   "records        0",
		"&ca=other.pem":    "certificate",
		"&tls=true&ca=server.pem&timeout=9s&charset=utf8mb4": "records        0",
	} {
		if got := d.call("satchel store stats mysql://ann@/mysql?" + socket + parameters); !strings.Contains(got, want) {
			t.Errorf("%s: %s", parameters, got)
		}
	}
}

// certificate writes a certificate that signs itself, for localhost, and its key, which the server can read.
func certificate(t *testing.T, name string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	made, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	must(t, err)
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	must(t, err)
	must(t, os.WriteFile(name+".pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: made}), 0o644))
	must(t, os.WriteFile(name+".key", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o644))
}

// Nothing is made of what is no store: a folder of other things, or an empty file.
func TestNothingIsMade(t *testing.T) {
	d := newDesk(t)
	must(t, os.Mkdir("home", 0o755))
	must(t, createFile("empty"))
	for address, want := range map[string]string{
		"dir:home": "home is no directory store", "home": "home is no directory store", "bolt:empty": "empty is empty", "bolt:none": "no such file",
		"sqlite:none": "no such file", "sqlite:empty": "no such table", "dir:none": "no such file", "dir:empty": "empty is no folder",
	} {
		if got := d.call("satchel store list " + address); !strings.Contains(got, want) || !strings.HasSuffix(got, "[exit 1]\n") {
			t.Errorf("%s: %s", address, got)
		}
	}
	left, err := filepath.Glob("*")
	inside, wrong := filepath.Glob("home/*")
	stat, gone := os.Stat("empty")
	folder, lost := os.Stat("home")
	if err != nil || wrong != nil || gone != nil || lost != nil || len(left) != 2 || len(inside) != 0 || stat.Size() != 0 || folder.Mode().Perm() != 0o755 {
		t.Errorf("%v and %v are there", left, inside)
	}
}
