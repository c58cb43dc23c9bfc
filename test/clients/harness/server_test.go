package harness

import (
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"
)

// TestMain lets this test binary stand in for the server: "serve" as its first
// argument starts a process that is ready at once and does nothing else.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "serve" {
		os.Exit(serveNothing(os.Args[1:]))
	}
	Main(m)
}

func serveNothing(args []string) int {
	flags := strings.Join(args, " ")
	fmt.Println("arguments:", flags)
	fmt.Println("account:", os.Getenv("SALLYPORT_ACCOUNT_ID"), "aws:", os.Getenv("AWS_PROFILE"))
	_, address, _ := strings.Cut(flags, "--addr ")
	address, _, _ = strings.Cut(address, " ")
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	failed := make(chan error, 1)
	http.HandleFunc("/readyz", func(http.ResponseWriter, *http.Request) {})
	go func() { failed <- http.ListenAndServe(address, nil) }()
	select {
	case <-stop:
		fmt.Println("stopped")
		return 0
	case err := <-failed:
		fmt.Println(err)
		return 1
	}
}

func TestServerProcess(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(BinaryVariable, self)
	t.Setenv("AWS_PROFILE", "someone")
	s := StartServer(t, SQLite)
	for _, want := range []string{"--store sqlite:" + s.Data, "account: " + AccountID, "aws: \n"} {
		if !strings.Contains(s.Output(), want) {
			t.Errorf("the server was started without %q:\n%s", want, s.Output())
		}
	}
	s.Restart(t, syscall.SIGTERM)
	if !strings.Contains(s.Output(), "stopped") {
		t.Errorf("the server had no chance to stop:\n%s", s.Output())
	}
	s.Restart(t, syscall.SIGKILL)
	response, err := http.Get(s.URL + "/readyz")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if got := strings.Count(s.Output(), "arguments:"); got != 3 {
		t.Errorf("the server was started %d times, want 3", got)
	}
	if got := strings.Count(s.Output(), "stopped"); got != 1 {
		t.Errorf("the server was stopped %d times by SIGTERM, want once", got)
	}
}

func TestStoreURL(t *testing.T) {
	for store, want := range map[Store]string{Memory: "memory:", SQLite: "sqlite:dir/sallyport.db", Postgres: "postgres://"} {
		if got := store.url(t, "dir"); !strings.HasPrefix(got, want) {
			t.Errorf("%s: --store %s, want %s", store, got, want)
		}
	}
	if a, b := Postgres.url(t, "dir"), Postgres.url(t, "dir"); a == b {
		t.Errorf("two servers have the database %s", a)
	}
}
