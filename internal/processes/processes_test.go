package processes

import (
	"os"
	"os/exec"
	"runtime"
	"slices"
	"testing"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for stat, want := range map[string]Process{
		"12 (sh) S 3 4 5":             {PID: 12, Parent: 3, Name: "sh"},
		"12 (a (b) c) d) Z 3":         {PID: 12, Parent: 3, Name: "a (b) c) d", Zombie: true},
		"1 (WebKitWebProces) R 0 0\n": {PID: 1, Name: "WebKitWebProces"},
		"1 () R 0":                    {PID: 1},
	} {
		if got, ok := parse(stat); !ok || got != want {
			t.Errorf("%q: %+v, %v", stat, got, ok)
		}
	}
	for _, stat := range []string{"", "12", "12 (", "12 (sh)", "12 (sh) S", "x (sh) S 3", "12 (sh) S x", ") 12 (sh S 3"} {
		if got, ok := parse(stat); ok {
			t.Errorf("%q: %+v", stat, got)
		}
	}
}

func TestTreeHasAllDescendants(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("there is no /proc")
	}
	child := exec.Command("sh", "-c", "read wait")
	input, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	tree := Tree(os.Getpid())
	if tree[0] != os.Getpid() || !slices.Contains(tree, child.Process.Pid) {
		t.Errorf("the tree %v lacks %d or %d", tree, os.Getpid(), child.Process.Pid)
	}
	if got := Tree(child.Process.Pid); !slices.Equal(got, []int{child.Process.Pid}) {
		t.Errorf("%v, want %d", got, child.Process.Pid)
	}
	if got := Pages(); len(got) != 0 {
		t.Errorf("a test without windows has web processes: %v", got)
	}
	_ = input.Close()
	_ = child.Wait() // read fails at the end of input
}
