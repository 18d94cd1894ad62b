// Package sqlite opens an SQLite file for the control plane and reads its error codes. It stands apart so that the
// driver, its settings and its numbers are known in one place: package store sees two pools and three questions.
package sqlite
