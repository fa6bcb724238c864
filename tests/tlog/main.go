// Command tlog holds what Annals serves against Go's own transparency log code: signed notes
// (x/mod/sumdb/note), tiles, inclusion and consistency (x/mod/sumdb/tlog). It shares no code with
// the product. Usage: tlog BASE-URL TOKEN PARTITION [OLDER-CHECKPOINT-FILE]
package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

type log struct {
	base, token, partition string
	tamper                 func(path string, body []byte)
}

func (l *log) get(path string) ([]byte, error) {
	request, err := http.NewRequest("GET", l.base+path, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+l.token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != 200 {
		err = fmt.Errorf("%s: %s %s", path, response.Status, body)
	}
	if err == nil && l.tamper != nil {
		l.tamper(path, body)
	}
	return body, err
}

// verifiers are those of the partition's origin.
func (l *log) verifiers() (note.Verifiers, error) {
	text, err := l.get("/v1/log/key")
	if err != nil {
		return nil, err
	}
	var known []note.Verifier
	for _, line := range strings.Fields(string(text)) {
		verifier, err := note.NewVerifier(line)
		if err != nil {
			return nil, fmt.Errorf("vkey %s: %w", line, err)
		}
		if strings.HasSuffix(verifier.Name(), "/"+l.partition) {
			known = append(known, verifier)
		}
	}
	return note.VerifierList(known...), nil
}

func checkpoint(text []byte, known note.Verifiers) (tlog.Tree, error) {
	opened, err := note.Open(text, known)
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || opened.Sigs[0].Name != lines[0] {
		return tlog.Tree{}, fmt.Errorf("no checkpoint: %q", opened.Text)
	}
	var tree tlog.Tree
	if _, err := fmt.Sscanf(lines[1], "%d", &tree.N); err != nil {
		return tree, err
	}
	tree.Hash, err = tlog.ParseHash(lines[2])
	return tree, err
}

// Height and ReadTiles make tlog's own reader go through our tiles, which it verifies.
func (l *log) Height() int { return height }

func (l *log) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, len(tiles))
	for i, tile := range tiles {
		// x/mod writes tile/8/<level>/…, C2SP tile/<level>/….
		path := strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/", height))
		body, err := l.get("/v1/log/" + l.partition + "/tile/" + path)
		if err != nil {
			return nil, err
		}
		data[i] = body
	}
	return data, nil
}

func (l *log) SaveTiles([]tlog.Tile, [][]byte) {}

// entries are those of the first tile, whole or not.
func (l *log) entries(size int64) ([][]byte, error) {
	path := "/v1/log/" + l.partition + "/tile/entries/000"
	if size < 1<<height {
		path += fmt.Sprintf(".p/%d", size)
	}
	bundle, err := l.get(path)
	if err != nil {
		return nil, err
	}
	var entries [][]byte
	for len(bundle) >= 2 {
		length := int(binary.BigEndian.Uint16(bundle))
		if len(bundle) < 2+length {
			return nil, fmt.Errorf("an entry is cut")
		}
		entries = append(entries, bundle[2:2+length])
		bundle = bundle[2+length:]
	}
	return entries, nil
}

func (l *log) check(older []byte) (int64, error) {
	known, err := l.verifiers()
	if err != nil {
		return 0, err
	}
	text, err := l.get("/v1/log/" + l.partition + "/checkpoint")
	if err != nil {
		return 0, err
	}
	tree, err := checkpoint(text, known)
	if err != nil {
		return 0, err
	}
	hashes := tlog.TileHashReader(tree, l)
	entries, err := l.entries(tree.N)
	if err != nil {
		return 0, err
	}
	for index, entry := range entries {
		proof, err := tlog.ProveRecord(tree.N, int64(index), hashes)
		if err != nil {
			return 0, err
		}
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, int64(index), tlog.RecordHash(entry)); err != nil {
			return 0, fmt.Errorf("entry %d: %w", index, err)
		}
	}
	if older != nil {
		old, err := checkpoint(older, known)
		if err != nil {
			return 0, err
		}
		proof, err := tlog.ProveTree(tree.N, old.N, hashes)
		if err != nil {
			return 0, err
		}
		if err := tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash); err != nil {
			return 0, err
		}
	}
	return tree.N, nil
}

// checkProof reads a tlog-proof from standard input.
func checkProof(text []byte, known note.Verifiers) error {
	head, signed, found := strings.Cut(string(text), "\n\n")
	lines := strings.Split(head, "\n")
	if !found || len(lines) < 3 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return fmt.Errorf("no tlog-proof")
	}
	tree, err := checkpoint([]byte(signed), known)
	if err != nil {
		return err
	}
	entry, err := base64.StdEncoding.Strict().DecodeString(strings.TrimPrefix(lines[1], "extra "))
	if err != nil {
		return err
	}
	var index int64
	if _, err := fmt.Sscanf(lines[2], "index %d", &index); err != nil {
		return err
	}
	var proof tlog.RecordProof
	for _, line := range lines[3:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return err
		}
		proof = append(proof, hash)
	}
	return tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entry))
}

// flip changes a bit. The low bits of the digit before base64's padding mean nothing, so that one is
// left alone and the next byte taken.
func flip(body []byte, at int) {
	if at+1 < len(body) && body[at+1] == '=' {
		at++
	}
	body[at] ^= 1
}

func run() error {
	if len(os.Args) < 4 {
		return fmt.Errorf("usage: tlog BASE-URL TOKEN PARTITION [OLDER-CHECKPOINT-FILE] < PROOF")
	}
	server := &log{base: os.Args[1], token: os.Args[2], partition: os.Args[3]}
	var older []byte
	if len(os.Args) > 4 {
		var err error
		if older, err = os.ReadFile(os.Args[4]); err != nil {
			return err
		}
	}
	size, err := server.check(older)
	if err != nil {
		return err
	}
	proof, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	known, err := server.verifiers()
	if err != nil {
		return err
	}
	if err := checkProof(proof, known); err != nil {
		return fmt.Errorf("proof: %w", err)
	}
	fmt.Printf("%d records accepted\n", size)
	rejected := 0
	for _, what := range []string{"/key", "/checkpoint", "/tile/0/", "/tile/1/", "/tile/entries/"} {
		for at := 0; at < 7; at++ {
			met := false
			server.tamper = func(path string, body []byte) {
				if strings.Contains(path, what) && len(body) > 0 {
					met = true
					flip(body, (at*len(body)/7+at)%len(body))
				}
			}
			if _, err := server.check(older); err == nil && met {
				return fmt.Errorf("a changed bit in %s was accepted", what)
			} else if met {
				rejected++
			}
		}
	}
	for at := 0; at < len(proof); at += 11 {
		changed := append([]byte(nil), proof...)
		flip(changed, at)
		if err := checkProof(changed, known); err == nil {
			return fmt.Errorf("a proof with byte %d changed was accepted", at)
		}
		rejected++
	}
	fmt.Printf("%d changes rejected\n", rejected)
	return nil
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
