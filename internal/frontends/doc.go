// Package frontends has no code. With the build tag frontends, its test builds small apps with real frontend tools for
// production and drives the results in real windows, as make test-frontends does. The first run needs the npm registry
// and takes minutes.
package frontends
