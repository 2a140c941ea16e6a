// Package shell is what an application's main talks to: the app, its windows, and the commands that
// their pages call.
//
//	app := shell.New(shell.Options{ID: "com.example.hasher", Assets: dist})
//	ipc.Handle(app.Commands(), "hash_file", hashFile)
//	app.OpenWindow(shell.WindowOptions{Label: "main", Title: "Hasher"})
//	if err := app.Run(context.Background()); err != nil {
//		log.Fatal(err)
//	}
//
// None of the application's functions ever runs on the UI thread: commands and callbacks have goroutines
// of their own, may block and may call anything here.
package shell
