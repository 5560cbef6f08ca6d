package deploy_test

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// server is the example as a process.
type server struct {
	t       *testing.T
	process *exec.Cmd
	out     *bufio.Reader
	addr    string
}

// serve starts the example with the settings of example.env and these changes.
func serve(t *testing.T, changes ...string) *server {
	t.Helper()
	cmd := exec.Command(binary(t))
	cmd.Env, cmd.Stderr = settings(t, append(changes, "ADDR=127.0.0.1:0")...), os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = cmd.Process.Kill(), cmd.Wait() })
	s := &server{t, cmd, bufio.NewReader(out), ""}
	line, err := s.out.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	s.addr = strings.TrimPrefix(strings.TrimSpace(line), "Listening on http://")
	return s
}

// run runs a command of the example with the settings of the server.
func (s *server) run(input string, args ...string) (string, error) {
	cmd := exec.CommandContext(s.t.Context(), s.process.Path, args...)
	cmd.Env, cmd.Stdin = append(s.process.Env, "ADDR="+s.addr), strings.NewReader(input)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// TestBehindNginx: a user logs in over https, through nginx with the file of this folder.
func TestBehindNginx(t *testing.T) {
	nginx := program(t, "nginx")
	s := serve(t, "DATABASE_URL=sqlite:"+filepath.Join(t.TempDir(), "example.db"))
	if out, err := s.run("Looking-Glass-7\n", "createuser", "--username", "ann", "--email", "ann@example.com", "--password-stdin"); err != nil {
		t.Fatal(out, err)
	}
	client := proxied(t, nginx, s.addr)

	r := client.send("GET", "http://app.example.com/login?next=1", nil)
	if at := r.header.Get("Location"); r.status != 301 || at != "https://app.example.com/login?next=1" {
		t.Errorf("%d %s", r.status, at)
	}
	r = client.send("POST", "https://app.example.com/auth/login/", url.Values{"username": {"ann"}, "password": {"Looking-Glass-7"}})
	cookie := r.header.Get("Set-Cookie")
	if r.status != 200 || !strings.HasPrefix(cookie, "__Host-session=") || !strings.Contains(cookie, "Secure") || r.header.Get("Strict-Transport-Security") == "" {
		t.Errorf("%d %s %v", r.status, r.body, r.header)
	}
	if r = client.send("GET", "https://app.example.com/auth/sessions/", nil); r.status != 200 || !strings.Contains(r.body, `"ip":"127.0.0.1"`) {
		t.Errorf("the address is not the client's: %d %s", r.status, r.body)
	}
	for path, want := range map[string]int{"/": 200, "/api/me": 200, "/healthz": 200, "/readyz": 200, "/dev/mail": 404} {
		if r = client.send("GET", "https://app.example.com"+path, nil); r.status != want {
			t.Errorf("%s: %d %s", path, r.status, r.body)
		}
	}
	client.origin = "https://evil.example"
	if r = client.send("POST", "https://app.example.com/auth/logout/", nil); r.status != 403 {
		t.Errorf("a page of another origin: %d %s", r.status, r.body)
	}
	client.origin = "https://app.example.com"
	if r = client.send("POST", "https://app.example.com/auth/logout/", nil); r.status != 200 {
		t.Errorf("%d %s", r.status, r.body)
	}
	if r = client.send("GET", "https://app.example.com/auth/user/", nil); r.status != 401 {
		t.Errorf("after the logout: %d %s", r.status, r.body)
	}
}

// visitor is a browser whose names all lead to nginx.
type visitor struct {
	t *testing.T
	http.Client
	origin string
}

type response struct {
	status int
	header http.Header
	body   string
}

func (v *visitor) send(method, at string, form url.Values) response {
	v.t.Helper()
	request, err := http.NewRequestWithContext(v.t.Context(), method, at, strings.NewReader(form.Encode()))
	if err != nil {
		v.t.Fatal(err)
	}
	request.Header.Set("X-Forwarded-For", "203.0.113.9") // a lie
	if method != http.MethodGet {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.Header.Set("Origin", v.origin)
	}
	r, err := v.Do(request)
	if err != nil {
		v.t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return response{r.StatusCode, r.Header, string(body)}
}

// proxied starts nginx in front of the server, with other ports and certificates than in nginx.conf.
func proxied(t *testing.T, nginx, upstream string) *visitor {
	t.Helper()
	dir := t.TempDir()
	roots := certify(t, dir)
	plain, secure := freePort(t), freePort(t)
	site := strings.NewReplacer(
		"127.0.0.1:8080", upstream, "listen 80;", "listen "+plain+";", "listen 443 ssl http2;", "listen "+secure+" ssl http2;",
		"    listen [::]:80;\n", "", "    listen [::]:443 ssl http2;\n", "", "/etc/letsencrypt/live/app.example.com", dir,
	).Replace(read(t, "nginx.conf"))
	main := "daemon off;\nuser root;\npid " + dir + "/pid;\nerror_log stderr;\nevents {}\nhttp {\naccess_log off;\n" + site + "}\n"
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, []byte(main), 0o600); err != nil {
		t.Fatal(err)
	}
	passes(t, nginx, "-t", "-p", dir, "-c", file)
	cmd := exec.Command(nginx, "-p", dir, "-c", file)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
	})
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{t: t, origin: "https://app.example.com", Client: http.Client{
		Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{RootCAs: roots}, DialContext: func(ctx context.Context, _, at string) (net.Conn, error) {
			if strings.HasSuffix(at, ":80") {
				return dial(ctx, plain)
			}
			return dial(ctx, secure)
		}},
	}}
}

// dial tries until nginx listens.
func dial(ctx context.Context, at string) (conn net.Conn, err error) {
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); {
		if conn, err = new(net.Dialer).DialContext(ctx, "tcp", at); err == nil {
			return conn, nil
		}
	}
	return nil, err
}

func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// certify writes a certificate as certbot names it, and returns it as the only one to trust.
func certify(t *testing.T, dir string) *x509.CertPool {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"app.example.com"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	for name, text := range map[string][]byte{"fullchain.pem": certificate, "privkey.pem": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(certificate)
	return roots
}
