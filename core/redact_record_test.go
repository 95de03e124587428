package core_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/satchel-go/satchel/core"
)

// A record's body is the session. It shows under no verb, nor does the ID that was chosen for a new session.
func TestRecordsAndChosenIDsAreRedacted(t *testing.T) {
	rec := core.Record{Revision: 7, Seen: noon, Deadline: noon + hour, Body: "the payload"}
	tokens := core.Tokens{NewID: "the chosen one"}
	plan := core.Write{Key: "key", Record: rec}
	for name, value := range map[string]any{
		"record": rec, "pointer to a record": &rec, "tokens": tokens, "pointer to tokens": &tokens, "write": plan,
		"answer": core.Answer{Status: core.Found, Record: rec}, "replace": core.Replace{Key: "key", At: 1, Record: rec}, "records": []core.Record{rec},
	} {
		texts := map[string]string{"Sprint": fmt.Sprint(value)}
		for _, verb := range verbs {
			texts[verb] = fmt.Sprintf(verb, value)
		}
		var out bytes.Buffer
		slog.New(slog.NewTextHandler(&out, nil)).Info("x", "value", value)
		texts["slog"] = out.String()
		for how, shown := range texts {
			if spelledIn(shown, rec.Body) || spelledIn(shown, string(tokens.NewID)) {
				t.Errorf("%s under %s shows %.200s", name, how, shown)
			}
		}
	}
	if shown := fmt.Sprint(rec); !strings.Contains(shown, "revision 7") || !strings.Contains(shown, fmt.Sprint(noon)) {
		t.Errorf("a record prints as %q", shown)
	}
	if shown := fmt.Sprint(tokens); !strings.Contains(shown, core.Redacted) {
		t.Errorf("tokens print as %q", shown)
	}
}
