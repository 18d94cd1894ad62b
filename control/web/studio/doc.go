// Package studio is the page where a person makes a document photo: a static app (Svelte, built by Vite into dist and
// embedded here) and the handler that serves it. It stands apart from package web because nothing in it is rendered by
// a server and because its Content-Security-Policy is the promise in machine form: script and style come from this
// program alone, and the page may talk to this program, to the edges and to the payment page, and to nobody else.
//
// A photo never passes through here. The browser sends it straight to an edge with a short token that control minted;
// the walk in walk/ reads the browser's own request log and fails if one byte of it goes anywhere else.
package studio
