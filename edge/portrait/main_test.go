package portrait

import (
	"fmt"
	"os"
	"testing"

	"github.com/professionalaistudio/studio/edge/vips"
)

func TestMain(m *testing.M) {
	if err := vips.Start(vips.Config{}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}
