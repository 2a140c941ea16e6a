package webview

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// server serves HTTP on a loopback address. Any program on the machine can connect, so its handler
// must ask every request for a secret.
type server struct {
	http *http.Server
	done chan struct{} // closed when serving has ended
}

// startServer serves on a listener until close. ctx is the parent of all requests' contexts. If
// serving ends earlier, it logs failed.
func startServer(ctx context.Context, log *slog.Logger, l net.Listener, h http.Handler, failed string) *server {
	s := &server{
		http: &http.Server{
			Handler:           h,
			ReadHeaderTimeout: 10 * time.Second,
			ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
			BaseContext:       func(net.Listener) context.Context { return ctx },
		},
		done: make(chan struct{}),
	}
	go func() {
		defer close(s.done)
		if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			log.Error(failed, "error", err)
		}
	}()
	return s
}

func (s *server) close() {
	_ = s.http.Close()
	<-s.done
}

// newSecret returns 256 random bits as text that may be part of a URL's path.
func newSecret() string {
	b := make([]byte, 32)
	rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}
