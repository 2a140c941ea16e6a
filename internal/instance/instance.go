// Package instance makes an application run in one process per user and display. The first process
// claims the application's id. Later ones pass it their arguments and exit.
//
// They meet at a Unix socket, which all platforms have, in a folder that only the user can enter.
// The process that listens holds the lock of a file beside the socket. The system releases the lock
// however the process ends, so a socket without a lock is stale. Both ends check that the other is
// a process of the same user, and the one that listens starts with the id that it serves.
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
	// patience is how long Take waits for another process to listen or to end. A machine may be
	// slow when a session starts.
	patience = 10 * time.Second
	// retry is the delay between two attempts to reach a process that is starting or ending.
	retry = 20 * time.Millisecond
	// answerWithin is the timeout for the greeting of the process that listens, for sending the
	// message, and for its reply. That process only queues the message, on a goroutine that never
	// blocks.
	answerWithin = 3 * time.Second
	// receiveWithin is the timeout for receiving a message. Senders write it in one piece.
	receiveWithin = 5 * time.Second
	// maxConnections is the maximum number of connections without a complete message. Above it, the
	// oldest is closed.
	maxConnections = 16
	// maxMessage is the maximum size of a message in bytes. A command line has at most 2 MiB on
	// Linux, less elsewhere, and base64 adds a third.
	maxMessage = 4 << 20
	// greeting starts the first line that the process that listens sends. The id follows.
	greeting = "casement instance 1 "
	// taken is the reply to a message that is handled. Other messages get no reply.
	taken = "taken\n"
)

// ErrNoAnswer is returned by Take if another process has the id and does not accept the message.
var ErrNoAnswer = errors.New("instance: another instance is running and does not answer")

// A Message is what a process was started with.
type Message struct {
	// Args are the files and URLs to open.
	Args []string `json:"args"`
	// Dir is the base of relative paths in Args.
	Dir string `json:"dir"`
}

// encoded is the form of a Message on the socket. It has bytes instead of strings, because file
// names need not be UTF-8 and strings in JSON must be.
type encoded struct {
	Args [][]byte `json:"args"`
	Dir  []byte   `json:"dir"`
}

// A Claim is the ownership of an id. It belongs to the process that listens.
type Claim struct {
	lock     *os.File
	listener *net.UnixListener
	greeting string
	handle   func(Message) bool
	tasks    sync.WaitGroup

	handling sync.Mutex // held during handle: messages are handled one at a time

	mu      sync.Mutex
	waiting []*net.UnixConn // connections without a complete message, oldest first
	closed  bool
}

// Take claims an id. If no other process of this user and display has it, Take returns a claim, and
// handle is then called with the message of each later process, one at a time. handle must not
// block. It returns false if it can accept no more messages.
//
// If another process has the id, Take passes m to it and returns neither a claim nor an error. The
// error wraps [ErrNoAnswer] if that process belongs to another user or another application, or does
// not answer.
func Take(ctx context.Context, id string, m Message, handle func(Message) bool) (*Claim, error) {
	dir, err := folder()
	if err != nil {
		return nil, fmt.Errorf("instance: %w", err)
	}
	// The name is a hash because an id may be too long for a socket's path. It includes the
	// display: the user can't use a window on another one.
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

// claim takes the lock and listens. It returns nil if another process has the lock.
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
	// The process that listened there has ended: it does not hold the lock.
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
				_ = conn.Close() // everything is written
			})
		}
	}
}

// admit adds a connection and closes the oldest if there are too many. It reports false after
// Close.
func (c *Claim) admit(conn *net.UnixConn) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		_ = conn.Close()
		return false
	}
	if len(c.waiting) >= maxConnections {
		_ = c.waiting[0].Close() // ends its goroutine with an error
		c.waiting = slices.Delete(c.waiting, 0, 1)
	}
	c.waiting = append(c.waiting, conn)
	return true
}

// delivered removes a connection from waiting. It reports whether it was there.
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

// receive handles one message. Invalid ones get no reply.
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
	var w encoded
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
	_, _ = io.WriteString(conn, taken) // fails if the sender has ended, which is harmless
}

// Close releases the id and waits for running calls of handle. It may be called more than once.
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
	err := c.listener.Close() // removes the socket; the lock must be released after that
	c.tasks.Wait()
	return errors.Join(err, c.lock.Close())
}

// send passes a message to the process that listens and waits for its reply. On failure, again
// reports whether the process may only be starting or ending, so that a retry makes sense.
func send(ctx context.Context, path, hello string, m Message) (err error, again bool) {
	w := encoded{Dir: []byte(m.Dir)}
	for _, arg := range m.Args {
		w.Args = append(w.Args, []byte(arg))
	}
	data, err := json.Marshal(w)
	if err != nil {
		return err, false
	}
	if len(data) > maxMessage {
		return errors.New("the arguments are too long to pass on"), false
	}
	dialed, err := new(net.Dialer).DialContext(ctx, "unix", path)
	if err != nil {
		return err, !errors.Is(err, os.ErrPermission)
	}
	conn := dialed.(*net.UnixConn)
	defer conn.Close()
	if !own(conn) {
		return fmt.Errorf("a process of another user listens at %s", path), false
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
			return fmt.Errorf("the process that listens at %s is not this application", path), false
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
		err = errors.New("the message was not accepted")
	}
	return err, !errors.Is(err, os.ErrDeadlineExceeded)
}

// folder returns a folder that only the user can enter. It creates the folder if it is missing.
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
