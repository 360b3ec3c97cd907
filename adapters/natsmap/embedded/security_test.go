package embedded_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/go-desync/go-desync/adapters/natsmap"
	"github.com/go-desync/go-desync/desync"
)

// custom starts a server with options of the test's.
func custom(t *testing.T, o *server.Options) *server.Server {
	t.Helper()
	o.NoSigs, o.NoLog, o.StoreDir, o.SyncInterval = true, true, t.TempDir(), time.Minute
	s, err := server.NewServer(o)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() {
		s.Shutdown()
		s.WaitForShutdown()
	})
	if !s.ReadyForConnections(20 * time.Second) {
		t.Fatal("the server is not ready")
	}
	return s
}

// What the documentation says that each needs, for the family vault.
var (
	asProducer = []string{
		"vault.c.>", "$JS.API.STREAM.INFO.vault-log", "$JS.API.STREAM.INFO.vault-state", "$JS.API.DIRECT.GET.vault-state.>",
	}
	asOperator = append([]string{"vault.x.>"}, asProducer...)
	asOwner    = append([]string{
		"vault.>", "_INBOX.>",
		"$JS.API.STREAM.CREATE.vault-log", "$JS.API.STREAM.CREATE.vault-state",
		"$JS.API.STREAM.PURGE.vault-log", "$JS.API.STREAM.PURGE.vault-state",
		"$JS.API.STREAM.MSG.GET.vault-log", "$JS.API.STREAM.MSG.GET.vault-state", "$JS.API.STREAM.MSG.DELETE.vault-log",
		"$JS.API.CONSUMER.CREATE.vault-log.>", "$JS.API.CONSUMER.CREATE.vault-state.>",
		"$JS.API.CONSUMER.MSG.NEXT.vault-log.*", "$JS.API.CONSUMER.MSG.NEXT.vault-state.*",
		"$JS.API.CONSUMER.DELETE.vault-log.*", "$JS.API.CONSUMER.DELETE.vault-state.*",
	}, asProducer...)
)

func user(name string, publish []string) *server.User {
	return &server.User{Username: name, Password: name, Permissions: &server.Permissions{
		Publish: &server.SubjectPermission{Allow: publish}, Subscribe: &server.SubjectPermission{Allow: []string{"_INBOX.>"}},
	}}
}

type vault struct {
	server        *server.Server
	family        *natsmap.Family[account]
	put, panicked *natsmap.Command[account, int, int]
}

func newVault(t *testing.T) *vault {
	v := &vault{family: natsmap.New[account]("vault", natsmap.Partitions(2), natsmap.Lease(time.Second))}
	v.put = v.family.Command("put", func(turn *natsmap.Turn, a *account, cents int) (int, error) {
		a.Cents += cents
		if cents == 7 {
			turn.Send("box", v.put, 1)
		}
		return a.Cents, nil
	})
	v.panicked = v.family.Command("panic", func(*natsmap.Turn, *account, int) (int, error) { panic("of it") })
	without := func(list []string, what string) []string {
		return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == what })
	}
	v.server = custom(t, &server.Options{DontListen: true, JetStream: true, Users: []*server.User{
		user("producer", asProducer), user("operator", asOperator), user("owner", asOwner), user("nobody", []string{"other.>"}),
		user("reader", without(asProducer, "vault.c.>")), user("weak", append(without(asOwner, "vault.>"), "vault.c.>")),
		user("blind", without(asOwner, "$JS.API.STREAM.MSG.GET.vault-state")),
	}})
	return v
}

