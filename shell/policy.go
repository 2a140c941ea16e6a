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

// DefaultCSP is the Content-Security-Policy of apps that have none of their own.
const DefaultCSP = assets.DefaultCSP

// policy returns the policy of the app's documents, to which each of these adds the hashes of its own inline scripts.
func (o *Options) policy() (string, error) {
	csp, err := assets.AddCSP(cmp.Or(o.CSP, DefaultCSP), o.CSPAdd)
	if err != nil {
		return "", fmt.Errorf("shell: Options.CSPAdd: %w", err)
	}
	return csp, nil
}

// serve has the app's windows get its files, with the policy and headers that the options ask for.
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

// devPatience is how long a development server may take for what only casement dev answers.
const devPatience = time.Second

// tellDev tells the development server the policy, so that it can say what the built app will refuse. Only casement dev's
// listens.
func (a *App) tellDev(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, devPatience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPut, string(a.dev)+assets.DevPolicyPath, strings.NewReader(a.csp))
	if err != nil {
		a.log.Debug("the development server is not told the policy", "error", err)
		return
	}
	answer, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(r)
	if err != nil {
		a.log.Debug("the development server is not told the policy", "error", err)
		return
	}
	_ = answer.Body.Close()
}
