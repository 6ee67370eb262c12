package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"sync"
	"time"
)

// serverProcess is a real "tandem serve" in a process of its own.
type serverProcess struct {
	cmd        *exec.Cmd
	grpc, http string
	done       chan error

	mu     sync.Mutex
	stderr bytes.Buffer
}

var readyLine = regexp.MustCompile(`serving .*gRPC on (\S+), REST on https?://(\S+), `)

// startServer starts a server on free ports and waits until it says that it is ready.
func startServer(db string, flags ...string) (*serverProcess, error) {
	args := append([]string{"serve", "--db", db, "--grpc", "127.0.0.1:0", "--http", "127.0.0.1:0"}, flags...)
	p := &serverProcess{cmd: exec.Command("tandem", args...), done: make(chan error, 1)}
	p.cmd.Env = environment()
	stderr, err := p.cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	ready := make(chan []string, 1)
	go p.follow(bufio.NewScanner(stderr), ready)
	select {
	case addresses := <-ready:
		if addresses == nil {
			return nil, fmt.Errorf("the server ended: %w\n%s", <-p.done, p.log())
		}
		p.grpc, p.http = addresses[1], addresses[2]
		return p, nil
	case <-time.After(30 * time.Second):
		p.kill()
		return nil, fmt.Errorf("the server is not ready after 30 s\n%s", p.log())
	}
}

// follow keeps what the server says, hands on its addresses, and waits for its end.
func (p *serverProcess) follow(lines *bufio.Scanner, ready chan<- []string) {
	for lines.Scan() {
		p.mu.Lock()
		p.stderr.Write(lines.Bytes())
		p.stderr.WriteByte('\n')
		p.mu.Unlock()
		if found := readyLine.FindStringSubmatch(lines.Text()); found != nil {
			ready <- found
		}
	}
	p.done <- p.cmd.Wait()
	close(ready)
}

func (p *serverProcess) log() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stderr.String()
}

// kill ends the server as a power cut would: no goodbye.
func (p *serverProcess) kill() {
	_ = p.cmd.Process.Kill() // it may have ended already
	if err := <-p.done; err != nil {
		p.done <- err // for whoever asks next
		return
	}
	p.done <- nil
}

// interrupt asks the server to stop and returns how it ended.
func (p *serverProcess) interrupt() error {
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		return err
	}
	select {
	case err := <-p.done:
		p.done <- err
		return err
	case <-time.After(time.Minute):
		return errors.New("it has not ended after a minute")
	}
}
