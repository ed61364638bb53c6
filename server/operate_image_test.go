package main

import (
	"errors"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"sidetext/server/app"
)

// TestOperateImage: the program is built as the Dockerfile does and runs as in
// the image: as an unprivileged user, in a folder with nothing but the program,
// certificates and a place for data.
func TestOperateImage(t *testing.T) {
	t.Parallel()
	dockerfile := handbook(t)["Dockerfile"]
	root := t.TempDir()
	must(t, os.Chmod(root, 0o755))
	must(t, os.Mkdir(filepath.Join(root, "data"), 0o700))
	build := regexp.MustCompile(`(?s)(CGO_ENABLED=0 .+?) -o \S+ (\S+)\n`).FindStringSubmatch(dockerfile)
	user := regexp.MustCompile(`(?m)^USER (\d+):(\d+)$`).FindStringSubmatch(dockerfile)
	if build == nil || user == nil || !strings.Contains(dockerfile, "--chown="+user[1]+":"+user[2]) {
		t.Fatal("the Dockerfile is not what this test can read")
	}
	compile := exec.Command("sh", "-c", build[1]+` -o "$OUT" `+build[2])
	compile.Dir, compile.Env = "..", append(os.Environ(), "OUT="+filepath.Join(root, "sidetext"), "VERSION=v9.8.7",
		"TARGETOS="+runtime.GOOS, "TARGETARCH="+runtime.GOARCH, "GOFLAGS=") // those of the tests ask for the race detector, and so for C
	if output, err := compile.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	public, admin := freeAddress(t), freeAddress(t)
	environ := []string{"SIDETEXT_PUBLIC_URL=https://sms.example.com", "SIDETEXT_LISTEN=" + public, "SIDETEXT_ADMIN_LISTEN=" + admin}
	inside := func(command string) *exec.Cmd {
		cmd := exec.Command("/sidetext", command)
		cmd.Env, cmd.Dir, cmd.SysProcAttr = environ, "/", imageUser(t, root)
		return cmd
	}
	if out, err := inside("version").CombinedOutput(); err != nil || !strings.HasPrefix(string(out), "sidetext v9.8.7 (go1.") {
		t.Errorf("version prints %q, %v", out, err)
	}
	if out, err := inside("healthcheck").CombinedOutput(); code(err) != exitFailed {
		t.Errorf("before there is a server, healthcheck ends with %v: %s", err, out)
	}
	serve := inside("serve")
	var log strings.Builder
	serve.Stderr = &log
	must(t, serve.Start())
	t.Cleanup(func() { _ = serve.Process.Kill() })
	until(t, "healthcheck ends with 0", func() bool { return inside("healthcheck").Run() == nil })
	behind := inside("healthcheck")
	behind.Env = append(environ[:len(environ):len(environ)], "HTTP_PROXY=http://127.0.0.1:1", "SIDETEXT_ADMIN_LISTEN="+strings.TrimPrefix(admin, "127.0.0.1"))
	if out, err := behind.CombinedOutput(); err != nil {
		t.Errorf("where the way out is a proxy, healthcheck ends with %v: %s", err, out)
	}
	must(t, serve.Process.Signal(syscall.SIGTERM))
	if err := serve.Wait(); err != nil {
		t.Errorf("the server ended with %v: %s", err, log.String())
	}
	for _, name := range []string{"sidetext.db", "sidetext.key"} {
		if info, err := os.Stat(filepath.Join(root, "data", name)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
}

// imageUser runs a process as the user of the image, with root as its file system.
func imageUser(t testing.TB, root string) *syscall.SysProcAttr {
	const uid = 65532
	if os.Getuid() == 0 {
		must(t, os.Chown(filepath.Join(root, "data"), uid, uid))
		return &syscall.SysProcAttr{Chroot: root, Credential: &syscall.Credential{Uid: uid, Gid: uid}}
	}
	return &syscall.SysProcAttr{
		Chroot: root, Cloneflags: syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: uid, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: uid, HostID: os.Getgid(), Size: 1}},
	}
}

func code(err error) int {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode()
	}
	return -1
}

// TestOperateGo: the image is built with a Go version that the code allows.
func TestOperateGo(t *testing.T) {
	t.Parallel()
	mod, err := os.ReadFile("../go.mod")
	must(t, err)
	language := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindSubmatch(mod)
	image := regexp.MustCompile(`(?m)^FROM (?:--platform=\S+ )?golang:(\d+\.\d+)\.\d+-`).FindStringSubmatch(handbook(t)["Dockerfile"])
	if language == nil || image == nil || string(language[1]) != image[1] {
		t.Errorf("go.mod says %q, the Dockerfile %q", language, image)
	}
}

// TestOperateSecrets: the script makes the secrets that the compose file
// mounts; the second time it changes nothing.
func TestOperateSecrets(t *testing.T) {
	t.Parallel()
	script, err := filepath.Abs("../docs/operate/secrets.sh")
	must(t, err)
	dir := t.TempDir()
	made := func() map[string]string {
		cmd := exec.Command("sh", script)
		cmd.Dir = dir
		if output, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, output)
		}
		texts := map[string]string{}
		must(t, filepath.WalkDir(filepath.Join(dir, "secrets"), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			text, err := os.ReadFile(path)
			texts[entry.Name()] = string(text)
			return err
		}))
		return texts
	}
	first := made()
	if second := made(); len(first) == 0 || !maps.Equal(first, second) {
		t.Errorf("made %d secrets, then other ones", len(first))
	}
	if _, err := app.DecodeKey(first["secret_key"]); err != nil {
		t.Error(err)
	}
	for file, password := range map[string]string{"database_url": "postgres_password", "redis_url": "redis_password"} {
		u, err := url.Parse(first[file])
		if err != nil {
			t.Fatalf("%s is no address", file)
		}
		if got, _ := u.User.Password(); len(got) < 32 || got != first[password] {
			t.Errorf("%s does not have the password of %s", file, password)
		}
	}
	info, err := os.Stat(filepath.Join(dir, "secrets"))
	must(t, err)
	if info.Mode().Perm() != 0o700 {
		t.Errorf("the folder has mode %v", info.Mode())
	}
	var mounted, there []string
	for _, file := range regexp.MustCompile(`file: \./secrets/(\w+)`).FindAllStringSubmatch(handbook(t)["docker-compose.yml"], -1) {
		mounted = append(mounted, file[1])
	}
	for name := range first {
		there = append(there, name)
	}
	slices.Sort(mounted)
	slices.Sort(there)
	if !slices.Equal(mounted, there) {
		t.Errorf("the compose file mounts %v, made are %v", mounted, there)
	}
}
