package main

import (
	"bufio"
	"bytes"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// traces counts how often each mark lies anywhere in the memory of the process.
func (n *node) traces(marks ...string) map[string]int {
	n.t.Helper()
	dir := "/proc/" + strconv.Itoa(n.cmd.Process.Pid)
	maps, err := os.Open(dir + "/maps")
	if err != nil {
		n.t.Skip("the memory of another process cannot be read here:", err)
	}
	defer maps.Close()
	mem, err := os.Open(dir + "/mem")
	if err != nil {
		n.t.Skip("the memory of another process cannot be read here:", err)
	}
	defer mem.Close()
	found := map[string]int{}
	scanner := bufio.NewScanner(maps)
	buf := make([]byte, 4<<20)
	for scanner.Scan() {
		var from, to int64
		var mode string
		if _, err := fmt.Sscanf(scanner.Text(), "%x-%x %s", &from, &to, &mode); err != nil || !strings.HasPrefix(mode, "rw") {
			continue
		}
		const overlap = 128 // a mark may lie across two reads
		for at := from; at < to; at += int64(len(buf)) - overlap {
			read, err := mem.ReadAt(buf[:min(int64(len(buf)), to-at)], at)
			if err != nil && read == 0 {
				break
			}
			for _, mark := range marks {
				found[mark] += bytes.Count(buf[:read], []byte(mark))
			}
		}
	}
	return found
}

// After the answer, nothing of a photo is in the memory of the process: not as it came, by whichever way it came, and not
// as it went.
func TestNoPhotoStaysInMemory(t *testing.T) {
	src := sources(t)
	n := start(t)
	bearer := []string{"Authorization", "Bearer " + testKey.Secret}
	const head, tail = "HEAD-MARK-OF-THE-PHOTO-93b1c7", "TAIL-MARK-OF-THE-PHOTO-93b1c7"
	photo := append(withEXIF(sample(t), 1, head+strings.Repeat("-", 200)), bytes.Repeat([]byte(tail), 2000)...)
	src.files["/marked.jpg"] = photo

	// That the scan finds what is there: an upload that is not finished lies in memory.
	c := n.dial(t, fmt.Sprintf("POST /v1/images/w:50 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\n\r\n%s",
		testKey.Secret, len(photo)+1, photo))
	eventually(t, 10*time.Second, "an unfinished upload is found in memory", func() bool { return n.traces(tail)[tail] > 0 })
	c.Close()

	for range 3 {
		get(t, n.sign("w:200/sm:0", src.URL+"/marked.jpg")).ok(t)
		ask(t, http.MethodPost, n.public+"/v1/images/w:200/sm:0", bytes.NewReader(photo), bearer...).ok(t)
		ask(t, http.MethodPost, n.public+"/v1/photos?document=us-passport&head="+portraitHead, bytes.NewReader(photo),
			append(bearer, "Accept", "application/json")...).ok(t)
		ask(t, http.MethodPost, n.public+"/v1/photos?document=us-passport&head=1,1,2,2", bytes.NewReader(photo), bearer...).expect(t, "head", 422)
		ask(t, http.MethodPost, n.public+"/v1/images/zoom:2", bytes.NewReader(photo), bearer...).expect(t, "option", 400)
	}
	client.CloseIdleConnections()
	var found map[string]int
	eventually(t, 10*time.Second, "no mark of the photo is in memory", func() bool {
		found = n.traces(head, tail)
		return found[head]+found[tail] == 0
	})
	if len(found) > 0 && found[head]+found[tail] > 0 {
		t.Errorf("in memory are %v", found)
	}
}
