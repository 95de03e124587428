package live_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/satchel-go/satchel/store"
)

// memory is Ktor's SessionStorageMemory, over the server's own route: what ktor.SessionStorage makes a store of, as of any
// SessionStorage that a Ktor service has.
type memory struct{ server string }

func (m *memory) do(ctx context.Context, method, id, body string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, method, m.server+"/memory/"+id, strings.NewReader(body))
	if err != nil {
		return "", err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	switch {
	case err != nil:
		return "", err
	case res.StatusCode == http.StatusNotFound:
		return "", store.ErrNotFound
	case res.StatusCode/100 != 2:
		return "", fmt.Errorf("status %d", res.StatusCode)
	}
	return string(text), nil
}

func (m *memory) Write(ctx context.Context, id, text string) error {
	_, err := m.do(ctx, http.MethodPut, id, text)
	return err
}

func (m *memory) Read(ctx context.Context, id string) (string, error) {
	return m.do(ctx, http.MethodGet, id, "")
}

func (m *memory) Invalidate(ctx context.Context, id string) error {
	_, err := m.do(ctx, http.MethodDelete, id, "")
	return err
}
