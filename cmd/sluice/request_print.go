package main

// Where a response goes: standard output or a file, as it is or as JSON.

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"golang.org/x/term"

	"github.com/sluice-run/sluice/cmd/sluice/internal/outfile"
	"github.com/sluice-run/sluice/cmd/sluice/internal/progress"
)

// print writes the response; a status that --fail refuses becomes the error.
func (r *requestCmd) print(res *response, started time.Time) error {
	if r.Fail && res.status >= http.StatusBadRequest {
		return &exitError{exitHTTPError, fmt.Errorf("the origin answered with %s", statusText(res.status))}
	}
	if r.Output != "" {
		return r.printToFile(res, started)
	}
	if r.JSON {
		body, err := io.ReadAll(res.Body) // a buffered one: bounded by the executor
		if err != nil {
			return err
		}
		return printJSON(done(res, started, body))
	}
	return r.copyTo(os.Stdout, res)
}

func (r *requestCmd) printToFile(res *response, started time.Time) error {
	file, err := outfile.Create(r.Output)
	if err != nil {
		return err
	}
	if err := r.copyTo(file, res); err != nil {
		file.Discard()
		return err
	}
	if err := file.Commit(); err != nil {
		return err
	}
	if r.JSON {
		return printJSON(done(res, started, nil))
	}
	return nil
}

// copyTo writes the head, if asked for, and the body.
func (r *requestCmd) copyTo(w io.Writer, res *response) error {
	if (r.Include || r.Head) && !r.JSON {
		if err := printHead(w, res); err != nil {
			return err
		}
	}
	if r.showsProgress() {
		meter := progress.New(os.Stderr, res.length())
		defer meter.Close()
		w = io.MultiWriter(w, meter)
	}
	_, err := io.Copy(w, res.Body)
	return err
}

// showsProgress is false where nobody looks, and where the body itself is what
// the terminal shows.
func (r *requestCmd) showsProgress() bool {
	return r.Stream && !r.Silent && term.IsTerminal(int(os.Stderr.Fd())) &&
		(r.Output != "" || !term.IsTerminal(int(os.Stdout.Fd())))
}

// printHead writes status and headers. The protocol does not say which version
// of HTTP it was.
func printHead(w io.Writer, res *response) error {
	head := []byte("HTTP " + statusText(res.status) + "\r\n")
	for i := range res.headers {
		head = fmt.Appendf(head, "%s: %s\r\n", res.headers[i].Name, res.headers[i].Value)
	}
	_, err := w.Write(append(head, "\r\n"...))
	return err
}

func statusText(status int) string {
	if text := http.StatusText(status); text != "" {
		return fmt.Sprintf("%d %s", status, text)
	}
	return fmt.Sprint(status)
}
