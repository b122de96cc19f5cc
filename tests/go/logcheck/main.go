// Command logcheck reads one JSON case per line and answers, for each, what golang.org/x/mod/sumdb says of it:
// "ok", or the reason of its refusal. It shares no code with the log it checks.
package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type testCase struct {
	Kind  string   `json:"kind"`
	Key   string   `json:"key"`
	Note  string   `json:"note"`
	Old   int64    `json:"old"`
	Size  int64    `json:"size"`
	Index int64    `json:"index"`
	Entry []byte   `json:"entry"`
	Older []byte   `json:"older"`
	Root  []byte   `json:"root"`
	Proof [][]byte `json:"proof"`
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(make([]byte, 1<<20), 1<<24)
	for lines.Scan() {
		var c testCase
		err := json.Unmarshal(lines.Bytes(), &c)
		if err == nil {
			err = check(c)
		}
		answer := "ok"
		if err != nil {
			answer = "refused: " + strings.ReplaceAll(err.Error(), "\n", " ")
		}
		fmt.Println(answer)
	}
	if err := lines.Err(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func check(c testCase) error {
	switch c.Kind {
	case "note":
		return checkpoint(c)
	case "inclusion":
		return tlog.CheckRecord(proof(c), c.Size, hash(c.Root), c.Index, tlog.RecordHash(c.Entry))
	case "consistency":
		return tlog.CheckTree(proof(c), c.Size, hash(c.Root), c.Old, hash(c.Older))
	}
	return fmt.Errorf("unknown kind %q", c.Kind)
}

// checkpoint opens the signed note and compares its size and root with those of the case.
func checkpoint(c testCase) error {
	verifier, err := note.NewVerifier(c.Key)
	if err != nil {
		return err
	}
	opened, err := note.Open([]byte(c.Note), note.VerifierList(verifier))
	if err != nil {
		return err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[0] != verifier.Name() {
		return fmt.Errorf("not a checkpoint of %s", verifier.Name())
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size != c.Size {
		return fmt.Errorf("size %q, not %d", lines[1], c.Size)
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || string(root) != string(c.Root) {
		return fmt.Errorf("root %q", lines[2])
	}
	return nil
}

func proof(c testCase) []tlog.Hash {
	var hashes []tlog.Hash
	for _, one := range c.Proof {
		hashes = append(hashes, hash(one))
	}
	return hashes
}

func hash(value []byte) tlog.Hash {
	var h tlog.Hash
	copy(h[:], value)
	return h
}
