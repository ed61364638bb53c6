package store_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/store"
	"sidetext/store/pgtest"
)

// Some tests need a child process that is killed, traced or runs out of disk space.
// It is this test binary with these variables in its environment: what to do, and
// the path of the database.
const childRole, childDatabase = "SIDETEXT_TEST_CHILD", "SIDETEXT_TEST_DATABASE"

func TestMain(m *testing.M) {
	children := map[string]func(*store.Store, chat.LineConfig) error{
		"append": appendTexts, "send": sendTexts, "one": writeTwoTexts, "full": fillDisk, "faults": writeThroughFaults, "lock": holdLock, "pictures": savePictures, "events": addEvents,
	}
	child := children[os.Getenv(childRole)]
	if child == nil {
		os.Exit(pgtest.Main(m))
	}
	if err := runChild(child); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// runChild opens the database, with its shop, and runs child on it.
func runChild(child func(*store.Store, chat.LineConfig) error) error {
	ctx := context.Background()
	if os.Getenv(childRole) == "full" {
		if err := mountSmallDisk(filepath.Dir(os.Getenv(childDatabase))); err != nil {
			return err
		}
	}
	s, err := store.Open(ctx, "sqlite:"+os.Getenv(childDatabase), key, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	config, err := s.LineConfig(ctx, "line-acme")
	if errors.Is(err, chat.ErrNotFound) {
		config, err = createShop(ctx, s, "acme")
	}
	if err != nil {
		return err
	}
	return errors.Join(child(s, config), s.Close())
}

// spawn prepares a child process with this role. before is a command to run it with.
func spawn(t *testing.T, as, database string, before ...string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	before = append(before, self)
	cmd := exec.CommandContext(t.Context(), before[0], before[1:]...)
	cmd.Env = append(os.Environ(), childRole+"="+as, childDatabase+"="+database)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	return cmd, bufio.NewScanner(out)
}

// receiveText receives a text and answers it.
func receiveText(s *store.Store, config chat.LineConfig, phone chat.Phone, id, text string) error {
	_, err := s.Receive(context.Background(), config, phone, time.Now(), func(t *chat.Turn) error {
		_, err := t.Receive(chat.Incoming{Provider: "twilio", ID: id, From: phone, Text: text})
		t.Answer("Got it.")
		return err
	})
	return err
}

// appendTexts receives texts for ever, and prints the id of each once it is stored.
func appendTexts(s *store.Store, config chat.LineConfig) error {
	var printing sync.Mutex
	var calling sync.WaitGroup
	for caller := range 8 {
		calling.Go(func() {
			for n := 0; ; n++ {
				id := fmt.Sprintf("%d-%d-%d", os.Getpid(), caller, n)
				if err := receiveText(s, config, chat.Phone(fmt.Sprintf("+1415555010%d", caller%3)), id, id); err != nil {
					fmt.Fprintln(os.Stderr, err)
					os.Exit(1)
				}
				printing.Lock()
				fmt.Println(id)
				printing.Unlock()
			}
		})
	}
	calling.Wait()
	return nil
}

// sendTexts sends texts for ever, and prints of each attempt when its beginning is
// stored and when its end is.
func sendTexts(s *store.Store, config chat.LineConfig) error {
	ctx := context.Background()
	shopper := chat.Phone(fmt.Sprintf("+1415555%04d", os.Getpid()%10_000)) // another one for each process: claims of a killed one do not block its lane
	for n := 0; ; n++ {
		if err := receiveText(s, config, shopper, fmt.Sprintf("%d-%d", os.Getpid(), n), "menu"); err != nil {
			return err
		}
		claims, err := s.Claim(ctx, config.Line.SendAccount(), 8, 8, time.Now(), time.Minute)
		if err != nil {
			return err
		}
		for _, d := range claims {
			if err := sendText(ctx, s, d); err != nil {
				return err
			}
		}
	}
}

func sendText(ctx context.Context, s *store.Store, d chat.Delivery) error {
	var try chat.Attempt
	if _, err := s.Turn(ctx, d.Shop, d.Conversation, time.Now(), func(t *chat.Turn) error {
		a, _, err := t.BeginAttempt(d)
		if a != nil {
			try = *a
		}
		return err
	}); err != nil {
		return err
	}
	fmt.Println("tried", try.ID)
	if _, err := s.Turn(ctx, d.Shop, d.Conversation, time.Now(), func(t *chat.Turn) error {
		t.Done = append(t.Done, d.ID)
		return t.Report(try, chat.Report{ID: "SM" + string(try.ID), State: chat.Sent, From: chat.FromAnswer})
	}); err != nil {
		return err
	}
	fmt.Println("sent", try.ID)
	return nil
}

// writeTwoTexts stores two texts, and prints a line before and after each, which
// can be found in a trace.
func writeTwoTexts(s *store.Store, config chat.LineConfig) error {
	for _, id := range []string{"first", "second"} {
		fmt.Println("begun", id)
		if err := receiveText(s, config, phone, id, "text"); err != nil {
			return err
		}
		fmt.Println("stored", id)
	}
	return nil
}
