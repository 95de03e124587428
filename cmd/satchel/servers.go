package main

import (
	"context"
	database "database/sql"
	"slices"
	"strings"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/rueidis"

	"github.com/satchel-go/satchel/store/postgres"
	"github.com/satchel-go/satchel/store/redis"
	"github.com/satchel-go/satchel/store/sql"
)

func openMySQL(text string) (opened, error) {
	a, err := readAddress(text)
	if err != nil {
		return opened{}, err
	}
	table := a.take("table")
	c, err := mysqlConfig(a)
	if err != nil {
		return opened{}, err
	}
	connector, err := mysql.NewConnector(c)
	if err != nil {
		return opened{}, misuseError{err}
	}
	return openSQL(database.OpenDB(connector), sql.MySQL, table)
}

// mysqlConfig is what a URL of MySQL says.
func mysqlConfig(a address) (*mysql.Config, error) {
	base := mysql.NewConfig()
	base.User = a.User.Username()
	base.Passwd, _ = a.User.Password()
	base.Net, base.Addr, base.Timeout = "tcp", a.Host, dialLimit
	socket, ca := a.take("socket"), a.take("ca")
	switch {
	case socket != "" && a.Host != "":
		return nil, misused(`"socket" and a host: name one of them`)
	case socket != "":
		base.Net, base.Addr = "unix", socket
	case a.Port() == "":
		base.Addr += ":3306"
	}
	base.DBName = strings.TrimPrefix(a.Path, "/")
	err := only(a.parameters, "tls", "timeout", "readTimeout", "writeTimeout", "charset", "collation", "compress",
		"allowCleartextPasswords", "allowFallbackToPlaintext")
	if err != nil {
		return nil, err
	}
	if way := a.parameters.Get("tls"); ca != "" && way != "" && way != "true" {
		return nil, misused(`"ca" and "tls" say different things`)
	}
	text := base.FormatDSN()
	if len(a.parameters) > 0 {
		text += "&" + a.parameters.Encode() // the limit of dialling stands before
	}
	c, err := mysql.ParseDSN(text)
	if err != nil {
		return nil, misused("the driver does not take the parameters: %w", err)
	}
	server := a.Hostname()
	if server == "" {
		server = "localhost" // behind a socket
	}
	if c.TLS != nil && c.TLS.ServerName == "" {
		c.TLS.ServerName = server
	}
	if ca != "" {
		c.TLS, err = authority(ca, server)
	}
	return c, err
}

func openPostgres(ctx context.Context, text string) (opened, error) {
	a, err := readAddress(text)
	if err != nil {
		return opened{}, err
	}
	table := a.take("table")
	a.RawQuery = a.parameters.Encode()
	pool, err := pgxpool.New(ctx, a.String()) // it, or the server, refuses what it does not know
	if err != nil {
		return opened{}, err // which shows no password
	}
	s, err := postgres.New(pool, postgres.Config{Table: table})
	if err != nil {
		pool.Close()
		return opened{}, misuseError{err}
	}
	return opened{s, pool.Close}, nil
}

func openRedis(text string) (opened, error) {
	a, err := readAddress(text)
	if err != nil {
		return opened{}, err
	}
	prefix := a.take("prefix")
	option, err := redisOption(a)
	if err != nil {
		return opened{}, err
	}
	c, err := rueidis.NewClient(option)
	if err != nil {
		return opened{}, err
	}
	s, err := redis.New(c, redis.Config{Prefix: prefix})
	if err != nil {
		c.Close()
		return opened{}, misuseError{err}
	}
	return opened{s, c.Close}, nil
}

// redisOption is what a URL of Redis says.
func redisOption(a address) (option rueidis.ClientOption, err error) {
	ca := a.take("ca")
	if a.Path == "/" {
		a.Path = ""
	}
	if err := checkRedis(a, ca != ""); err != nil {
		return option, err
	}
	a.RawQuery = a.parameters.Encode()
	if option, err = rueidis.ParseURL(a.String()); err != nil {
		return option, misuseError{err}
	}
	if ca != "" {
		trusted, err := authority(ca, option.TLSConfig.ServerName)
		if err != nil {
			return option, err
		}
		option.TLSConfig.RootCAs = trusted.RootCAs
	}
	option.DisableCache, option.RingScaleEachConn = true, 8
	if option.Dialer.Timeout == 0 {
		option.Dialer.Timeout = dialLimit
	}
	if option.ConnWriteTimeout == 0 {
		option.ConnWriteTimeout = dialLimit
	}
	return option, nil
}

// checkRedis refuses what rueidis would drop in silence.
func checkRedis(a address, named bool) error {
	q := a.parameters
	err := only(q, "db", "addr", "dial_timeout", "write_timeout", "protocol", "client_name", "master_set", "max_retries", "skip_verify")
	secure := a.Scheme == "rediss" || a.Scheme == "valkeys"
	oneOf := func(name string, values ...string) bool { return !q.Has(name) || slices.Contains(values, q.Get(name)) }
	switch {
	case err != nil:
		return err
	case !secure && named:
		return misused(`"ca" is of rediss: alone`)
	case !secure && q.Has("skip_verify"):
		return misused(`"skip_verify" is of rediss: alone`)
	case !oneOf("protocol", "2", "3"):
		return misused(`"protocol" is 2 or 3`)
	case !oneOf("max_retries", "0"):
		return misused(`"max_retries" is 0, or left out`)
	case a.Scheme == "unix" && (a.Host != "" || !strings.HasPrefix(a.Path, "/")):
		return misused("a socket's path begins with /, as in unix:/run/redis.sock")
	case a.Scheme != "unix" && a.Path != "" && q.Has("db"):
		return misused(`"db" and a path: name the database once`)
	}
	return nil
}
