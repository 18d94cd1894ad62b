package main

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	landlocksys "github.com/landlock-lsm/go-landlock/landlock/syscall"
)

// With Landlock on, nothing but the spool can be written, by whatever code. The program is this binary, so that the seal
// is that of the program and not of the tests.
func TestSealDisk(t *testing.T) {
	if abi, err := landlocksys.LandlockGetABIVersion(); err != nil || abi < 1 {
		t.Skip("this kernel has no Landlock")
	}
	n := start(t)
	if !strings.Contains(n.text(), "Nothing can be written but the spool.") {
		t.Errorf("the log does not say that the disk is sealed:\n%s", n.text())
	}
	status, err := os.ReadFile("/proc/" + strconv.Itoa(n.cmd.Process.Pid) + "/status")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(status), "NoNewPrivs:\t1") {
		t.Error("the process may gain privileges, which a sealed one may not")
	}
	limits, err := os.ReadFile("/proc/" + strconv.Itoa(n.cmd.Process.Pid) + "/limits")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(limits)) {
		if strings.HasPrefix(line, "Max core file size") && strings.Fields(line)[4] != "0" {
			t.Errorf("a core file may be written: %s", line)
		}
	}
}

// A photo's mark, planted in everything that is sent, is in no log, on no metrics page and in no file.
func TestNoTraceOfAPhoto(t *testing.T) {
	const mark = "MARK-5f0c1e7a-IN-THE-PHOTO"
	src := sources(t)
	n := start(t)
	photo := withEXIF(sample(t), 1, mark)
	src.files["/"+mark+".jpg"] = photo
	bearer := []string{"Authorization", "Bearer " + testKey.Secret}

	get(t, n.sign("w:50/cb:"+mark+"/fn:"+mark, src.URL+"/"+mark+".jpg")).ok(t)
	get(t, n.sign("w:50/zoom:"+mark, src.URL+"/"+mark+".jpg")).expect(t, "option", 404)
	get(t, n.sign("w:50", src.URL+"/missing-"+mark+".jpg")).expect(t, "source-status", 404)
	get(t, n.public+"/i/"+mark+"/"+mark+"/plain/"+mark).expect(t, "key-unknown", 403)
	ask(t, http.MethodPost, n.public+"/v1/photos?document=us-passport&head="+portraitHead, bytes.NewReader(photo), bearer...).ok(t)
	ask(t, http.MethodPost, n.public+"/v1/photos?document="+mark, bytes.NewReader(photo), bearer...).expect(t, "document-unknown", 404)
	ask(t, http.MethodPost, n.public+"/v1/photos?"+mark+"="+mark, bytes.NewReader(photo), bearer...).expect(t, "malformed", 400)
	ask(t, http.MethodPost, n.public+"/v1/images/w:50", strings.NewReader(mark+strings.Repeat("x", 100)), bearer...).expect(t, "not-an-image", 415)
	ask(t, http.MethodPost, n.public+"/v1/images/w:50", bytes.NewReader(photo), "Authorization", "Bearer "+mark).expect(t, "token", 401)
	get(t, n.public+"/"+mark).expect(t, "not-found", 404)

	if strings.Contains(n.text(), mark) {
		for line := range strings.Lines(n.text()) {
			if strings.Contains(line, mark) {
				t.Errorf("the log holds the mark: %s", line)
			}
		}
	}
	for _, page := range []string{"/metrics", "/cluster", "/readyz", "/debug/pprof/goroutine?debug=2"} {
		if strings.Contains(n.page(page), mark) {
			t.Errorf("%s holds the mark", page)
		}
	}
	err := filepath.WalkDir(filepath.Dir(n.spool), func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if bytes.Contains(data, []byte(mark)) {
			t.Errorf("%s holds the mark", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Whatever our own packages log, the list of fields knows: a field that is withheld tells the operator nothing.
func TestNothingIsWithheld(t *testing.T) {
	p := newPlane(t)
	src := sources(t)
	n := start(t, p.settings()...)
	n.ready()
	get(t, n.sign("w:50", src.URL+"/slope.png")).ok(t)
	p.stop()
	n.stop(os.Interrupt)
	for line := range strings.Lines(n.text()) {
		if strings.Contains(line, `"withheld"`) {
			t.Errorf("a field is not on telemetry's list: %s", line)
		}
	}
}
