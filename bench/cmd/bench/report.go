package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/satchel-go/satchel/bench/load"
	"github.com/satchel-go/satchel/bench/peers"
)

// report writes tables.md and the plots of a run beside its raw measurements.
func report(folder string) error {
	m, err := readRaw(filepath.Join(folder, "raw.txt"))
	if err != nil {
		return err
	}
	var b strings.Builder
	b.WriteString("# What was measured\n\nWritten by `bench/run` from [raw.txt](raw.txt), which benchstat reads as well.\n\n")
	for _, line := range m.heading {
		fmt.Fprintf(&b, "- %s\n", line)
	}
	if len(m.loads) > 0 {
		fmt.Fprintf(&b, "- load average during the rounds: %.1f to %.1f\n", slices.Min(m.loads), slices.Max(m.loads))
	}
	b.WriteString("\nFigures are medians over rounds ± half the distance of the quartiles. \"CPU\" is processor time of the whole process, garbage\n" +
		"collection included, which a crowded machine distorts less than time on the wall. A ratio is the median of the rounds' ratios.\n")
	m.writeTargets(&b)
	m.writeTokens(&b)
	m.writeRequests(&b)
	m.writeScaling(&b)
	m.writeLoad(&b)
	m.writeMemory(&b)
	m.writeEngines(&b)
	err = os.WriteFile(filepath.Join(folder, "tables.md"), []byte(b.String()), 0o644)
	return errors.Join(err, m.plotAll(folder))
}

// table writes a table; a row whose cells are all empty but for the first is left out.
func table(b *strings.Builder, title string, head []string, rows [][]string) {
	rows = slices.DeleteFunc(rows, func(row []string) bool {
		return !slices.ContainsFunc(row[1:], func(cell string) bool { return cell != "" })
	})
	if len(rows) == 0 {
		return
	}
	fmt.Fprintf(b, "\n## %s\n\n| %s |\n|%s\n", title, strings.Join(head, " | "), strings.Repeat(" --- |", len(head)))
	for _, row := range rows {
		fmt.Fprintf(b, "| %s |\n", strings.Join(row, " | "))
	}
}

// micros formats nanoseconds as microseconds.
func micros(n number) string {
	if !n.known() {
		return ""
	}
	return fmt.Sprintf("%.2f ± %.2f", n.median/1000, n.spread/1000)
}

func plain(n number, format string) string {
	if !n.known() {
		return ""
	}
	return fmt.Sprintf(format, n.median)
}

func spread(n number, format string) string {
	if !n.known() {
		return ""
	}
	return fmt.Sprintf(format+" ± "+format, n.median, n.spread)
}

const cpu = "cpu-ns/op"

var (
	sizes    = []string{"120B", "1KB", "3KB"}
	tokenOf  = []string{"bare-aead", "floor", "satchel", "securecookie-json", "securecookie-gob", "securecookie-cbor", "jwt"}
	onServer = []string{"floor-server", "satchel-server", "scs-cbor", "scs"}
	onClient = []string{"floor-client", "satchel-client", "gorilla-cookie", "jwt"}
)

func (m *measurements) writeTokens(b *strings.Builder) {
	for _, size := range sizes {
		var rows [][]string
		for _, name := range tokenOf {
			seal, open := "Token/seal/"+size+"/"+name, "Token/open/"+size+"/"+name
			rows = append(rows, []string{
				name, micros(m.of(seal, cpu)), micros(m.of(open, cpu)),
				plain(m.of(seal, "allocs/op"), "%.0f"), plain(m.of(open, "allocs/op"), "%.0f"), plain(m.of(seal, "chars"), "%.0f"),
			})
		}
		table(b, "Token of "+size, []string{"", "encode and seal, CPU µs", "open and decode, CPU µs", "allocs", "allocs", "characters"}, rows)
	}
}

func (m *measurements) writeRequests(b *strings.Builder) {
	for _, via := range []string{"nethttp", "chi", "gin", "fiber", "fasthttp"} {
		var rows [][]string
		names := append(append([]string{}, onServer...), onClient...)
		for _, name := range append(names, "gin-contrib", "fiber-session", "fiber-store", "fasthttp-session", "satchel-two-kinds") {
			row := []string{name}
			for _, way := range peers.Ways {
				at := "Request/" + via + "/" + way + "/"
				cell := micros(m.over(cpu, at+name, at+"bare"))
				if n := m.of(at+name, "allocs/op"); n.known() {
					cell += fmt.Sprintf(" (%.0f)", n.median)
				}
				row = append(row, cell)
			}
			rows = append(rows, row)
		}
		table(b, "A request through "+via+", over the bare handler: CPU µs (allocations)", append([]string{""}, peers.Ways...), rows)
	}
}

