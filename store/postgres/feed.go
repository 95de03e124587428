package postgres

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

var _ store.Feed = (*Store)(nil)

// feedSchema makes the triggers, where ~ is the table. What a row's key was is announced when the transaction that changed it commits, by
// whatever program and statement. A new row is not: nobody keeps a copy of what was not there.
//
// The channel stands in the trigger, so that a table keeps it when it is renamed or restored, and its partitions have it too.
const feedSchema = `DO $do$
DECLARE
	records regclass := '~';
	announce text := (SELECT format('%I.satchel_announce', n.nspname)
		FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = records);
	channel text := 'satchel_' || records::oid;
BEGIN
	PERFORM pg_catalog.pg_advisory_xact_lock(7310871301240116581); -- one at a time
	SELECT coalesce(min(split_part(encode(tgargs, 'escape'), '\000', 1)), channel) INTO channel FROM pg_catalog.pg_trigger
		WHERE tgrelid = records AND tgname IN ('satchel_announce', 'satchel_announce_all'); -- that of the one that is left
	IF (SELECT count(*) FROM pg_catalog.pg_trigger
		WHERE tgrelid = records AND tgname IN ('satchel_announce', 'satchel_announce_all')) = 2 THEN
		RETURN;
	END IF;
	EXECUTE format($f$CREATE OR REPLACE FUNCTION %s() RETURNS trigger LANGUAGE plpgsql AS $body$
		BEGIN
			IF TG_OP = 'TRUNCATE' THEN
				PERFORM pg_catalog.pg_notify(TG_ARGV[0], 'all');
			ELSE
				PERFORM pg_catalog.pg_notify(TG_ARGV[0], 'key ' || pg_catalog.encode(OLD.key, 'hex'));
			END IF;
			RETURN NULL;
		END $body$$f$, announce);
	IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger WHERE tgrelid = records AND tgname = 'satchel_announce_all') THEN
		EXECUTE format('CREATE TRIGGER satchel_announce_all AFTER TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION %s(%L)',
			records, announce, channel);
	END IF;
	IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger WHERE tgrelid = records AND tgname = 'satchel_announce') THEN
		EXECUTE format('CREATE TRIGGER satchel_announce AFTER UPDATE OR DELETE ON %s FOR EACH ROW EXECUTE FUNCTION %s(%L)',
			records, announce, channel);
	END IF;
END $do$`

// FeedSchema returns the statement that makes the table's triggers, by which every change is announced, for those who make tables
// themselves. It changes nothing where they are.
func (s *Store) FeedSchema() string { return strings.ReplaceAll(feedSchema, "~", s.table) }

// MigrateFeed makes the triggers that [Store.Listen] needs, each that is missing. One that is disabled stays so. The table must be there. It may be called by every
// program at every start, and by many at once.
func (s *Store) MigrateFeed(ctx context.Context) error {
	if _, err := s.pool.Exec(ctx, s.FeedSchema()); err != nil {
		return failed(ctx, "migrate feed", err)
	}
	return nil
}

// triggered gives the channel of a table whose triggers fire, both of them, into one channel.
const triggered = ` FROM (SELECT min(encode(tgargs, 'escape')) AS args FROM pg_catalog.pg_trigger
	WHERE tgrelid = '~'::pg_catalog.regclass AND tgname IN ('satchel_announce', 'satchel_announce_all') AND tgenabled IN ('O', 'A')
	HAVING count(*) = 2 AND count(DISTINCT tgargs) = 1) both_triggers`

var errNoTrigger = errors.New("the table has no triggers that announce changes, or one is missing or disabled: MigrateFeed makes them")

// Listen implements [store.Feed] by LISTEN, on a connection that it takes out of the pool for good. The table must have its
// triggers, which [Store.MigrateFeed] makes: without them there is no feed, and Listen fails, as it does on a standby. The package's
// comment says what else breaks a feed: above all, a pooler between may do so in silence.
func (s *Store) Listen(ctx context.Context) (store.Listener, error) {
	lent, err := s.pool.Acquire(ctx)
	if err != nil {
		return nil, failed(ctx, "listen", err)
	}
	l := &listener{conn: lent.Hijack(), triggered: strings.ReplaceAll(triggered, "~", s.table)}
	if err := l.begin(ctx); err != nil {
		l.Close()
		return nil, failed(ctx, "listen", err)
	}
	return l, nil
}

// listener is a connection that listens to the channel of its table, and to one of its own for probes. The server puts all
// notifications of a database into one queue, in the order of their commits.
type listener struct {
	conn      *pgx.Conn
	triggered string
	changes   string
	probes    string
}

func (l *listener) begin(ctx context.Context) error {
	err := l.conn.QueryRow(ctx, `SELECT split_part(args, '\000', 1)`+l.triggered).Scan(&l.changes)
	if errors.Is(err, pgx.ErrNoRows) {
		return errNoTrigger
	}
	if err != nil {
		return err
	}
	l.probes = fmt.Sprintf("%s_%d", l.changes, l.conn.PgConn().PID())
	for _, channel := range []string{l.changes, l.probes} {
		if _, err := l.conn.Exec(ctx, "LISTEN "+pgx.Identifier{channel}.Sanitize()); err != nil {
			return err
		}
	}
	return nil
}

// Next implements [store.Listener].
func (l *listener) Next(ctx context.Context) (store.Announcement, error) {
	said, err := l.conn.WaitForNotification(ctx)
	if err != nil {
		return store.Announcement{}, failed(ctx, "next", err)
	}
	if said.Channel != l.probes {
		return changeOf(said.Payload), nil
	}
	n, err := strconv.ParseUint(said.Payload, 10, 64)
	if err != nil || n == 0 {
		return store.Announcement{}, failed(ctx, "next", errForeign)
	}
	return store.Announcement{Probe: n}, nil
}

// changeOf reads what the triggers say. Whoever may speak to the database may say anything on their channel: what is not known here may
// be true of every record.
func changeOf(payload string) store.Announcement {
	name, ours := strings.CutPrefix(payload, "key ")
	if key, err := hex.DecodeString(name); ours && err == nil {
		return store.Announcement{Key: core.Key(key)}
	}
	return store.Announcement{All: true}
}

var errForeign = errors.New("somebody else spoke on the channel for probes")

// Probe implements [store.Listener]. It also looks whether the triggers are still there.
func (l *listener) Probe(ctx context.Context, n uint64) error {
	done, err := l.conn.Exec(ctx, `SELECT pg_notify($1, $2)`+l.triggered, l.probes, strconv.FormatUint(n, 10))
	if err == nil && done.RowsAffected() != 1 {
		err = errNoTrigger
	}
	if err != nil {
		return failed(ctx, "probe", err)
	}
	return nil
}

// Close implements [store.Listener].
func (l *listener) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = l.conn.Close(ctx) // which closes it, whatever the server says
}
