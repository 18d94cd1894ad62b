// Package postgres opens a PostgreSQL database for the control plane and reads its error codes. It stands apart for
// the same reason as package sqlite, and answers the same questions.
package postgres
