package live_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// memory is Ktor's SessionStorageMemory as a store, over the server's own route.
type memory struct{ server string }

func (m *memory) do(ctx context.Context, method string, key core.Key, body string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, method, m.server+"/memory/"+string(key), strings.NewReader(body))
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

func (m *memory) Load(ctx context.Context, key core.Key) (core.Record, error) {
	body, err := m.do(ctx, http.MethodGet, key, "")
	return core.Record{Revision: 1, Deadline: core.MaxInstant, Body: body}, err
}

func (m *memory) Create(ctx context.Context, key core.Key, rec core.Record) error {
	_, err := m.do(ctx, http.MethodPut, key, rec.Body)
	return err
}

func (m *memory) Replace(ctx context.Context, key core.Key, _ uint64, rec core.Record) error {
	if _, err := m.Load(ctx, key); err != nil {
		return err
	}
	return m.Create(ctx, key, rec)
}

func (m *memory) Touch(context.Context, core.Key, uint64, int64, int64) error { return nil }

func (m *memory) Delete(ctx context.Context, key core.Key, _ uint64) error {
	_, err := m.do(ctx, http.MethodDelete, key, "")
	return err
}

func (m *memory) Guarantees() store.Guarantees { return store.Guarantees{Shared: true} }
