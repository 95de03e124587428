package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// target is one line of what was promised before anything was measured.
type target struct {
	what   string
	value  number
	limit  float64 // 0 is none: a figure beside a target, which promises nothing
	least  bool    // the value is to be at least the limit, else at most
	format string  // of value and limit
	why    string  // it is missed, if it is
	exact  bool    // one round says it
}

func (t target) met() bool {
	if t.least {
		return t.value.median >= t.limit
	}
	return t.value.median <= t.limit
}

// open reports whether the rounds are too few, or their spread is larger than what lies between the value and its limit.
func (t target) open() bool {
	return t.value.n < 3 && !t.exact || math.Abs(t.value.median-t.limit) < t.value.spread
}

// verdict says that it was met, or by how much it was missed.
func (t target) verdict() string {
	switch {
	case t.open() && t.value.n < 3:
		return "open: too few rounds"
	case t.open():
		return "open: the rounds spread by more than what is between"
	case t.met():
		return "met"
	case t.least:
		return fmt.Sprintf("**missed**: %.0f %% of it. %s", 100*t.value.median/t.limit, t.why)
	}
	return fmt.Sprintf("**missed** by %.0f %%. %s", 100*(t.value.median/t.limit-1), t.why)
}

func (m *measurements) writeTargets(b *strings.Builder) {
	var rows [][]string
	met, open, known := 0, 0, 0
	all := m.targets()
	for _, t := range all {
		if !t.value.known() || math.IsNaN(t.value.median) {
			continue
		}
		if t.limit == 0 {
			rows = append(rows, []string{t.what, "", spread(t.value, t.format), ""})
			continue
		}
		known++
		if t.open() {
			open++
		} else if t.met() {
			met++
		}
		sign := "≤ "
		if t.least {
			sign = "≥ "
		}
		rows = append(rows, []string{t.what, sign + fmt.Sprintf(t.format, t.limit), spread(t.value, t.format), t.verdict()})
	}
	table(b, fmt.Sprintf("Targets: %d met, %d missed, %d open", met, known-met-open, open), []string{"", "target", "measured", ""}, rows)
}

const (
	whyValues = "A codec that checks, values that are copied: see the README."
	whyEncode = "Keys and not arrays, a check of what was written, values that are copied: see the README."
	whyNoise  = "The clients that make the load have the same two CPUs; what Satchel adds to a request is in the rows of CPU."
)

func (m *measurements) targets() (all []target) {
	all = append(all, m.tokenTargets()...)
	all = append(all, m.requestTargets()...)
	all = append(all, m.loadTargets()...)
	all = append(all, m.memoryTargets()...)
	return append(all, m.engineTargets()...)
}

// peersAsShipped are the peers whose tokens need no code of one's own. The fastest peer may be one that needs some.
var peersAsShipped = []string{"securecookie-json", "securecookie-gob", "jwt"}

// faster is how many times Satchel's time the fastest of some peers takes, round by round.
func (m *measurements) faster(at string, peers ...string) number {
	names := []string{at + "satchel"}
	for _, name := range peers {
		names = append(names, at+name)
	}
	return m.each(cpu, func(v ...float64) float64 { return slices.Min(v[1:]) / v[0] }, names...)
}

func (m *measurements) tokenTargets() (all []target) {
	for _, size := range sizes {
		limit := 1.2
		if size == "120B" {
			limit = 1.6
		}
		for _, op := range []string{"seal", "open"} {
			at := "Token/" + op + "/" + size + "/"
			all = append(all,
				target{op + " " + size + ", × the floor", m.ratio(cpu, at+"satchel", at+"floor"), limit, false, "%.2f", whyEncode, false},
				target{op + " " + size + ", × faster than the fastest peer", m.faster(at, append(peersAsShipped, "securecookie-cbor")...), 4, true, "%.1f", whyEncode, false},
				target{what: op + " " + size + ", × faster than the fastest peer as shipped", value: m.faster(at, peersAsShipped...), format: "%.1f"})
		}
	}
	return append(all,
		target{"characters of a small token", m.of("Token/seal/120B/satchel", "chars"), 200, false, "%.0f", "", true},
		target{"characters of a 3 KB-JSON cart's token", m.of("Token/seal/3KB/satchel", "chars"), 2100, false, "%.0f", "", true})
}

