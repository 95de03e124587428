package main

import (
	"bufio"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
)

// measurements are what a run wrote down: for each benchmark and unit one number a round.
type measurements struct {
	heading []string // what was said of the run
	loads   []float64
	values  map[string]map[string][]float64
}

// readRaw reads the lines of go test -bench, and the comments between them.
func readRaw(path string) (*measurements, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	m := &measurements{values: map[string]map[string][]float64{}}
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		m.line(lines.Text())
	}
	return m, lines.Err()
}

func (m *measurements) line(line string) {
	if comment, ok := strings.CutPrefix(line, "# "); ok {
		if _, load, ok := strings.Cut(comment, "load average "); ok {
			if n, err := strconv.ParseFloat(load, 64); err == nil {
				m.loads = append(m.loads, n)
			}
		} else {
			m.heading = append(m.heading, comment)
		}
		return
	}
	fields := strings.Fields(line)
	if len(fields) < 4 || !strings.HasPrefix(fields[0], "Benchmark") {
		return
	}
	name := strings.TrimPrefix(fields[0], "Benchmark")
	of := m.values[name]
	if of == nil {
		of = map[string][]float64{}
		m.values[name] = of
	}
	for i := 2; i+1 < len(fields); i += 2 {
		if n, err := strconv.ParseFloat(fields[i], 64); err == nil {
			of[fields[i+1]] = append(of[fields[i+1]], n)
		}
	}
}

// number is a median and its spread: half of what lies between the quartiles.
type number struct {
	median, spread float64
	n              int
}

func (n number) known() bool { return n.n > 0 }

func summary(values []float64) number {
	if len(values) == 0 {
		return number{}
	}
	s := slices.Sorted(slices.Values(values))
	return number{quantile(s, 0.5), (quantile(s, 0.75) - quantile(s, 0.25)) / 2, len(s)}
}

// quantile interpolates between the neighbours in sorted values.
func quantile(sorted []float64, share float64) float64 {
	at := share * float64(len(sorted)-1)
	below := int(math.Floor(at))
	above := min(below+1, len(sorted)-1)
	return sorted[below] + (sorted[above]-sorted[below])*(at-float64(below))
}

func (m *measurements) of(name, unit string) number { return summary(m.values[name][unit]) }

// each combines what several benchmarks measured in the same round.
func (m *measurements) each(unit string, f func(v ...float64) float64, names ...string) number {
	rounds := math.MaxInt
	for _, name := range names {
		rounds = min(rounds, len(m.values[name][unit]))
	}
	if len(names) == 0 || rounds == math.MaxInt {
		return number{}
	}
	var results []float64
	for round := range rounds {
		values := make([]float64, len(names))
		for i, name := range names {
			values[i] = m.values[name][unit][round]
		}
		if r := f(values...); !math.IsNaN(r) && !math.IsInf(r, 0) { // a load may have been answered nothing
			results = append(results, r)
		}
	}
	return summary(results)
}

// ratio is a over b, round by round.
func (m *measurements) ratio(unit, a, b string) number {
	return m.each(unit, func(v ...float64) float64 { return v[0] / v[1] }, a, b)
}

// over is a less b, round by round.
func (m *measurements) over(unit, a, b string) number {
	return m.each(unit, func(v ...float64) float64 { return v[0] - v[1] }, a, b)
}
