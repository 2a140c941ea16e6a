package shell

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"casement/internal/assets"
)

// DefaultCSP is the Content-Security-Policy of apps that set no Options.CSP.
const DefaultCSP = assets.DefaultCSP

// policy returns the policy of the app's documents. The asset handler adds the hashes of each
// document's inline scripts.
func (o *Options) policy() (string, error) {
	csp, err := assets.AddCSP(cmp.Or(o.CSP, DefaultCSP), o.CSPAdd)
	if err != nil {
		return "", fmt.Errorf("shell: Options.CSPAdd: %w", err)
	}
	return csp, nil
}

// serve sets up the handler of the app's files, with the policy and headers from the options.
func (a *App) serve() error {
	o := &a.options
	csp, err := o.policy()
	if err != nil {
		return err
	}
	if err := assets.CheckHeader(o.Headers); err != nil {
		return fmt.Errorf("shell: Options.Headers: %w", err)
	}
	a.csp = csp
	if o.Assets != nil {
		a.assets = &front{app: a, files: assets.Handler(o.Assets, assets.Options{CSP: csp, Header: o.Headers, Log: a.log})}
	}
	return nil
}

// devPatience is the timeout for the answer of a development server that is not casement dev and
// may ignore the request.
const devPatience = time.Second

// tellDev sends the policy to the development server, so that it can warn about requests that the
// built app will refuse. Only the server of casement dev handles this.
func (a *App) tellDev(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, devPatience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPut, string(a.dev)+assets.DevPolicyPath, strings.NewReader(a.csp))
	if err != nil {
		a.log.Debug("the policy cannot be sent to the development server", "error", err)
		return
	}
	answer, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(r)
	if err != nil {
		a.log.Debug("the policy cannot be sent to the development server", "error", err)
		return
	}
	_ = answer.Body.Close()
}
