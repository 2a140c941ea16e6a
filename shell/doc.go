// Package shell is the package that an application's main uses: the app, its windows, and the
// commands that their pages call.
//
//	app := shell.New(shell.Options{ID: "com.example.hasher", Assets: dist})
//	ipc.Handle(app.Commands(), "hash_file", hashFile)
//	app.OpenWindow(shell.WindowOptions{Label: "main", Title: "Hasher"})
//	if err := app.Run(context.Background()); err != nil {
//		log.Fatal(err)
//	}
//
// Commands and callbacks run on goroutines of their own: they may block and may call anything in
// this package. The exception is a command registered with ipc.Inline, which runs on the UI thread;
// there, a function that would have to wait returns [ErrUIThread].
package shell
