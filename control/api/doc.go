// Package api is control's JSON: for customers' programs, for the studio in a browser, for payment providers and for
// edges. Below it nothing knows what a request is; here every request is read, bounded and answered, and every error
// of the packages below becomes one problem in one table.
//
// A photo cannot come in: there is no route that takes one, no body is larger than a megabyte, and nothing that this
// program is built from could decode one.
package api
