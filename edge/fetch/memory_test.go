package fetch

import (
	"bufio"
	"bytes"
	"context"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
)

// deaf is a connection that takes everything written to it.
type deaf struct{ net.Conn }

func (deaf) Write(p []byte) (int, error) { return len(p), nil }

// The process that fetches is not the one that knows the photo: it gets the mark that the photo is full of turned over,
// so that a hit in its memory can only come from the photo.
const (
	envURL  = "FETCH_TEST_URL"
	envMark = "FETCH_TEST_MARK"
	envRoot = "FETCH_TEST_ROOT"
)

func TestMain(m *testing.M) {
	if url := os.Getenv(envURL); url != "" {
		fetchAndSearch(url)
		return
	}
	os.Exit(m.Run())
}

// fetchAndSearch prints how often the mark is in memory before and after Wipe. Without garbage collection, so that
// nothing is gone by luck.
func fetchAndSearch(url string) {
	debug.SetGCPercent(-1)
	mark, _ := hex.DecodeString(os.Getenv(envMark))
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(os.Getenv(envRoot)))
	c, err := New(Config{CIDRs: loopback, MaxBytes: 1 << 20, RootCAs: roots})
	if err != nil {
		panic(err)
	}
	for range 3 {
		s, err := c.Get(context.Background(), url, Conditions{})
		during := occurrences(mark)
		s.Wipe()
		fmt.Println(during, occurrences(mark), err)
	}
}

// occurrences counts a mark, of which every bit is turned over, in all memory this process may write to.
func occurrences(turned []byte) (n int) {
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		panic(err)
	}
	mem, err := os.Open("/proc/self/mem")
	if err != nil {
		panic(err)
	}
	defer mem.Close()
	chunk := make([]byte, 1<<20)
	for line := range strings.Lines(string(maps)) {
		fields := strings.Fields(line)
		if !strings.HasPrefix(fields[1], "rw") {
			continue
		}
		from, to, _ := strings.Cut(fields[0], "-")
		at, _ := strconv.ParseInt(from, 16, 64)
		end, _ := strconv.ParseInt(to, 16, 64)
		for at < end {
			got, _ := mem.ReadAt(chunk[:min(int64(len(chunk)), end-at)], at)
			n += count16(chunk[:got], turned)
			clear(chunk) // or it would be found when its own memory is searched
			if got <= len(turned) {
				break
			}
			at += int64(got - len(turned) + 1)
		}
	}
	return n
}

func count16(b, turned []byte) (n int) {
	for {
		i := bytes.IndexByte(b, ^turned[0])
		if i < 0 || i+len(turned) > len(b) {
			return n
		}
		same := true
		for j, t := range turned {
			same = same && b[i+j] == ^t
		}
		if same {
			n++
		}
		b = b[i+1:]
	}
}

func TestAPhotoLeavesNothingBehind(t *testing.T) {
	mark := make([]byte, 16)
	chacha := rand.NewChaCha8([32]byte{7})
	chacha.Read(mark)
	turned := make([]byte, len(mark))
	for i, b := range mark {
		turned[i] = ^b
	}
	photo := bytes.Repeat(append(mark, "<- here"...), 30_000) // 690 kB
	chunked := func(w http.ResponseWriter, b []byte) {
		w.(http.Flusher).Flush()
		for ; len(b) > 0; b = b[min(len(b), 6007):] {
			w.Write(b[:min(len(b), 6007)])
		}
	}
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		want    error
	}{
		"with its length": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", fmt.Sprint(len(photo)))
			w.Write(photo)
		}, nil},
		"chunked": {func(w http.ResponseWriter, _ *http.Request) { chunked(w, photo) }, nil},
		"until the end": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Connection", "close")
			chunked(w, photo)
		}, nil},
		"packed": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(pack(photo))
		}, nil},
		"too large": {func(w http.ResponseWriter, _ *http.Request) { chunked(w, append(photo, photo...)) }, ErrTooLarge},
		"cut short": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", fmt.Sprint(len(photo)+1))
			w.Write(photo)
		}, ErrIncomplete},
		"beside an error": {func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusNotFound)
			w.Write(photo)
		}, &StatusError{404}},
	} {
		for _, secure := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, TLS %t", name, secure), func(t *testing.T) {
				t.Parallel()
				server := httptest.NewUnstartedServer(test.handler)
				defer server.Close()
				child := exec.Command(os.Args[0])
				// Go stops a goroutine in the middle by a signal, and the kernel then saves its vector registers: a
				// kilobyte or two of whatever was just copied, until the next signal. That is the runtime's to forget.
				child.Env = append(os.Environ(), "GODEBUG=asyncpreemptoff=1", envMark+"="+hex.EncodeToString(turned))
				if secure {
					server.StartTLS()
					root := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
					child.Env = append(child.Env, envRoot+"="+string(root))
				} else {
					server.Start()
				}
				child.Env = append(child.Env, envURL+"="+server.URL)
				out, err := child.CombinedOutput()
				if err != nil {
					t.Fatalf("%v: %s", err, out)
				}
				var during, after int
				var end string
				for line := range strings.Lines(string(out)) {
					if _, err := fmt.Sscan(line, &during, &after, &end); err != nil {
						t.Fatalf("%v: %s", err, out)
					}
					if test.want == nil && during < 30_000 {
						t.Errorf("the photo holds the mark 30,000 times, the search found it %d times", during)
					}
					if after != 0 {
						t.Errorf("after Wipe the mark is still there %d times", after)
					}
					if want := test.want; want == nil && end != "<nil>" || want != nil && !strings.Contains(line, want.Error()) {
						t.Errorf("ended with %s, want %v", strings.TrimSpace(line), want)
					}
				}
			})
		}
	}
}

