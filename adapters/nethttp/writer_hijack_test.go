package nethttp

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"testing"
)

func TestWireHijack(t *testing.T) {
	s := over(t, false, through(nil, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Connection", "Upgrade")
		w.Header().Set("Upgrade", "echo")
		w.WriteHeader(http.StatusSwitchingProtocols)
		c, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer c.Close()
		line, _ := rw.ReadString('\n')
		fmt.Fprint(c, line)
		if _, err := w.Write([]byte("x")); err != http.ErrHijacked {
			t.Error(err)
		}
	}))
	c, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprint(c, "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
	r := bufio.NewReader(c)
	res, err := http.ReadResponse(r, nil)
	if err != nil || res.StatusCode != 101 {
		t.Fatal(res, err)
	}
	wantCookie(t, res.Header)
	fmt.Fprint(c, "ping\n")
	if line, _ := r.ReadString('\n'); line != "ping\n" {
		t.Errorf("%q", line)
	}
}

func TestWireFailedHijackIsAnswered(t *testing.T) {
	s := over(t, false, through(errStore, func(w http.ResponseWriter, _ *http.Request) {
		if c, _, err := w.(http.Hijacker).Hijack(); err != errStore || c != nil {
			t.Error(c, err)
		}
	}))
	if res, body := s.get(t, "/"); res.StatusCode != 503 || body != "try again" {
		t.Error(res.StatusCode, body)
	}
}