func (m *measurements) writeScaling(b *strings.Builder) {
	var rows [][]string
	for _, via := range []string{"nethttp", "fiber"} {
		for _, name := range append(append(append([]string{}, onServer...), onClient...), "fiber-session") {
			row := []string{via + " " + name}
			for _, way := range []string{peers.Read, peers.Write} {
				row = append(row, spread(m.scaling("Request/"+via+"/"+way+"/"+name), "%.2f"))
			}
			rows = append(rows, row)
		}
	}
	table(b, "From one to two CPUs, times the throughput (by the wall)", []string{"", "read", "write"}, rows)
}

// scaling is how much more is done on two CPUs than on one.
func (m *measurements) scaling(name string) number { return m.ratio("ns/op", name, name+"-2") }

func (m *measurements) writeLoad(b *strings.Builder) {
	var rows [][]string
	for _, s := range load.Sites() {
		row := []string{s.Via + " " + s.Name}
		for _, way := range []string{peers.Read, peers.Write} {
			name, bare := "Load/"+s.Via+"/"+way+"/"+s.Name, "Load/"+s.Via+"/"+way+"/bare"
			row = append(row,
				plain(m.of(name, "req/s"), "%.0f"), spread(m.ratio("req/s", name, bare), "%.2f"),
				spread(m.over("cpu-µs/req", name, bare), "%.1f"), spread(m.ratio("p99-µs", name, bare), "%.1f"))
		}
		rows = append(rows, row)
	}
	table(b, "Load over loopback, two threads and 64 connections", []string{
		"", "read: req/s", "share of bare", "CPU µs added", "p99 × bare",
		"write: req/s", "share of bare", "CPU µs added", "p99 × bare",
	}, rows)
}

func (m *measurements) writeMemory(b *strings.Builder) {
	var rows [][]string
	for _, name := range []string{"satchel", "scs", "map", "sync.Map", "golang-lru", "otter"} {
		for _, n := range []string{"1000", "10000", "100000", "1000000"} {
			foot, read, mixed := "Memory/footprint/"+name+"/n="+n, "Memory/writes=0%/"+name+"/n="+n, "Memory/writes=10%/"+name+"/n="+n
			rows = append(rows, []string{
				name + ", " + n, plain(m.of(foot, "B/session"), "%.0f"), plain(m.of(foot, "cpu-ms/GC"), "%.1f"),
				micros(m.of(read, cpu)), spread(m.scaling(read), "%.2f"), micros(m.of(mixed, cpu)), spread(m.scaling(mixed), "%.2f"),
			})
		}
	}
	table(b, "Sessions of 100 B in memory", []string{
		"", "bytes a session", "CPU ms a collection", "read, CPU µs", "× on 2 CPUs", "with 10 % writes", "× on 2 CPUs",
	}, rows)
}

func (m *measurements) writeEngines(b *strings.Builder) {
	for _, engine := range []string{"Redis", "Postgres"} {
		var rows [][]string
		for _, name := range []string{"raw", "raw-both", "satchel-cached", "satchel-store", "satchel", "scs"} {
			row := []string{name}
			for _, way := range []string{peers.Read, peers.Write} {
				for _, callers := range []string{"1", "64"} {
					row = append(row, micros(m.of(engineName(engine, way, name, callers), "ns/op")))
				}
			}
			rows = append(rows, row)
		}
		table(b, engine+", µs on the wall for each call"+clients[engine], []string{"", "read, 1 caller", "64 callers", "write, 1 caller", "64 callers"}, rows)
	}
}

// clients says where the contenders do not share one.
var clients = map[string]string{"Redis": " (raw and Satchel by rueidis, scs by its own store, which is for go-redis)"}

// engineName is what go test calls a benchmark that it ran with two CPUs.
func engineName(engine, way, name, callers string) string {
	return engine + "/" + way + "/" + name + "/callers=" + callers + "-2"
}