// FuzzRecords: cutting a stream at the borders of its records changes none of its bytes, and no read goes past one.
func FuzzRecords(f *testing.F) {
	f.Add([]byte("\x16\x03\x01\x00\x02ab\x17\x03\x03\x00\x00\x17\x03\x03\xff\xffx"), 3)
	f.Add([]byte("GET"), 1)
	f.Fuzz(func(t *testing.T, stream []byte, step int) {
		r := &records{r: iotest.HalfReader(bytes.NewReader(stream))}
		r.head = r.space[:0]
		var got []byte
		p := make([]byte, 1+(step&0xff))
		for {
			n, err := r.Read(p)
			if end := border(stream, len(got)); len(got)+n > end {
				t.Fatalf("a read of bytes %d to %d goes past the end of a record at %d", len(got), len(got)+n, end)
			}
			got = append(got, p[:n]...)
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(got, stream) {
			t.Errorf("read %q, want %q", got, stream)
		}
		r.wipe()
		if !bytes.Equal(p, make([]byte, len(p))) {
			t.Errorf("%q is left after wipe", p)
		}
	})
}

// border is where the record ends that byte at of a stream belongs to.
func border(stream []byte, at int) int {
	for start := 0; ; {
		if len(stream)-start < 5 {
			return len(stream)
		}
		start += 5 + int(stream[start+3])<<8 + int(stream[start+4])
		if at < start {
			return start
		}
	}
}

// FuzzAnswer: whatever a server answers, there is a picture within the limit, another place to look, or an error.
func FuzzAnswer(f *testing.F) {
	f.Add([]byte("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody"))
	f.Add([]byte("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4;x=y\r\nbody\r\n0\r\nTrailer: x\r\n\r\n"))
	f.Add([]byte("HTTP/1.0 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + string(pack([]byte("body")))))
	f.Add([]byte("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 302 Found\r\nLocation: //x@y:99/%zz\r\nContent-Length: 0\r\n\r\n"))
	f.Add([]byte("HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-3/4\r\n\r\nbody"))
	f.Add([]byte("HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n"))
	c, err := New(Config{MaxBytes: 64})
	if err != nil {
		f.Fatal(err)
	}
	u, err := parseSource("http://a.example/")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, answer []byte) {
		cn := &conn{stream: deaf{}, in: &lens{r: bytes.NewReader(answer)}}
		cn.r = bufio.NewReader(cn.in)
		cond := Conditions{IfNoneMatch: `"x"`}
		resp, err := cn.ask(&http.Request{Method: "GET", URL: u, Host: u.Host, Header: http.Header{}})
		if err != nil {
			return
		}
		s, next, err := c.read(t.Context(), u, cond, resp)
		if found := (s != nil) || (next != nil); found == (err != nil) {
			t.Errorf("source %v, redirect %v, error %v: want one of them", s, next, err)
		}
		if s != nil && len(s.Body) > 64 {
			t.Errorf("%d bytes, want at most 64", len(s.Body))
		}
		cn.wipe()
	})
}
