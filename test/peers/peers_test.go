package peers

import "testing"

// TestAgree has every engine decide requests of every workload: what is fast must
// be right too.
func TestAgree(t *testing.T) {
	for _, w := range workloads() {
		for _, e := range engines {
			t.Run(w.name+"/"+e.name, func(t *testing.T) {
				decide, err := e.prepare(&w)
				if err != nil {
					t.Fatal(err)
				}
				step := 1
				if e.name != "sallyport" && len(w.policies)*len(w.policies[0]) > 100 {
					step = 101 // of each kind: 101 is no multiple of 3
				}
				kinds := map[bool]int{}
				for i := 0; i < len(w.requests); i += step {
					got, err := decide(i)
					if err != nil {
						t.Fatal(err)
					}
					if kinds[got]++; got != w.want[i] {
						t.Fatalf("%+v: got %v, want %v", w.requests[i], got, w.want[i])
					}
				}
				if kinds[true] == 0 || kinds[false] == 0 {
					t.Errorf("answers: %v", kinds)
				}
			})
		}
	}
}

// BenchmarkPeers decides one request after the other.
//
//	go test -run '^$' -bench Peers -benchmem -count 5
func BenchmarkPeers(b *testing.B) {
	for _, w := range workloads() {
		for _, e := range engines {
			b.Run(w.name+"/"+e.name, func(b *testing.B) {
				decide, err := e.prepare(&w)
				if err != nil {
					b.Fatal(err)
				}
				b.ReportAllocs()
				i := 0
				for b.Loop() {
					if _, err := decide(i); err != nil {
						b.Fatal(err)
					}
					i = (i + 1) % len(w.requests)
				}
			})
		}
	}
}
