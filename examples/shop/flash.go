package main

import (
	"context"
	"net/http"
)

// redirect sends the browser on to a page, which will say the words once.
func redirect(r request, to, words string) (answer, error) {
	if err := flashes.Set(r, words); err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusSeeOther, location: to}, nil
}

// takeFlash returns what the page is to say, or "", and ends the session that held it: it has been read.
func takeFlash(ctx context.Context) (string, error) {
	words, _, err := flashes.Take(ctx)
	return words, err
}
