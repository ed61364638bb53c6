package main

import (
	"bytes"
	"encoding/base64"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var someKey = base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32))

// TestAllMistakesAtOnce: a start with nearly everything wrong reports all of
// it, and starts nothing.
func TestAllMistakesAtOnce(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0") // a server that tried to listen would fail in another way
	must(t, err)
	defer taken.Close()
	folder := filepath.Join(t.TempDir(), "data")
	var out, errs bytes.Buffer
	code := run(t.Context(), []string{"serve"}, []string{
		"HOME=/", "PATH=x", "SIDETEXT_LISTEN=" + taken.Addr().String(), "SIDETEXT_ADMIN_LISTEN=nowhere", "SIDETEXT_DATABASE_URL=sqlite:" + filepath.Join(folder, "x.db"),
		"SIDETEXT_SECRET_KEY=x", "SIDETEXT_LOG=x", "SIDETEXT_GORGIAS_URL=x", "SIDETEXT_TWILIO_URL=x", "SIDETEXT_WHATEVER=x",
	}, &out, &errs)
	if code != 2 || out.Len() != 0 {
		t.Errorf("ended with %d and said %q", code, out.String())
	}
	for _, name := range []string{"PUBLIC_URL", "ADMIN_LISTEN", "SECRET_KEY", "LOG", "GORGIAS_URL", "TWILIO_URL", "WHATEVER"} {
		if strings.Count(errs.String(), "\n  SIDETEXT_"+name+": ") != 1 {
			t.Errorf("%s is not reported once: %s", name, errs.String())
		}
	}
	if strings.Contains(errs.String(), "SIDETEXT_LISTEN") || strings.Contains(errs.String(), "goroutine") {
		t.Errorf("it says %s", errs.String())
	}
	if _, err := os.Stat(folder); !os.IsNotExist(err) {
		t.Error("something was created")
	}
}

// In a wrong folder, a command that only reads creates neither a database nor a key.
func TestReadingCreatesNothing(t *testing.T) {
	t.Parallel()
	csv := filepath.Join(t.TempDir(), "people.csv")
	must(t, os.WriteFile(csv, []byte("phone,name,email\n"), 0o600))
	for _, args := range [][]string{{"shop", "list"}, {"shop", "import", csv}, {"link"}} {
		folder := filepath.Join(t.TempDir(), "data")
		database := filepath.Join(folder, "x.db")
		var out, errs bytes.Buffer
		code := run(t.Context(), args, []string{"SIDETEXT_PUBLIC_URL=https://sms.example.com", "SIDETEXT_DATABASE_URL=sqlite:" + database}, &out, &errs)
		if code != 1 || strings.Count(errs.String(), "\n") != 1 || !strings.Contains(errs.String(), "there is no database "+database) {
			t.Errorf("%v: ended with %d and said %q", args, code, errs.String())
		}
		if _, err := os.Stat(folder); !os.IsNotExist(err) {
			t.Errorf("%v: something was created", args)
		}
	}
}

func TestMisuse(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"nonsense"}, {"serve", "--nonsense"}, {"shop"}, {"shop", "add"}, {"demo", "x"}} {
		var out, errs bytes.Buffer
		if code := run(t.Context(), args, []string{"SIDETEXT_PUBLIC_URL=https://sms.example.com", "SIDETEXT_SECRET_KEY=" + someKey, "SIDETEXT_DATABASE_URL=sqlite:" + filepath.Join(t.TempDir(), "x.db")}, &out, &errs); code != 2 || errs.Len() == 0 {
			t.Errorf("%v: ended with %d and said %q", args, code, errs.String())
		}
	}
}
