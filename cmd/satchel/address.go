package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/url"
	"os"
	"slices"
	"strings"
)

// address is a URL whose parameters are taken one by one: what nobody took is refused, because a parameter that is dropped in silence may
// be the one that asks for TLS. Its errors quote no value, in which a password may stand.
type address struct {
	*url.URL

	parameters url.Values
}

var errAddress = errors.New("the URL cannot be read")

func readAddress(text string) (address, error) {
	u, err := url.Parse(text)
	if err != nil {
		return address{}, errAddress
	}
	if u.Fragment != "" {
		return address{}, misused("in a URL nothing follows #; write # as %%23")
	}
	parameters, err := readParameters(u.RawQuery)
	return address{u, parameters}, err
}

// readParameters reads what follows the question mark. Only Redis's addr may stand there more than once.
func readParameters(query string) (url.Values, error) {
	parameters, err := url.ParseQuery(query)
	if err != nil {
		return nil, errAddress
	}
	for name, values := range parameters {
		if len(values) > 1 && name != "addr" {
			return nil, misused("%q stands there twice", name)
		}
	}
	return parameters, nil
}

// take returns a parameter, which then is done.
func (a address) take(name string) string {
	value := a.parameters.Get(name)
	a.parameters.Del(name)
	return value
}

// only refuses what is not among names.
func only(parameters url.Values, names ...string) error {
	for name := range parameters {
		switch {
		case slices.Contains(names, name):
		case strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_") != "":
			return misused("there is no such parameter as one of the URL's; write a ? of a password as %%3F")
		default:
			return misused("there is no parameter %q for such a store; see satchel help store list", name)
		}
	}
	return nil
}

// authority reads a file of certificates, by one of which the server's has to be signed.
func authority(path, server string) (*tls.Config, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, misused("there is no certificate in %s", path)
	}
	return &tls.Config{RootCAs: pool, ServerName: server, MinVersion: tls.VersionTLS12}, nil
}