func (v *vault) open(t *testing.T, name string) (*natsmap.Map[account], *nats.Conn, error) {
	t.Helper()
	nc, err := nats.Connect("", nats.InProcessServer(v.server), nats.UserInfo(name, name), nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	ctx, cancel := context.WithTimeout(within(t), 5*time.Second)
	defer cancel()
	m, err := v.family.Open(ctx, nc)
	if err == nil {
		t.Cleanup(m.Close)
	}
	return m, nc, err
}

// Each of producer, operator and owner needs only what the documentation lists.
func TestPermissions(t *testing.T) {
	v := newVault(t)
	owner, _, err := v.open(t, "owner")
	if err != nil {
		t.Fatal(err)
	}
	serve(t, owner)
	producer, _, err := v.open(t, "producer")
	if err != nil {
		t.Fatal(err)
	}
	ctx := within(t)
	if n, err := producer.Sync(ctx, "ann", v.put, 7); err != nil || n != 7 {
		t.Fatalf("a producer's command gave %d, %v", n, err)
	}
	var stands *natsmap.ParkedError
	if _, err := producer.Sync(ctx, "eve", v.panicked, 1); !errors.As(err, &stands) {
		t.Fatalf("a panic gave %v", err)
	}
	if a, _, err := producer.Get(ctx, "ann"); err != nil || a.Cents != 7 {
		t.Errorf("a producer's Get gave %v, %v", a, err)
	}
	if err := producer.Skip(ctx, "eve", stands.Seq); !errors.Is(err, nats.ErrPermissionViolation) || !errors.Is(err, desync.ErrNotRun) {
		t.Errorf("a producer's Skip gave %v; want a permissions violation", err)
	}
	operator, _, err := v.open(t, "operator")
	if err != nil {
		t.Fatal(err)
	}
	for p, err := range operator.Parked(ctx) {
		if err != nil || p.Key != "eve" {
			t.Errorf("parked is %v, %v", p, err)
		}
		if err := operator.Skip(ctx, p.Key, p.Seq); err != nil {
			t.Error(err)
		}
	}
	if err := operator.Delete(ctx, "ann"); err != nil {
		t.Error(err)
	}
	if n, err := producer.Sync(ctx, "box", v.put, 1); err != nil || n != 2 {
		t.Errorf("what a command has sent is not there: %d, %v", n, err)
	}
}

// Whoever may only hand commands over cannot make the owner write elsewhere.
func TestOwnerDoesNotWriteElsewhere(t *testing.T) {
	v := newVault(t)
	owner, oc, err := v.open(t, "owner")
	if err != nil {
		t.Fatal(err)
	}
	serve(t, owner)
	_, nc, err := v.open(t, "producer")
	if err != nil {
		t.Fatal(err)
	}
	for _, to := range []string{"vault.x.0.ann", "$JS.API.STREAM.PURGE.vault-state", "_INBOX.> x"} {
		js, err := jetstream.New(nc)
		if err != nil {
			t.Fatal(err)
		}
		msg := &nats.Msg{Subject: "vault.c.0.ann", Header: nats.Header{"Desync-Command": {"put"}, "Desync-Reply": {to}, "Desync-Control": {"delete"}}, Data: []byte("1")}
		if _, err := js.PublishMsg(within(t), msg); err != nil {
			t.Fatal(err)
		}
	}
	js, err := jetstream.New(oc)
	if err != nil {
		t.Fatal(err)
	}
	for ctx := within(t); ; { // until all three have run
		if ctx.Err() != nil {
			t.Fatal("they have not run")
		}
		msg, err := js.Stream(within(t), "vault-state")
		if err != nil {
			t.Fatal(err)
		}
		last, err := msg.GetLastMsgForSubject(within(t), "vault.s.0.ann")
		if err == nil && string(last.Data) == `{"Cents":3}` {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	log, err := js.Stream(within(t), "vault-log")
	if err != nil {
		t.Fatal(err)
	}
	if seq := log.CachedInfo().State.LastSeq; seq != 3 {
		t.Errorf("the log has %d commands; want 3", seq)
	}
}

// What is missing is named.
func TestPermissionsThatAreMissing(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long; without -short it runs")
	}
	v := newVault(t)
	if _, _, err := v.open(t, "owner"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := v.open(t, "nobody"); !errors.Is(err, nats.ErrPermissionViolation) || !strings.Contains(err.Error(), "$JS.API.STREAM.INFO.vault-log") {
		t.Errorf("Open by nobody gave %v", err)
	}
	reader, _, err := v.open(t, "reader")
	if err != nil {
		t.Fatal(err)
	}
	if err := reader.Async(within(t), "ann", v.put, 1); !errors.Is(err, nats.ErrPermissionViolation) || !errors.Is(err, desync.ErrNotRun) {
		t.Errorf("a command by a reader gave %v", err)
	}
	weak, _, err := v.open(t, "weak")
	if err != nil {
		t.Fatal(err)
	}
	if err := weak.Serve(within(t)); !errors.Is(err, nats.ErrPermissionViolation) || !strings.Contains(err.Error(), "vault.h.") {
		t.Errorf("Serve by one who may not give signs of life gave %v", err)
	}
	blind, _, err := v.open(t, "blind")
	if err != nil {
		t.Fatal(err)
	}
	if err := blind.Async(within(t), "ann", v.put, 1); err != nil {
		t.Fatal(err)
	}
	if err := blind.Serve(within(t)); !errors.Is(err, nats.ErrPermissionViolation) || !strings.Contains(err.Error(), "$JS.API.STREAM.MSG.GET.vault-state") {
		t.Errorf("Serve by one who may not read the states from the leader gave %v", err)
	}
}

func TestServerWithoutJetStream(t *testing.T) {
	s := custom(t, &server.Options{DontListen: true})
	nc, err := nats.Connect("", nats.InProcessServer(s))
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	if _, err := bank.Open(within(t), nc); err == nil || !strings.Contains(err.Error(), "natsmap: open bank: the server has no JetStream, or none for this account, or its cluster has no leader now; JetStream is started with -js") {
		t.Errorf("it gave %v", err)
	}
}

// A server that has no room refuses the log, or the commands; and a state waits until there is.
func TestServerWithoutRoom(t *testing.T) {
	s := custom(t, &server.Options{DontListen: true, JetStream: true, JetStreamMaxStore: 4 << 20})
	nc, err := nats.Connect("", nats.InProcessServer(s))
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	if _, err := bank.Open(within(t), nc); err == nil || !strings.Contains(err.Error(), "natsmap: open bank: the server has no room for a log of 1073741824 bytes; see MaxLog") {
		t.Errorf("a log that is too large gave %v", err)
	}
	f := natsmap.New[notes]("room", natsmap.Partitions(1), natsmap.MaxLog(1<<20), natsmap.Lease(time.Second))
	grow := f.Command("grow", func(_ *natsmap.Turn, n *notes, size int) (int, error) {
		n.All = append(n.All, strings.Repeat("x", size))
		return len(n.All), nil
	})
	m, err := f.Open(within(t), nc)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	stop := serveNotes(t, m)
	defer stop()
	sync := func(key string) error {
		ctx, cancel := context.WithTimeout(within(t), 2*time.Second)
		defer cancel()
		_, err := m.Sync(ctx, key, grow, 700_000)
		return err
	}
	var unknown *natsmap.UnknownError
	for i := 0; ; i++ {
		if err := sync(string(rune('a' + i))); errors.As(err, &unknown) || errors.Is(err, natsmap.ErrFull) {
			break
		} else if err != nil || i > 10 {
			t.Fatalf("the state %d gave %v", i, err)
		}
	}
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	state, err := js.Stream(within(t), "room-state")
	if err != nil {
		t.Fatal(err)
	}
	if err := state.Purge(within(t), jetstream.WithPurgeSubject("room.s.0.a")); err != nil {
		t.Fatal(err)
	}
	for ctx := within(t); ; time.Sleep(20 * time.Millisecond) {
		if err := sync("z"); err == nil {
			break
		} else if ctx.Err() != nil {
			t.Fatalf("although there is room again, it gave %v", err)
		}
	}
}

// certificate returns one for the address of this machine, signed by itself.
func certificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

// The connection that Serve makes has the caller's TLS, with a certificate of its own.
func TestTLS(t *testing.T) {
	cert, pool := certificate(t)
	s := custom(t, &server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true,
		TLS: true, TLSVerify: true, TLSTimeout: 10,
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{cert}, ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert},
	})
	url := strings.Replace(s.ClientURL(), "nats://", "tls://", 1)
	if nc, err := nats.Connect(url, nats.Secure(&tls.Config{RootCAs: pool})); err == nil {
		nc.Close()
		t.Error("the server takes one without a certificate")
	}
	nc, err := nats.Connect(url, nats.Secure(&tls.Config{RootCAs: pool, Certificates: []tls.Certificate{cert}}))
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	m, err := bank.Open(within(t), nc)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	serve(t, m)
	if n, err := m.Sync(within(t), "ann", deposit, 3); err != nil || n != 3 {
		t.Errorf("it gave %d, %v", n, err)
	}
}
