package dev

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"runtime"
	"strconv"
	"time"
)

// A server is the development server, started by the frontend's script.
type server struct {
	*process
	url string
}

// startServer starts the server on a free port of the loopback interface and waits until it
// answers.
func startServer(ctx context.Context, o Options) (*server, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	npm := "npm"
	if runtime.GOOS == "windows" {
		npm = "npm.cmd"
	}
	p := command(o.Out, filepath.FromSlash(o.Frontend), npm, "--silent", "run", "dev", "--",
		"--host", "127.0.0.1", "--port", strconv.Itoa(port), "--strictPort", "--clearScreen", "false", "--logLevel", "warn")
	if err := p.start(); err != nil {
		return nil, fmt.Errorf("starting the development server in %s: %w", o.Frontend, err)
	}
	s := &server{p, "http://127.0.0.1:" + strconv.Itoa(port)}
	if err := s.wait(ctx); err != nil {
		s.end()
		return nil, fmt.Errorf("the development server in %s: %w", o.Frontend, err)
	}
	return s, nil
}

// wait waits until the server answers.
func (s *server) wait(ctx context.Context) error {
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 10 * time.Second}
	late := time.After(serverPatience)
	for {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url, nil)
		if err != nil {
			return err
		}
		r.Header.Set("Accept", "text/html")
		if answer, err := client.Do(r); err == nil {
			_ = answer.Body.Close()
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.done:
			return errors.Join(errors.New("the server has ended"), s.err)
		case <-late:
			return fmt.Errorf("no answer at %s", s.url)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// freePort returns a free port. If another process takes it first, the server fails with an error.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
