package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"maps"
	"math"
	"math/rand/v2"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/professionalaistudio/studio/models"
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

// forgets waits until the node's memory holds none of the marks, and names those it still holds.
func (n *node) forgets(t *testing.T, marks map[string]string) {
	t.Helper()
	var found map[string]int
	eventually(t, 10*time.Second, "nothing of the picture is in memory", func() bool {
		found = n.traces(slices.Collect(maps.Values(marks))...)
		for _, count := range found {
			if count > 0 {
				return false
			}
		}
		return true
	})
	for name, mark := range marks {
		if found[mark] > 0 {
			t.Errorf("in memory: %s, %d times", name, found[mark])
		}
	}
}

// wide fails where there are several CPUs and no matte was made by several threads.
func (n *node) wide() {
	n.t.Helper()
	for _, m := range models.Embedded().Models {
		if m.Task == models.Matte && n.metric(`edge_inference_wide_total{model="`+m.Name+`"}`) == 0 && runtime.GOMAXPROCS(0) > 1 {
			n.t.Error("no matte was made by several threads: the test tells nothing of what they leave")
		}
	}
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
		ask(t, http.MethodPost, n.public+"/v1/mattes", bytes.NewReader(photo), bearer...).ok(t)
		ask(t, http.MethodPost, n.public+"/v1/mattes?alpha=1", bytes.NewReader(photo), bearer...).ok(t)
		get(t, n.sign("matte:1/w:200/f:png", src.URL+"/marked.jpg")).ok(t)
		ask(t, http.MethodPost, n.public+"/v1/photos?document=us-passport&head=1,1,2,2", bytes.NewReader(photo), bearer...).expect(t, "head", 422)
		ask(t, http.MethodPost, n.public+"/v1/images/zoom:2", bytes.NewReader(photo), bearer...).expect(t, "option", 400)
	}
	n.wide()
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

// Nothing of the pixels either: a strip of noise in the middle of the person is looked for as it is decoded, as it is given to the net,
// and as the matte's own memory has it.
func TestNoMatteStaysInMemory(t *testing.T) {
	n := start(t)
	small, _, err := decode(sample(t))
	if err != nil {
		t.Fatal(err)
	}
	const side = 512 // the net's, so that a pixel is a cell
	random := rand.New(rand.NewPCG(3, 4))
	picture := image.NewNRGBA(image.Rect(0, 0, side, side))
	var bytesOf, planes, cells []byte
	scale := float32(1.0 / 255)
	for y := range side {
		for x := range side {
			c := at(small, x*360/side, y*359/side)
			if y >= 240 && y < 250 && x >= 220 && x < 284 { // on the nose
				c.R, c.G, c.B = uint8(random.IntN(256)), uint8(random.IntN(256)), uint8(random.IntN(256))
			}
			picture.SetNRGBA(x, y, c)
			if y == 245 && x >= 230 && x < 238 {
				bytesOf = append(bytesOf, c.R, c.G, c.B)
				planes = binary.LittleEndian.AppendUint32(planes, math.Float32bits(float32(c.R)*scale))
				for _, v := range []uint8{c.R, c.G, c.B} {
					cells = binary.LittleEndian.AppendUint32(cells, math.Float32bits(float32(v)*scale*(1/scale)))
				}
			}
		}
	}
	photo := asPNG(picture)
	bearer := []string{"Authorization", "Bearer " + testKey.Secret}
	for range 3 {
		for _, path := range []string{
			"/v1/mattes", "/v1/mattes?alpha=1", "/v1/mattes?background=fff", "/v1/images/matte:1/w:200/f:png",
			"/v1/photos?document=jp-passport", "/v1/photos?document=jp-passport&sheet=10x15&with=br-passport:1", "/v1/photos?document=jp-passport&format=pdf",
			"/v1/photos?document=jp-passport&mode=crop&drawing=png", "/v1/checks?document=jp-passport&drawing=svg", "/v1/checks?document=jp-passport&mode=live",
		} {
			ask(t, http.MethodPost, n.public+path, bytes.NewReader(photo), bearer...).ok(t)
		}
	}
	// What was made: a row of the finished photo, as it was before it was encoded without loss.
	made, _, err := decode(ask(t, http.MethodPost, n.public+"/v1/photos?document=jp-passport&format=png", bytes.NewReader(photo), append(bearer, "Accept", "image/png")...).ok(t).body)
	if err != nil {
		t.Fatal(err)
	}
	var row []byte
	for x := range 12 {
		c := at(made, made.Bounds().Dx()/2+x, made.Bounds().Dy()*6/10)
		row = append(row, c.R, c.G, c.B)
	}
	n.wide()
	client.CloseIdleConnections()
	marks := map[string]string{"pixels": string(bytesOf), "the net's input": string(planes), "the matte's cells": string(cells), "pixels of the photo": string(row)}
	n.forgets(t, marks)
}
