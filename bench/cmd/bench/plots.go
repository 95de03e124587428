package main

import (
	"errors"
	"image/color"
	"math"
	"path/filepath"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
)

// bars is one plot: groups of bars, a bar of each contender in each group.
type bars struct {
	title, unit string
	groups      []string
	names       []string
	value       func(group, name string) number
}

// colours are those of Okabe and Ito, which the colour-blind tell apart; Satchel's bar is the black one.
var colours = map[string]color.Color{
	"satchel": color.Black, "satchel-server": color.Black, "satchel-client": color.Gray{90},
	"floor": color.RGBA{86, 180, 233, 255}, "floor-server": color.RGBA{86, 180, 233, 255}, "floor-client": color.RGBA{0, 114, 178, 255},
	"scs": color.RGBA{213, 94, 0, 255}, "scs-cbor": color.RGBA{230, 159, 0, 255}, "jwt": color.RGBA{204, 121, 167, 255},
	"gorilla-cookie": color.RGBA{0, 158, 115, 255}, "securecookie-json": color.RGBA{0, 158, 115, 255},
	"securecookie-gob": color.RGBA{240, 228, 66, 255}, "fiber-session": color.RGBA{213, 94, 0, 255},
	"securecookie-cbor": color.RGBA{213, 94, 0, 255}, "fiber-store": color.RGBA{230, 159, 0, 255},
}

func (m *measurements) plotAll(folder string) error {
	fromBare := func(via string) func(way, name string) number {
		return func(way, name string) number {
			at := "Request/" + via + "/" + way + "/"
			return scaled(m.over(cpu, at+name, at+"bare"), 1000)
		}
	}
	share := func(via string) func(way, name string) number {
		return func(way, name string) number {
			at := "Load/" + via + "/" + way + "/"
			return m.ratio("req/s", at+name, at+"bare")
		}
	}
	ways := []string{"untouched", "read", "write", "create"}
	server := []string{"floor-server", "satchel-server", "scs-cbor", "scs"}
	client := []string{"floor-client", "satchel-client", "jwt", "gorilla-cookie"}
	fibers := []string{"satchel-server", "satchel-client", "fiber-store", "fiber-session"}
	return errors.Join(
		bars{"Encode and seal a token", "CPU µs", sizes, tokenOf[1:], func(size, name string) number {
			return scaled(m.of("Token/seal/"+size+"/"+name, cpu), 1000)
		}}.save(folder, "tokens-seal.svg"),
		bars{"Open and decode a token", "CPU µs", sizes, tokenOf[1:], func(size, name string) number {
			return scaled(m.of("Token/open/"+size+"/"+name, cpu), 1000)
		}}.save(folder, "tokens-open.svg"),
		bars{"Session in memory, net/http, over the bare handler", "CPU µs", ways, server, fromBare("nethttp")}.save(folder, "requests-server.svg"),
		bars{"Session in a cookie, net/http, over the bare handler", "CPU µs", ways, client, fromBare("nethttp")}.save(folder, "requests-client.svg"),
		bars{"Sessions on fiber, over the bare handler", "CPU µs", ways, fibers, fromBare("fiber")}.save(folder, "requests-fiber.svg"),
		bars{
			"Load over loopback, net/http", "share of the bare handler's requests",
			[]string{"read", "write"},
			append(append([]string{}, server...), client...), share("nethttp"),
		}.save(folder, "load-nethttp.svg"),
		bars{"Load over loopback, fiber", "share of the bare handler's requests", []string{"read", "write"}, fibers, share("fiber")}.save(folder, "load-fiber.svg"),
	)
}

func scaled(n number, by float64) number {
	n.median, n.spread = n.median/by, n.spread/by
	return n
}

// save draws the bars, or nothing where nothing was measured.
func (b bars) save(folder, name string) error {
	p := plot.New()
	p.Title.Text, p.Y.Label.Text, p.Y.Min = b.title, b.unit, 0
	p.Legend.Top = true
	width := vg.Points(min(14, 150/float64(len(b.names))))
	measured := false
	for i, name := range b.names {
		seen := false
		values := make(plotter.Values, len(b.groups))
		offset := width * vg.Length(float64(i)-float64(len(b.names)-1)/2)
		for g, group := range b.groups {
			n := b.value(group, name)
			if n.known() && !math.IsNaN(n.median) {
				measured, seen = true, true
				values[g] = max(n.median, 0)
			}
		}
		if !seen {
			continue // an earlier run had no such contender
		}
		chart, err := plotter.NewBarChart(values, width)
		if err != nil {
			return err
		}
		chart.Offset, chart.LineStyle.Width, chart.Color = offset, 0, colours[name]
		p.Add(chart)
		p.Legend.Add(name, chart)
	}
	if !measured {
		return nil
	}
	p.Y.Max *= 1.35 // room for the legend
	p.NominalX(b.groups...)
	return p.Save(18*vg.Centimeter, 10*vg.Centimeter, filepath.Join(folder, name))
}
