package main

import (
	"context"
	"net/http"
)

// redirect sends the browser on to a page, which will say the words once.
func redirect(w http.ResponseWriter, r *http.Request, to, words string) error {
	if err := flashes.Set(r.Context(), words); err != nil {
		return err
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// takeFlash returns what the page is to say, or "", and ends the session that held it: it has been read.
func takeFlash(ctx context.Context) (string, error) {
	words, ok, err := flashes.Get(ctx)
	if err != nil || !ok {
		return "", err
	}
	return words, flashes.Clear(ctx)
}
