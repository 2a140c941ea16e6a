package shell

// Post runs f on the UI thread.
func (a *App) Post(f func()) bool { return a.loop.Post(f) }
