package live_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/satchel-go/satchel/internal/need"
)

// startKtor builds the Kotlin program, which takes half a minute, and much longer where Maven has its libraries still to
// fetch, and returns its address.
func startKtor(t *testing.T, directory string) string {
	t.Helper()
	mvn := need.Binary(t, "mvn")
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, mvn, "-B", "-q", "-Dlive.out="+t.TempDir(), "-Dlive.sessions="+directory, "compile", "exec:java")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = stdin.Close() // at which it ends
		_, _ = io.Copy(io.Discard, stdout)
		_ = cmd.Wait()
	})
	var said strings.Builder
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		if _, port, ok := strings.Cut(lines.Text(), "port "); ok {
			return "http://127.0.0.1:" + port
		}
		said.WriteString(lines.Text() + "\n")
	}
	cancel()
	_ = cmd.Wait()
	t.Fatalf("the Ktor server did not start:\n%s%s", said.String(), stderr.String())
	return ""
}

// client is a browser, or an application that keeps a header: what it holds goes to both servers.
type client struct {
	t      *testing.T
	header string // the field that it keeps, or "" for a cookie
	held   string // a cookie's "name=value", as it came, or the field's value
	extra  http.Header
}

// answer is what came back.
type answer struct {
	status int
	body   string
	sent   string // the Set-Cookie line, or the field's value
}

func (c *client) get(server, path string, query url.Values) answer {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), http.MethodGet, server+path+"?"+query.Encode(), nil)
	if err != nil {
		c.t.Fatal(err)
	}
	maps.Copy(req.Header, c.extra)
	field, answered := "Cookie", "Set-Cookie"
	if c.header != "" {
		field, answered = c.header, c.header
	}
	if c.held != "" {
		req.Header.Set(field, c.held)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	lines := res.Header.Values(answered)
	if len(lines) > 1 {
		c.t.Fatalf("%s%s: %d fields %s", server, path, len(lines), answered)
	}
	a := answer{status: res.StatusCode, body: string(body), sent: strings.Join(lines, "")}
	switch pair, attributes, _ := strings.Cut(a.sent, "; "); {
	case a.sent == "":
	case c.header != "":
		c.held = a.sent
	case strings.HasPrefix(attributes, "Max-Age=0"):
		c.held = ""
	default:
		c.held = pair
	}
	return a
}
