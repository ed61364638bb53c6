package redis_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sidetext/hub"
	"sidetext/hub/bustest"
	"sidetext/hub/redis"
	"sidetext/hub/redistest"
)

func TestSentinel(t *testing.T) {
	t.Parallel()
	master := redistest.Start(t)
	replica := redistest.Replica(t, master)
	sentinel := redistest.Sentinel(t, "main", master, 1)
	address := "redis+sentinel://" + sentinel.Addr + "?master_name=main&addr=127.0.0.1:1"
	open(t, strings.Replace(address, "main", "maine", 1), "z") // not an error: the other Sentinel may know the name
	_, err := redis.Open(t.Context(), "redis+sentinel://"+sentinel.Addr+"?master_name=maine", "c", "a", discard)
	if err == nil || err.Error() != "redis: the Sentinels have no master with the name in the address" {
		t.Errorf("got %v", err)
	}
	a, b := open(t, address, "a"), open(t, address, "b")
	recorder, _ := bustest.Subscribe(t, b)
	bustest.Subscribe(t, a)
	publishUntilReceived(t, a, recorder, "before")
	stop := publishLoad(t, a)
	master.Kill()
	bustest.WaitHealthy(t, b, false)
	took := bustest.WaitHealthy(t, b, true)
	bustest.WaitHealthy(t, a, true)
	t.Logf("healthy through the replica after %v", took)
	if role := replica.Do(t, "ROLE"); !strings.HasPrefix(role, "master") {
		t.Errorf("the replica is %s", role)
	}
	stop()
	publishUntilReceived(t, a, recorder, "after")
	if recorder.Received().Losses < 2 {
		t.Error("no loss was reported")
	}
}

func TestCluster(t *testing.T) {
	t.Parallel()
	servers := redistest.Cluster(t)
	address := "redis+cluster://" + servers[1].Addr + "?addr=" + servers[0].Addr + "&addr=" + servers[2].Addr
	bustest.Run(t, func(t *testing.T) bustest.Fleet {
		return func(node string) hub.Bus { return openPatient(t, address, node, 2*time.Second) }
	})
}

// go-redis publishes and subscribes on the master of the slot of the channel's name.
func TestClusterFailover(t *testing.T) {
	t.Parallel()
	servers := redistest.Cluster(t)
	address := "redis+cluster://" + servers[0].Addr + "?addr=" + servers[1].Addr + "&addr=" + servers[2].Addr
	a, b := open(t, address, "a"), open(t, address, "b")
	recorder, _ := bustest.Subscribe(t, b)
	bustest.Subscribe(t, a)
	publishUntilReceived(t, a, recorder, "before")
	for _, s := range servers[:3] {
		if s.Do(t, "PUBSUB", "NUMSUB", "sidetext/"+t.Name()) == "sidetext/"+t.Name()+"\n0" {
			continue
		}
		stop := publishLoad(t, a)
		s.Kill()
		bustest.WaitHealthy(t, b, false)
		t.Logf("healthy through the replica after %v", bustest.WaitHealthy(t, b, true))
		bustest.WaitHealthy(t, a, true)
		stop()
		publishUntilReceived(t, a, recorder, "after")
		if recorder.Received().Losses < 2 {
			t.Error("no loss was reported")
		}
		return
	}
	t.Error("no server has a subscriber")
}

func TestUnixSocket(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "r.sock")
	redistest.Start(t, "--unixsocket", path)
	bus := open(t, (&url.URL{Scheme: "unix", Path: path}).String(), "a")
	recorder, _ := bustest.Subscribe(t, bus)
	publishUntilReceived(t, bus, recorder, "r")
}

func TestTLS(t *testing.T) {
	t.Parallel()
	cert, key := certificate(t)
	port := redistest.FreePort(t)
	redistest.Start(t, "--tls-port", port, "--tls-cert-file", cert, "--tls-key-file", key, "--tls-auth-clients", "no")
	bus := open(t, "rediss://127.0.0.1:"+port+"?skip_verify=true", "a")
	recorder, _ := bustest.Subscribe(t, bus)
	publishUntilReceived(t, bus, recorder, "r")
	err := openUntilRefused(t, "rediss://127.0.0.1:"+port, discard)
	if err == nil || !strings.HasPrefix(err.Error(), "redis: the server's certificate is not valid: ") {
		t.Errorf("got %v", err)
	}
}

func certificate(t *testing.T) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "redis"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, kind string, data []byte) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: data}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	return write("cert.pem", "CERTIFICATE", cert), write("key.pem", "PRIVATE KEY", private)
}
