// Package web is what a person sees of the control plane: the site, sign-in, the account, what documents ask, what
// we keep and why. Its pages are rendered here and work without script; what a script adds is a button that copies.
//
// It stands apart from package api because a page and a program are served different things: a page gets a
// Content-Security-Policy, forms that only this site can send, and a choice about cookies, and never an access token.
// The console for organisations and the studio build on it: they hand their pages to a Site, which frames them.
package web
