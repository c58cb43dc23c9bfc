package main

import (
	"fmt"
	"slices"
)

// median is the middle of the rounds; of an even number, the lower one.
func median(rounds []float64) float64 {
	sorted := slices.Sorted(slices.Values(rounds))
	return sorted[(len(sorted)-1)/2]
}

// A figure is one line of the table: the median of its rounds and how far
// apart they were.
type figure struct {
	name, unit string
	rounds     []float64
	aim        string
}

func (f *figure) add(v float64) { f.rounds = append(f.rounds, v) }

func (f *figure) print() {
	format := "%-58s %10.0f %-6s  %.0f to %.0f"
	if f.unit == "x" || f.unit == "ms" {
		format = "%-58s %10.2f %-6s  %.2f to %.2f"
	}
	line := fmt.Sprintf(format, f.name, median(f.rounds), f.unit, slices.Min(f.rounds), slices.Max(f.rounds))
	if f.aim != "" {
		line += "   (aim: " + f.aim + ")"
	}
	fmt.Println(line)
}

// measureCalls loads a server round by round, and prints the rate of the calls, with
// their latencies. request gives the plan of a round.
func measureCalls(o *options, rate figure, request func(round int) (*plan, error)) error {
	p50 := figure{name: "  median latency", unit: "ms"}
	p99 := figure{name: "  99th percentile", unit: "ms"}
	for round := range o.rounds {
		p, err := request(round)
		if err != nil {
			return err
		}
		r, err := load(p)
		if err != nil {
			return err
		}
		rate.add(r.rate())
		p50.add(milliseconds(r.P50))
		p99.add(milliseconds(r.P99))
	}
	for _, f := range []*figure{&rate, &p50, &p99} {
		f.print()
	}
	return nil
}
