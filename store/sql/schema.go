package sql

import "context"

// Schema returns the statement that makes the table, for those who make tables themselves. It changes nothing where there is one
// of the name.
func (s *Store) Schema() string { return s.schema }

// Migrate makes the table if there is none. It may be called by every program at every start, and by many at once. A program that
// may not make tables has no need to call it.
func (s *Store) Migrate(ctx context.Context) error {
	var err error
	for range attempts {
		if _, err = s.exec(ctx, s.schema); !s.dialect.says(err, made) {
			break // in PostgreSQL, of those who make it at once, all but one are told so though they said IF NOT EXISTS
		}
	}
	if err != nil {
		return failed(ctx, "migrate", err)
	}
	return nil
}
