package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// parses says whether the command line takes these arguments.
func parses(t *testing.T, args []string) *kong.Context {
	t.Helper()
	context, err := parser(t).Parse(args)
	if err != nil {
		t.Fatalf("%v: %v", args, err)
	}
	return context
}

// TestOperatingGuide: the guide's table of settings has every flag of serve and
// no other, and every command that the guide shows is one.
func TestOperatingGuide(t *testing.T) {
	guide := read(t, "../../docs/operating.md")
	_, table, ok := strings.Cut(guide, "| flag | default | |\n")
	if !ok {
		t.Fatal("the table of settings is gone")
	}
	table, _, _ = strings.Cut(table, "\n\n")
	flag := regexp.MustCompile("`--([a-z-]+)`")
	var documented []string
	for row := range strings.Lines(table) {
		cell := strings.Split(row, "|")[1]
		for _, m := range flag.FindAllStringSubmatch(cell, -1) {
			documented = append(documented, m[1])
		}
	}
	var flags []string
	for _, f := range parses(t, []string{"serve"}).Selected().Flags {
		flags = append(flags, f.Name)
	}
	slices.Sort(documented)
	slices.Sort(flags)
	if !slices.Equal(documented, flags) || len(flags) < 20 {
		t.Errorf("the guide has the settings %v, serve has %v", documented, flags)
	}
	known := flagNames(parser(t).Model.Node)
	for _, m := range regexp.MustCompile("--([a-z][a-z-]+)").FindAllStringSubmatch(guide, -1) {
		foreign := []string{"now", "system", "home-dir", "shell", "debug", "encoded-message", "query", "granularity", "arn", "job-id", "output"} // systemd's, useradd's, the aws CLI's
		if !slices.Contains(known, m[1]) && !slices.Contains(foreign, m[1]) {
			t.Errorf("the guide speaks of --%s, which no command has", m[1])
		}
	}
	variables := flagEnvs(parser(t).Model.Node)
	for _, name := range regexp.MustCompile(`SALLYPORT_[A-Z_]+[A-Z]`).FindAllString(guide, -1) {
		if !slices.Contains(variables, name) {
			t.Errorf("the guide speaks of %s, which no command reads", name)
		}
	}
}

func parser(t *testing.T) *kong.Kong {
	t.Helper()
	p, err := kong.New(new(cli), kong.Name("sallyport"), kong.Vars{"data": ""})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// directives are a unit's, by name; a name that is given twice has both values.
func directives(t *testing.T, unit string) map[string]string {
	t.Helper()
	values := make(map[string]string)
	for line := range strings.Lines(unit) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") || strings.HasPrefix(line, "[") {
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		if !ok {
			t.Fatalf("not a directive: %s", line)
		}
		values[name] = strings.TrimSpace(values[name] + " " + value)
	}
	return values
}

// TestServiceUnit: the unit runs a command that exists, on the folder that it
// may write to, and gives it no more than that.
func TestServiceUnit(t *testing.T) {
	const file = "../../deploy/sallyport.service"
	unit := read(t, file)
	have := directives(t, unit)
	args := strings.Fields(have["ExecStart"])
	if filepath.Base(args[0]) != "sallyport" {
		t.Fatalf("it runs %v", args)
	}
	if command := parses(t, args[1:]).Command(); command != "serve" {
		t.Errorf("it runs %s", command)
	}
	if !slices.Contains(args, "/var/lib/"+have["StateDirectory"]) {
		t.Errorf("it runs %v and may write to /var/lib/%s", args, have["StateDirectory"])
	}
	if err := knownEnvironment(regexp.MustCompile(`SALLYPORT_[A-Z_]+[A-Z]`).FindAllString(unit, -1)); err != nil {
		t.Error(err)
	}
	for name, want := range map[string]string{
		"User": "sallyport", "StateDirectoryMode": "0700", "UMask": "0077", "NoNewPrivileges": "yes",
		"CapabilityBoundingSet": "", "AmbientCapabilities": "", "ProtectSystem": "strict", "ProtectHome": "yes",
		"PrivateTmp": "yes", "PrivateDevices": "yes", "PrivateUsers": "yes", "ProtectKernelTunables": "yes",
		"ProtectKernelModules": "yes", "ProtectControlGroups": "yes", "RestrictNamespaces": "yes", "RestrictSUIDSGID": "yes",
		"MemoryDenyWriteExecute": "yes", "LockPersonality": "yes", "SystemCallArchitectures": "native",
		"SystemCallFilter": "@system-service ~@privileged @resources", "LimitCORE": "0", "Restart": "on-failure",
	} {
		if got, ok := have[name]; !ok || got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Log("systemd-analyze is not there; the directives alone were checked")
		return
	}
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(t.TempDir(), "sallyport.service")
	if err := os.WriteFile(copied, []byte(strings.ReplaceAll(unit, args[0], binary)), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(analyze, "verify", "--man=no", copied).CombinedOutput(); err != nil || strings.Contains(string(out), copied) {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
}

// TestContainerfile: the image runs a command that exists, as nobody, from
// nothing.
func TestContainerfile(t *testing.T) {
	file := read(t, "../../deploy/Containerfile")
	array := func(instruction string) (values []string) {
		_, rest, ok := strings.Cut(file, "\n"+instruction+" ")
		line, _, _ := strings.Cut(rest, "\n")
		if err := json.Unmarshal([]byte(line), &values); !ok || err != nil {
			t.Fatalf("%s %s: %v", instruction, line, err)
		}
		return values
	}
	if entry := array("ENTRYPOINT"); len(entry) != 1 || entry[0] != "/sallyport" {
		t.Errorf("its entry point is %v", entry)
	}
	if command := parses(t, array("CMD")).Command(); command != "serve" {
		t.Errorf("it runs %s", command)
	}
	for _, line := range []string{"FROM scratch", "USER 65532:65532", "ENV SALLYPORT_DATA=/var/lib/sallyport", "VOLUME /var/lib/sallyport", "STOPSIGNAL SIGTERM"} {
		if !slices.Contains(strings.Split(file, "\n"), line) {
			t.Errorf("it has no line %q", line)
		}
	}
	if version := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(read(t, "../../go.mod")); !strings.Contains(file, "FROM golang:"+version[1]+" ") {
		t.Errorf("it is not built with Go %s", version[1])
	}
}
