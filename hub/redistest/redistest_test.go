package redistest_test

import (
	"testing"

	"github.com/redis/go-redis/v9"

	"sidetext/hub/redistest"
)

func TestServer(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	options, err := redis.ParseURL(s.URL())
	if err != nil {
		t.Fatal(err)
	}
	options.MaxRetries = -1
	client := redis.NewClient(options)
	defer client.Close()
	if err := client.Ping(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	s.Kill()
	if err := client.Ping(t.Context()).Err(); err == nil {
		t.Error("the server answers after Kill")
	}
	s.Restart(t)
	if err := client.Ping(t.Context()).Err(); err != nil {
		t.Error(err)
	}
}
