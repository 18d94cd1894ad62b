// Package storetest runs a test on both databases, and is the suite that both must pass.
//
// A test package that uses it says so in its TestMain:
//
//	func TestMain(m *testing.M) { storetest.Main(m) }
//
// and then each test is given a fresh, migrated database twice, in SQLite and in PostgreSQL. PostgreSQL is the server
// that TEST_DATABASE_URL names, or else a private one on a Unix socket that lives as long as the test program.
// `go test -short` leaves PostgreSQL out.
package storetest
