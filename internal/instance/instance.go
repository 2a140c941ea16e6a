// Package instance has one process of an application serve all that its user starts: the first to claim the
// application's id is the one, and later ones hand it what they were started with.
//
// They meet at a Unix socket, which all platforms have, in a folder that only the user can enter. Who holds
// the lock of a file beside it is the one that listens; the system releases it however the process ends, so
// that a socket which was left behind is known to be nobody's. Each looks at who is at the other end: its user has to be the
// same, and the one that listens first says whose id it has.
package instance

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"
)

const (
	// patience is how long another process has to begin to listen, or to end: as its session begins, a machine may be slow.
	patience = 10 * time.Second
	// retry is the time between two attempts to reach a process that is just beginning, or ending.
	retry = 20 * time.Millisecond
	// answerWithin is how long a process that listens has to say who it is, and then to take a message. It does nothing but
	// queue it, on a goroutine that waits for nobody.
	answerWithin = 3 * time.Second
	// receiveWithin is how long a connection may take to deliver its message, which a process writes at once.
	receiveWithin = 5 * time.Second
	// maxConnections bounds the connections that have not delivered theirs. Past it, the one that has waited longest goes.
	maxConnections = 16
	// maxMessage bounds a message, in bytes: a command line is at most 2 MiB on Linux, and less elsewhere, and grows by a
	// third on its way.
	maxMessage = 4 << 20
	// greeting begins the line with which the process that listens says what it is and whose id it has.
	greeting = "casement instance 1 "
	// taken is the answer to a message that will be handled. To one that won't there is none.
	taken = "taken\n"
)

// ErrNoAnswer is returned by Take if another process has the id and does not take the message.
var ErrNoAnswer = errors.New("instance: another instance runs, and does not answer")

// A Message is what a process was started with.
type Message struct {
	// Args are what it is to open.
	Args []string `json:"args"`
	// Dir is the folder that relative paths among them begin at.
	Dir string `json:"dir"`
}

// wire is a Message on its way: JSON has no strings that are not UTF-8, which a file's name need not be.
type wire struct {
	Args [][]byte `json:"args"`
	Dir  []byte   `json:"dir"`
}

// A Claim is held by the process that serves.
type Claim struct {
	lock     *os.File
	listener *net.UnixListener
	greeting string
	handle   func(Message) bool
	tasks    sync.WaitGroup

	handling sync.Mutex // held over handle

	mu      sync.Mutex
	waiting []*net.UnixConn // those that have not delivered their message, oldest first
	closed  bool
}

// Take claims an id. If no other process of this user and display has it, it returns a claim, and from
// then on calls handle with what later processes were started with, one after the other; handle must not
// block, and returns false if it can't take a message any more. Otherwise it hands the message to the
// process that has it, and returns neither a claim nor an error. A process of another user that listens, one that is not
// this application's, and one that says nothing are errors that wrap [ErrNoAnswer].
func Take(ctx context.Context, id string, m Message, handle func(Message) bool) (*Claim, error) {
	dir, err := folder()
	if err != nil {
		return nil, fmt.Errorf("instance: %w", err)
	}
	// An id may be too long for a socket's path. Each display has its own: a window on another one is of no
	// use to the user.
	sum := sha256.Sum256([]byte(id + "\x00" + os.Getenv("DISPLAY") + "\x00" + os.Getenv("WAYLAND_DISPLAY")))
	path := filepath.Join(dir, hex.EncodeToString(sum[:8]))
	hello := greeting + strconv.Quote(id) + "\n"
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		c, err := claim(path, hello, handle)
		if c != nil || err != nil {
			return c, err
		}
		sent, again := send(ctx, path+".sock", hello, m)
		if sent == nil {
			return nil, nil
		}
		if !again {
			return nil, errors.Join(ErrNoAnswer, sent)
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(ErrNoAnswer, sent)
		case <-time.After(retry):
		}
	}
}

// claim returns nil if another process has the lock.
func claim(path, hello string, handle func(Message) bool) (*Claim, error) {
	f, err := os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("instance: %w", err)
	}
	switch locked, err := lock(f); {
	case err != nil:
		return nil, errors.Join(fmt.Errorf("instance: locking %s: %w", f.Name(), err), f.Close())
	case !locked:
		return nil, f.Close()
	}
	// Whoever listened there is gone, for it has no lock.
	if err := os.Remove(path + ".sock"); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, errors.Join(fmt.Errorf("instance: %w", err), f.Close())
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path + ".sock", Net: "unix"})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("instance: %w", err), f.Close())
	}
	c := &Claim{lock: f, listener: l, greeting: hello, handle: handle}
	c.tasks.Go(c.serve)
	return c, nil
}

