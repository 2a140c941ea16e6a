// Package instance has one process of an application serve all that its user starts: the first to claim the
// application's id is the one, and later ones hand it what they were started with.
//
// They meet at a Unix socket, which all platforms have, in a folder that only the user can enter. Who holds
// the lock of a file beside it is the one that listens; the system releases it however the process ends, so
// that a socket which was left behind is known to be nobody's.
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
	"sync"
	"time"
)

const (
	// patience is how long another process has to take a message. It does nothing but queue it; but as its
	// session begins, a machine may be slow.
	patience = 10 * time.Second
	// retry is the time between two attempts to reach a process that is just beginning, or ending.
	retry = 20 * time.Millisecond
	// maxMessage bounds a message, in bytes: a command line is at most 2 MiB on Linux, and less elsewhere.
	maxMessage = 4 << 20
	// taken is the answer to a message that will be handled. To one that won't there is none.
	taken = "taken\n"
)

// ErrNoAnswer is returned by Claim if another process has the id and does not take the message.
var ErrNoAnswer = errors.New("instance: another instance runs, and does not answer")

// A Message is what a process was started with.
type Message struct {
	// Args are what it is to open.
	Args []string `json:"args"`
	// Dir is the folder that relative paths among them begin at.
	Dir string `json:"dir"`
}

// A Claim is held by the process that serves.
type Claim struct {
	lock     *os.File
	listener *net.UnixListener
	handle   func(Message) bool
	served   chan struct{}

	mu     sync.Mutex
	conn   net.Conn // the one that is being read
	closed bool
}

// Take claims an id. If no other process of this user and display has it, it returns a claim, and from
// then on calls handle with what later processes were started with, one after the other; handle must not
// block, and returns false if it can't take a message any more. Otherwise it hands the message to the
// process that has it, and returns neither a claim nor an error.
func Take(ctx context.Context, id string, m Message, handle func(Message) bool) (*Claim, error) {
	dir, err := folder()
	if err != nil {
		return nil, fmt.Errorf("instance: %w", err)
	}
	// An id may be too long for a socket's path. Each display has its own: a window on another one is of no
	// use to the user.
	sum := sha256.Sum256([]byte(id + "\x00" + os.Getenv("DISPLAY") + "\x00" + os.Getenv("WAYLAND_DISPLAY")))
	path := filepath.Join(dir, hex.EncodeToString(sum[:8]))
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		c, err := claim(path, handle)
		if c != nil || err != nil {
			return c, err
		}
		sent := send(ctx, path+".sock", m)
		if sent == nil {
			return nil, nil
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(ErrNoAnswer, sent)
		case <-time.After(retry):
		}
	}
}

// claim returns nil if another process has the lock.
func claim(path string, handle func(Message) bool) (*Claim, error) {
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
	c := &Claim{lock: f, listener: l, handle: handle, served: make(chan struct{})}
	go c.serve()
	return c, nil
}

func (c *Claim) serve() {
	defer close(c.served)
	for {
		conn, err := c.listener.AcceptUnix()
		if err != nil {
			return
		}
		c.mu.Lock()
		c.conn = conn
		closed := c.closed
		c.mu.Unlock()
		if !closed {
			c.receive(conn)
		}
		_ = conn.Close() // Nothing is left to be written.
	}
}

// receive takes one message. What is not one is not answered.
func (c *Claim) receive(conn *net.UnixConn) {
	if conn.SetDeadline(time.Now().Add(patience/2)) != nil || !own(conn) {
		return
	}
	data, err := io.ReadAll(io.LimitReader(conn, maxMessage+1))
	if err != nil || len(data) > maxMessage {
		return
	}
	var m Message
	if json.Unmarshal(data, &m) != nil || !c.handle(m) {
		return
	}
	_, _ = io.WriteString(conn, taken) // One that is gone does not wait for it.
}

// Close gives the id up and waits until handle runs no more. It may be called more than once.
func (c *Claim) Close() error {
	c.mu.Lock()
	again := c.closed
	c.closed = true
	if c.conn != nil {
		_ = c.conn.Close()
	}
	c.mu.Unlock()
	if again {
		<-c.served
		return nil
	}
	err := c.listener.Close() // This removes the socket, which must come before the lock is released.
	<-c.served
	return errors.Join(err, c.lock.Close())
}

// send hands a message to the process that listens, and waits until it has taken it.
func send(ctx context.Context, path string, m Message) error {
	data, err := json.Marshal(m)
	if err != nil {
		return err
	}
	conn, err := new(net.Dialer).DialContext(ctx, "unix", path)
	if err != nil {
		return err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	letFocus()
	if _, err := conn.Write(data); err != nil {
		return err
	}
	if err := conn.(*net.UnixConn).CloseWrite(); err != nil {
		return err
	}
	answer, err := io.ReadAll(io.LimitReader(conn, int64(len(taken))))
	if err == nil && string(answer) != taken {
		err = errors.New("the message was not taken")
	}
	return err
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
	return dir, os.MkdirAll(dir, 0o700)
}