func (m *measurements) requestTargets() (all []target) {
	at := func(way, name string) string { return "Request/nethttp/" + way + "/" + name }
	over := func(way, name string) number { return m.over(cpu, at(way, name), at(way, "bare")) }
	for _, t := range []struct {
		way, name string
		ns        float64
		factor    float64 // of the floor with CBOR
		peer      string
		times     float64
	}{
		{"none", "satchel-server", 450, 0, "", 0},
		{"untouched", "satchel-server", 600, 0, "", 0},
		{"read", "satchel-server", 1500, 1.5, "scs", 15},
		{"write", "satchel-server", 2200, 2, "scs", 15},
		{"read", "satchel-client", 1900, 1.5, "gorilla-cookie", 12},
		{"write", "satchel-client", 2800, 2, "gorilla-cookie", 12},
	} {
		what := t.name + ", " + t.way
		all = append(all, target{what + ", CPU ns over bare", over(t.way, t.name), t.ns, false, "%.0f", whyValues, false})
		if t.factor == 0 {
			continue
		}
		limit := strings.Replace(t.name, "satchel", "floor", 1)
		all = append(all,
			target{what + ", × the floor with CBOR", m.ratio(cpu, at(t.way, t.name), at(t.way, limit)), t.factor, false, "%.2f", whyValues, false},
			target{what + ", × faster than " + t.peer, m.ratio(cpu, at(t.way, t.peer), at(t.way, t.name)), t.times, true, "%.1f", whyValues, false})
	}
	for _, way := range []string{"read", "write"} {
		all = append(all, target{
			"satchel-server, " + way + ", × faster than scs with CBOR",
			m.ratio(cpu, at(way, "scs-cbor"), at(way, "satchel-server")), 2, true, "%.1f", whyValues, false,
		})
	}
	all = append(all, target{
		"a second kind untouched, CPU ns", m.over(cpu, at("read", "satchel-two-kinds"), at("read", "satchel-server")),
		50, false, "%.0f", "The difference of two figures that each spread by more than that.", false,
	})
	for way, limit := range map[string]float64{"read": 1.6, "write": 1.35} {
		all = append(all, target{
			"satchel-server, " + way + ", × throughput on 2 CPUs", m.scaling(at(way, "satchel-server")), limit, true, "%.2f", whyNoise, false,
		})
	}
	return all
}

func (m *measurements) loadTargets() (all []target) {
	for _, t := range []struct {
		via, name    string
		shares, adds [2]float64 // read, write
	}{
		{"nethttp", "satchel-server", [2]float64{0.90, 0.87}, [2]float64{4, 5}},
		{"nethttp", "satchel-client", [2]float64{0.87, 0.78}, [2]float64{5, 8}},
		{"chi", "satchel-server", [2]float64{0.90, 0.87}, [2]float64{4, 5}},
		{"chi", "satchel-client", [2]float64{0.87, 0.78}, [2]float64{5, 8}},
		{"fiber", "satchel-server", [2]float64{0.85, 0.80}, [2]float64{4, 5}},
	} {
		for i, way := range []string{"read", "write"} {
			name, bare := "Load/"+t.via+"/"+way+"/"+t.name, "Load/"+t.via+"/"+way+"/bare"
			what := "load " + t.via + " " + t.name + ", " + way
			all = append(all,
				target{what + ", share of bare", m.ratio("req/s", name, bare), t.shares[i], true, "%.2f", whyNoise, false},
				target{what + ", CPU µs added", m.over("cpu-µs/req", name, bare), t.adds[i], false, "%.1f", whyValues, false},
				target{what + ", p99 × bare", m.ratio("p99-µs", name, bare), 1.3, false, "%.2f", whyNoise, false})
		}
	}
	return all
}

func (m *measurements) memoryTargets() []target {
	foot := "Memory/footprint/satchel/n=1000000"
	return []target{
		{"bytes a session at a million", m.of(foot, "B/session"), 280, false, "%.0f", "", true},
		{"CPU ms of a collection at a million", m.of(foot, "cpu-ms/GC"), 60, false, "%.0f", "The mark shares its caches with other programs here.", false},
		{"reads in memory, × on 2 CPUs", m.scaling("Memory/writes=0%/satchel/n=1000000"), 1.8, true, "%.2f", whyNoise, false},
		{"with 10 % writes, × on 2 CPUs", m.scaling("Memory/writes=10%/satchel/n=1000000"), 1.5, true, "%.2f", whyNoise, false},
	}
}

func (m *measurements) engineTargets() []target {
	ratio := func(engine, way, a, b, callers string) number {
		return m.ratio("ns/op", engineName(engine, way, a, callers), engineName(engine, way, b, callers))
	}
	const client = "A request also decodes and decides, on the two CPUs that the engine and its client share."
	return []target{
		{"Redis, 64 callers, read request: share of the raw GET", ratio("Redis", "read", "raw", "satchel", "64"), 0.85, true, "%.2f", client, false},
		{"Redis, 64 callers, read and write: share of two raw commands", ratio("Redis", "write", "raw-both", "satchel", "64"), 0.8, true, "%.2f", client, false},
		{"Redis, 64 callers, read: × faster than scs on go-redis", ratio("Redis", "read", "scs", "satchel", "64"), 4, true, "%.1f", client, false},
		{"Redis, 1 caller, read request: × the raw round trip", ratio("Redis", "read", "satchel", "raw", "1"), 1.1, false, "%.2f", client, false},
		{"a cached read with decoding, CPU ns", m.of(engineName("Redis", "read", "satchel-cached", "64"), cpu), 1000, false, "%.0f", "Decoding is some 0.7 of it; the rest was not looked into.", false},
		{"PostgreSQL, 64 callers, load: × the raw select", ratio("Postgres", "read", "satchel-store", "raw", "64"), 1.15, false, "%.2f", whyNoise, false},
		{"PostgreSQL, 64 callers, replace: × the raw update", ratio("Postgres", "write", "satchel-store", "raw", "64"), 1.1, false, "%.2f", whyNoise, false},
		{"PostgreSQL, 1 caller, load: × the raw select", ratio("Postgres", "read", "satchel-store", "raw", "1"), 1.15, false, "%.2f", whyNoise, false},
		{"PostgreSQL, 1 caller, replace: × the raw update", ratio("Postgres", "write", "satchel-store", "raw", "1"), 1.1, false, "%.2f", whyNoise, false},
	}
}