func (c *Claim) serve() {
	for {
		conn, err := c.listener.AcceptUnix()
		if err != nil {
			return
		}
		if c.admit(conn) {
			c.tasks.Go(func() {
				c.receive(conn)
				c.delivered(conn)
				_ = conn.Close() // Nothing is left to be written.
			})
		}
	}
}

// admit makes room for a connection.
func (c *Claim) admit(conn *net.UnixConn) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		_ = conn.Close()
		return false
	}
	if len(c.waiting) >= maxConnections {
		_ = c.waiting[0].Close() // Its goroutine ends with an error.
		c.waiting = slices.Delete(c.waiting, 0, 1)
	}
	c.waiting = append(c.waiting, conn)
	return true
}

// delivered notes that a connection does not wait any more. It reports whether it still did.
func (c *Claim) delivered(conn *net.UnixConn) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := slices.Index(c.waiting, conn)
	if i < 0 {
		return false
	}
	c.waiting = slices.Delete(c.waiting, i, i+1)
	return true
}

// receive takes one message. What is not one is not answered.
func (c *Claim) receive(conn *net.UnixConn) {
	if conn.SetDeadline(time.Now().Add(receiveWithin)) != nil || !own(conn) {
		return
	}
	if _, err := io.WriteString(conn, c.greeting); err != nil {
		return
	}
	data, err := io.ReadAll(io.LimitReader(conn, maxMessage+1))
	if err != nil || len(data) > maxMessage {
		return
	}
	var w wire
	if json.Unmarshal(data, &w) != nil {
		return
	}
	m := Message{Dir: string(w.Dir)}
	for _, arg := range w.Args {
		m.Args = append(m.Args, string(arg))
	}
	c.handling.Lock()
	defer c.handling.Unlock()
	if !c.delivered(conn) || !c.handle(m) {
		return
	}
	_, _ = io.WriteString(conn, taken) // One that is gone does not wait for it.
}

// Close gives the id up and waits until handle runs no more. It may be called more than once.
func (c *Claim) Close() error {
	c.mu.Lock()
	again := c.closed
	c.closed = true
	for _, conn := range c.waiting {
		_ = conn.Close()
	}
	c.waiting = nil
	c.mu.Unlock()
	if again {
		c.tasks.Wait()
		return nil
	}
	err := c.listener.Close() // This removes the socket, which must come before the lock is released.
	c.tasks.Wait()
	return errors.Join(err, c.lock.Close())
}

// send hands a message to the process that listens, and waits until it has taken it. If it fails, again tells whether
// that may be because the process is only beginning, or ending.
func send(ctx context.Context, path, hello string, m Message) (err error, again bool) {
	w := wire{Dir: []byte(m.Dir)}
	for _, arg := range m.Args {
		w.Args = append(w.Args, []byte(arg))
	}
	data, err := json.Marshal(w)
	if err != nil {
		return err, false
	}
	if len(data) > maxMessage {
		return errors.New("what it is to open is too long to be handed over"), false
	}
	dialed, err := new(net.Dialer).DialContext(ctx, "unix", path)
	if err != nil {
		return err, !errors.Is(err, os.ErrPermission)
	}
	conn := dialed.(*net.UnixConn)
	defer conn.Close()
	if !own(conn) {
		return fmt.Errorf("another user's process listens at %s", path), false
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	limit := func() {
		_ = conn.SetDeadline(time.Now().Add(answerWithin))
		if ctx.Err() != nil {
			_ = conn.SetDeadline(time.Unix(1, 0))
		}
	}
	limit()
	for rest := hello; rest != ""; {
		said := make([]byte, len(rest))
		n, err := conn.Read(said)
		if string(said[:n]) != rest[:n] {
			return fmt.Errorf("what listens at %s is not this application", path), false
		}
		if err != nil {
			return err, !errors.Is(err, os.ErrDeadlineExceeded)
		}
		rest = rest[n:]
	}
	letFocus()
	limit()
	if _, err := conn.Write(data); err != nil {
		return err, !errors.Is(err, os.ErrDeadlineExceeded)
	}
	if err := conn.CloseWrite(); err != nil {
		return err, true
	}
	limit()
	answer, err := io.ReadAll(io.LimitReader(conn, int64(len(taken))))
	if err == nil && string(answer) != taken {
		err = errors.New("the message was not taken")
	}
	return err, !errors.Is(err, os.ErrDeadlineExceeded)
}

// folder returns a folder that is the user's alone, and makes it.
func folder() (string, error) {
	parent := os.Getenv("XDG_RUNTIME_DIR")
	if parent == "" {
		var err error
		if parent, err = os.UserCacheDir(); err != nil {
			return "", err
		}
	}
	dir := filepath.Join(parent, "casement")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	return dir, private(dir)
}
