package instance_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"casement/internal/instance"
)

const id = "com.example.instance"

// TestMain is also the main function of the processes that tests start. Such a process prints its
// role and the messages that it gets, until standard input ends.
func TestMain(m *testing.M) {
	if os.Getenv("INSTANCE_TEST_PROCESS") == "" {
		os.Exit(m.Run())
	}
	dir, _ := os.Getwd()
	printed := make(chan struct{}) // closed after the role: a message may come before Take returns
	claim, err := instance.Take(context.Background(), id, instance.Message{Args: os.Args[1:], Dir: dir},
		func(m instance.Message) bool {
			<-printed
			text, _ := json.Marshal(m)
			fmt.Println(string(text))
			return true
		})
	switch {
	case err != nil:
		fmt.Println(err)
		os.Exit(1)
	case claim == nil:
		fmt.Println("handed over")
		os.Exit(0)
	}
	fmt.Println("first")
	close(printed)
	_, _ = io.Copy(io.Discard, os.Stdin)
	if err := claim.Close(); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	os.Exit(0)
}

// A process runs this test binary as an instance.
type process struct {
	*exec.Cmd
	in  io.Closer
	out *bufio.Scanner
}

func start(t *testing.T, runtime string, args ...string) *process {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	p := &process{Cmd: exec.CommandContext(ctx, os.Args[0], args...)}
	p.Env = append(os.Environ(), "INSTANCE_TEST_PROCESS=1", "XDG_RUNTIME_DIR="+runtime)
	p.Dir = runtime
	in, err := p.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.in, p.out = in, bufio.NewScanner(out)
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Process.Kill(); _ = p.Wait() })
	return p
}

func (p *process) line(t *testing.T) string {
	t.Helper()
	if !p.out.Scan() {
		t.Fatalf("the process has ended: %v", p.out.Err())
	}
	return p.out.Text()
}

func TestALaterProcessPassesItsArgumentsToTheFirst(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := start(t, dir, "a")
	if got := first.line(t); got != "first" {
		t.Fatalf("the first says %q", got)
	}
	awkward := []string{"--", "it's \"b\"\n", "日本語"}
	second := start(t, dir, awkward...)
	if got := second.line(t); got != "handed over" {
		t.Fatalf("the second says %q", got)
	}
	var m instance.Message
	if err := json.Unmarshal([]byte(first.line(t)), &m); err != nil || !slices.Equal(m.Args, awkward) || m.Dir != dir {
		t.Errorf("%v: %+v", err, m)
	}
	if err := second.Wait(); err != nil {
		t.Error(err)
	}
	_ = first.in.Close()
	if err := first.Wait(); err != nil {
		t.Error(err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "casement", "*.sock")); len(left) > 0 {
		t.Errorf("%q is left behind", left)
	}
}

func TestAKilledProcessReleasesTheID(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := start(t, dir)
	if got := first.line(t); got != "first" {
		t.Fatalf("the first says %q", got)
	}
	if err := first.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = first.Wait()
	if left, _ := filepath.Glob(filepath.Join(dir, "casement", "*.sock")); len(left) != 1 {
		t.Fatalf("sockets left behind: %q, want one: the test would prove nothing", left)
	}
	if got := start(t, dir).line(t); got != "first" {
		t.Errorf("the next says %q", got)
	}
}

func TestOneOfManyProcessesClaimsTheID(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const n = 12
	said := make(chan string, n)
	for i := range n {
		p := start(t, dir, fmt.Sprint(i))
		go func() {
			p.out.Scan()
			said <- p.out.Text()
		}()
	}
	count := map[string]int{}
	for range n {
		count[<-said]++
	}
	if count["first"] != 1 || count["handed over"] != n-1 {
		t.Errorf("%v", count)
	}
}

func TestAnInstanceThatRefusesIsReplaced(t *testing.T) {
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	never := func(instance.Message) bool { return false }
	first, err := instance.Take(t.Context(), id, instance.Message{}, never)
	if err != nil || first == nil {
		t.Fatalf("%v, %v", first, err)
	}
	time.AfterFunc(50*time.Millisecond, func() { _ = first.Close() })
	second, err := instance.Take(t.Context(), id, instance.Message{}, never)
	if err != nil || second == nil {
		t.Fatalf("the second gets %v, %v", second, err)
	}
	if err := second.Close(); err != nil {
		t.Error(err)
	}
	if err := second.Close(); err != nil {
		t.Errorf("closing twice: %v", err)
	}
}

func TestAnInstanceThatHangsIsAnError(t *testing.T) {
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	hung := make(chan struct{})
	first, err := instance.Take(t.Context(), id, instance.Message{}, func(instance.Message) bool { <-hung; return true })
	if err != nil || first == nil {
		t.Fatalf("%v, %v", first, err)
	}
	defer func() {
		close(hung)
		_ = first.Close()
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if c, err := instance.Take(ctx, id, instance.Message{}, nil); c != nil || err == nil || !strings.Contains(err.Error(), "does not answer") {
		t.Errorf("%v, %v", c, err)
	}
}

func TestInvalidMessagesGetNoReply(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_RUNTIME_DIR", dir)
	c, err := instance.Take(t.Context(), id, instance.Message{}, func(m instance.Message) bool {
		t.Errorf("handled %+v", m)
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	sockets, _ := filepath.Glob(filepath.Join(dir, "casement", "*.sock"))
	if len(sockets) != 1 {
		t.Fatalf("sockets %q", sockets)
	}
	for _, text := range []string{"", "{", `{"args": 1}`, strings.Repeat("x", 5<<20)} {
		conn, err := net.Dial("unix", sockets[0])
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(conn, text) // may be closed before all is written
		_ = conn.(*net.UnixConn).CloseWrite()
		said, _ := io.ReadAll(conn)
		if _, answer, found := strings.Cut(string(said), "\n"); len(answer) > 0 || !found && len(text) < 100 {
			t.Errorf("the answer to %.10q is %q", text, said)
		}
		_ = conn.Close()
	}
	info, err := os.Stat(filepath.Join(dir, "casement"))
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder: %v, %v", info, err)
	}
}
