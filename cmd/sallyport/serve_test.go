package main

import "testing"

func TestConnectionsWith(t *testing.T) {
	for _, c := range []struct {
		files uint64
		want  int
	}{
		{1 << 63, 4096}, {4096 + 256, 4096}, {4096, 4096 - 256}, {257, 1}, {256, 1}, {0, 1},
	} {
		if got := connectionsWith(c.files, 4096); got != c.want {
			t.Errorf("with %d files there are %d connections, want %d", c.files, got, c.want)
		}
	}
}
