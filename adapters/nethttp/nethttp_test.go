package nethttp_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"testing"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/nethttp"
	"github.com/satchel-go/satchel/store"
)

type visits struct {
	Count int `cbor:"1,keyasint"`
}

var counter = satchel.NewKind[visits]("visits")

func TestWholePathOverASocket(t *testing.T) {
	sessions := satchel.Must(satchel.New(counter.ServerSide(store.NewMemory())))
	server := httptest.NewTLSServer(nethttp.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v, err := counter.Update(r.Context(), func(v visits) visits { v.Count++; return v })
		if err != nil {
			t.Error(err)
		}
		_, _ = fmt.Fprint(w, v.Count)
	}), sessions))
	defer server.Close()
	client := server.Client()
	client.Jar, _ = cookiejar.New(nil)
	for i := 1; i <= 3; i++ {
		res, err := client.Get(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if string(body) != fmt.Sprint(i) {
			t.Fatalf("visit %d: %s", i, body)
		}
		if sent := len(res.Header["Set-Cookie"]) == 1; sent != (i == 1) {
			t.Errorf("visit %d: Set-Cookie %v", i, res.Header["Set-Cookie"])
		}
		if res.Header.Get("Vary") != "Cookie" {
			t.Errorf("visit %d: Vary %q", i, res.Header["Vary"])
		}
		if want := map[bool]string{true: "no-store", false: "private"}[i == 1]; res.Header.Get("Cache-Control") != want {
			t.Errorf("visit %d: Cache-Control %q", i, res.Header["Cache-Control"])
		}
	}
}
