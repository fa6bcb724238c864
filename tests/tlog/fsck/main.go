// Command fsck has Tessera's own checker rebuild a partition's tree from what Annals serves: its client
// fetches checkpoint, entries and tiles over HTTP, its fsck derives every tile and the root anew. Then
// a bit of each kind of file is changed on the way, and fsck has to refuse. It shares no code with the
// product. Usage: fsck BASE-URL TOKEN PARTITION
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/api"
	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/fsck"
	"golang.org/x/mod/sumdb/note"
	"k8s.io/klog/v2"
)

// workers are more than a log of the suites has tiles: fsck stops taking them from its queue after the
// first bad one, and a shorter queue would fill up and hold it for ever.
const workers = 256

// leafHashes takes a bundle of entries apart: what Tessera's own command does.
func leafHashes(bundle []byte) ([][]byte, error) {
	entries := &api.EntryBundle{}
	if err := entries.UnmarshalText(bundle); err != nil {
		return nil, err
	}
	var hashes [][]byte
	for _, entry := range entries.Entries {
		hashes = append(hashes, rfc6962.DefaultHasher.HashLeaf(entry))
	}
	return hashes, nil
}

// tampering passes on what the log serves; `change` may alter a kind of it on the way.
type tampering struct {
	fsck.Fetcher
	change func(kind string, body []byte)
}

func (t tampering) ReadCheckpoint(ctx context.Context) ([]byte, error) {
	body, err := t.Fetcher.ReadCheckpoint(ctx)
	return t.changed("checkpoint", body), err
}

func (t tampering) ReadTile(ctx context.Context, level, index uint64, width uint8) ([]byte, error) {
	body, err := t.Fetcher.ReadTile(ctx, level, index, width)
	return t.changed(fmt.Sprintf("tile/%d", level), body), err
}

func (t tampering) ReadEntryBundle(ctx context.Context, index uint64, width uint8) ([]byte, error) {
	body, err := t.Fetcher.ReadEntryBundle(ctx, index, width)
	return t.changed("tile/entries", body), err
}

func (t tampering) changed(kind string, body []byte) []byte {
	if t.change == nil || len(body) == 0 {
		return body
	}
	copied := append([]byte(nil), body...)
	t.change(kind, copied)
	return copied
}

// verifier is the newest key of the partition's origin.
func verifier(base, token, partition string) (note.Verifier, error) {
	request, err := http.NewRequest("GET", base+"/v1/log/key", nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	for _, line := range strings.Fields(string(text)) {
		known, err := note.NewVerifier(line)
		if err == nil && strings.HasSuffix(known.Name(), "/"+partition) {
			return known, nil
		}
	}
	return nil, fmt.Errorf("no key of partition %s: %s %s", partition, response.Status, text)
}

// flip changes a bit; in a checkpoint not the digit before base64's padding, whose low bits mean nothing.
func flip(body []byte, at int) {
	if at+1 < len(body) && body[at+1] == '=' {
		at++
	}
	body[at] ^= 1
}

func run() error {
	if len(os.Args) != 4 {
		return fmt.Errorf("usage: fsck BASE-URL TOKEN PARTITION")
	}
	base, token, partition := os.Args[1], os.Args[2], os.Args[3]
	known, err := verifier(base, token, partition)
	if err != nil {
		return err
	}
	root, err := url.Parse(base + "/v1/log/" + partition + "/")
	if err != nil {
		return err
	}
	served, err := client.NewHTTPFetcher(root, nil)
	if err != nil {
		return err
	}
	served.SetAuthorizationHeader("Bearer " + token)
	check := func(change func(string, []byte)) error {
		source := tampering{Fetcher: served, change: change}
		return fsck.New(known.Name(), known, source, leafHashes, fsck.Opts{N: workers}).Check(context.Background())
	}
	kinds := map[string]int{}
	if err := check(nil); err != nil {
		return fmt.Errorf("fsck refuses what is served: %w", err)
	}
	fmt.Println("fsck accepts")
	rejected := 0
	for _, kind := range []string{"checkpoint", "tile/entries", "tile/0", "tile/1"} {
		for at := 0; at < 9; at++ {
			met := 0
			err := check(func(found string, body []byte) {
				if found == kind {
					met++
					flip(body, (at*len(body)/9+at)%len(body))
				}
			})
			if met > 0 && err == nil {
				return fmt.Errorf("fsck accepted a changed bit in %s", kind)
			} else if met > 0 {
				kinds[kind]++
				rejected++
			}
		}
	}
	if len(kinds) != 4 {
		return fmt.Errorf("the log is too small to have files of every kind: %v", kinds)
	}
	fmt.Printf("fsck rejects %d changes\n", rejected)
	return nil
}

func main() {
	// The checker's own log goes nowhere: the outcome is all that counts here.
	flags := flag.NewFlagSet("klog", flag.ExitOnError)
	klog.InitFlags(flags)
	_ = flags.Set("logtostderr", "false")
	_ = flags.Set("alsologtostderr", "false")
	klog.SetOutput(io.Discard)
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
