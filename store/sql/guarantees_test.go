package sql_test

import (
	database "database/sql"
	"testing"

	"github.com/satchel-go/satchel/internal/promises"
	"github.com/satchel-go/satchel/store/sql"
)

func TestGuarantees(t *testing.T) {
	for _, d := range []sql.Dialect{sql.PostgreSQL, sql.MySQL, sql.SQLite} {
		s, err := sql.New(new(database.DB), d, sql.Config{}) // which is not asked
		if err != nil {
			t.Fatal(err)
		}
		promises.Check(t, "store/sql", s)
	}
}
