package backup

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"sallyport/internal/journal"
	"sallyport/internal/state"
)

// BenchmarkBackup restores 100,000 entries of ten accounts, checked before and
// after, and saves them again, as the commands do.
func BenchmarkBackup(b *testing.B) {
	const accounts, each = 10, 10_000
	all := new(fake)
	for a := range accounts {
		id := state.AccountStream(fmt.Sprintf("%012d", a+1))
		var last *journal.Entry
		for n := range each {
			key := fmt.Sprintf("%08x", uint32(a*each+n)*2654435761)
			e := crafted(id, journal.Revision(n+1), last, epoch.Add(time.Duration(n)*time.Second),
				fmt.Sprintf(`{"t":"rows","k":%q,"v":{"name":"user-%s"}}`, key, key))
			all.entries = append(all.entries, e)
			last = &e
		}
	}
	input := filepath.Join(b.TempDir(), "input.backup")
	save(b, input, all)
	file, err := os.Open(input)
	must(b, err)
	defer file.Close() //nolint:errcheck // it is only read
	info, err := file.Stat()
	must(b, err)
	for _, s := range stores {
		b.Run(s.name, func(b *testing.B) {
			var restoring, saving time.Duration
			for b.Loop() {
				store := s.open(b)()
				began := time.Now()
				must(b, restore(NewFile(file), store))
				restored := time.Now()
				save(b, filepath.Join(b.TempDir(), "output.backup"), store)
				restoring, saving = restoring+restored.Sub(began), saving+time.Since(restored)
			}
			b.ReportMetric(restoring.Seconds()/float64(b.N), "s/restore")
			b.ReportMetric(saving.Seconds()/float64(b.N), "s/backup")
			b.ReportMetric(float64(info.Size())/1e6, "MB/file")
		})
	}
}

func save(b *testing.B, path string, source journal.Exports) {
	b.Helper()
	must(b, Save(path, false, func(w io.Writer) error {
		_, err := Write(context.Background(), source, w)
		return err
	}))
}
