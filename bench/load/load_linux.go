// Package load is real load over loopback: a loader of two threads with epoll, and the servers that it loads.
//
// The loader runs in a process of its own and does as little as a client can, so that what is measured is the server: each
// connection has one session, sends the same bytes again and again, and looks at the status and the length of each answer.
package load

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"net"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// Config is a load. The zero value is what the tables are made with.
type Config struct {
	Threads     int           // 0 is 2
	Connections int           // of all threads; 0 is 64
	Warm, For   time.Duration // 0 is 200 ms, and 1 s
}

// Result is what came of a load.
type Result struct {
	Requests int
	Lasted   time.Duration
	latency  []time.Duration
}

// PerSecond returns how many requests were answered each second.
func (r Result) PerSecond() float64 { return float64(r.Requests) / r.Lasted.Seconds() }

// Latency returns the latency that a share of the requests had at most.
func (r Result) Latency(share float64) time.Duration {
	if len(r.latency) == 0 {
		return 0
	}
	return r.latency[min(int(math.Ceil(share*float64(len(r.latency))))-1, len(r.latency)-1)]
}

// client is one connection.
type client struct {
	fd      int
	request []byte
	sent    time.Time
	got     int
	buf     [4096]byte
}

var errAnswer = errors.New("load: not the answer of a request that succeeded")

// Run loads the server at address with GET requests for path. Where cookies is true, each connection first creates a session
// and sends its cookie with each request. measured is called at the beginning and the end of what is counted.
func (c Config) Run(address, path string, cookies bool, measured func()) (Result, error) {
	if c.Threads == 0 {
		c.Threads = 2
	}
	if c.Connections == 0 {
		c.Connections = 64
	}
	if c.Warm == 0 {
		c.Warm = 200 * time.Millisecond
	}
	if c.For == 0 {
		c.For = time.Second
	}
	var clients []*client
	defer func() {
		for _, at := range clients {
			_ = syscall.Close(at.fd) // it has served
		}
	}()
	for range c.Connections {
		at, err := connect(address, path, cookies)
		if err != nil {
			return Result{}, err
		}
		clients = append(clients, at)
	}
	from := time.Now().Add(c.Warm)
	until := from.Add(c.For)
	results, errs := make([]Result, c.Threads), make([]error, c.Threads)
	var threads sync.WaitGroup
	for i := range c.Threads {
		threads.Go(func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread() // a thread that ended would take along the servers that it has started
			mine := clients[i*c.Connections/c.Threads : (i+1)*c.Connections/c.Threads]
			results[i], errs[i] = thread(mine, from, until)
		})
	}
	time.Sleep(time.Until(from))
	measured()
	time.Sleep(time.Until(until))
	measured()
	threads.Wait()
	all := Result{Lasted: c.For}
	for _, r := range results {
		all.Requests += r.Requests
		all.latency = append(all.latency, r.latency...)
	}
	slices.Sort(all.latency)
	return all, errors.Join(errs...)
}

// thread keeps its connections busy, one request on each, and counts what is answered between two instants.
func thread(clients []*client, from, until time.Time) (r Result, err error) {
	epoll, err := syscall.EpollCreate1(0)
	if err != nil {
		return r, err
	}
	defer syscall.Close(epoll)
	for i, c := range clients {
		event := syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(i)}
		if err := syscall.EpollCtl(epoll, syscall.EPOLL_CTL_ADD, c.fd, &event); err != nil {
			return r, err
		}
		if err := c.send(time.Now()); err != nil {
			return r, err
		}
	}
	events := make([]syscall.EpollEvent, len(clients))
	for {
		n, err := syscall.EpollWait(epoll, events, 1000)
		now := time.Now()
		if now.After(until) {
			return r, nil
		}
		if err != nil && !errors.Is(err, syscall.EINTR) {
			return r, err
		}
		for i := range max(n, 0) {
			c := clients[events[i].Fd]
			done, err := c.receive()
			if err != nil {
				return r, err
			}
			if !done {
				continue
			}
			now = time.Now()
			if c.sent.After(from) {
				r.Requests++
				r.latency = append(r.latency, now.Sub(c.sent))
			}
			if err := c.send(now); err != nil {
				return r, err
			}
		}
	}
}

func (c *client) send(now time.Time) error {
	c.sent, c.got = now, 0
	for rest := c.request; len(rest) > 0; {
		n, err := syscall.Write(c.fd, rest)
		if err != nil {
			return err
		}
		rest = rest[n:]
	}
	return nil
}

// receive reads what is there, and says whether the answer is complete.
func (c *client) receive() (done bool, err error) {
	n, err := syscall.Read(c.fd, c.buf[c.got:])
	if err != nil {
		return false, err
	}
	if n == 0 {
		return false, fmt.Errorf("%w: it hung up", errAnswer)
	}
	c.got += n
	return complete(c.buf[:c.got])
}

var (
	okLine  = []byte("HTTP/1.1 200 ")
	blank   = []byte("\r\n\r\n")
	lengthH = []byte("\r\nContent-Length: ")
)

func complete(answer []byte) (bool, error) {
	end := bytes.Index(answer, blank)
	if end < 0 {
		return false, nil
	}
	if !bytes.HasPrefix(answer, okLine) {
		return false, fmt.Errorf("%w: %.60q", errAnswer, answer)
	}
	_, after, ok := bytes.Cut(answer[:end+2], lengthH)
	digits, _, isLine := bytes.Cut(after, []byte("\r\n"))
	length, err := strconv.Atoi(string(digits))
	if !ok || !isLine || err != nil {
		return false, fmt.Errorf("%w: without a length", errAnswer)
	}
	return len(answer) >= end+len(blank)+length, nil
}

// connect opens a connection, and creates a session on it where one is wanted.
func connect(address, path string, cookies bool) (*client, error) {
	to, err := net.ResolveTCPAddr("tcp4", address)
	if err != nil {
		return nil, err
	}
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	c := &client{fd: fd}
	if err := c.begin(to, path, cookies); err != nil {
		return nil, errors.Join(err, syscall.Close(fd))
	}
	return c, nil
}

func (c *client) begin(to *net.TCPAddr, path string, cookies bool) error {
	if err := syscall.Connect(c.fd, &syscall.SockaddrInet4{Port: to.Port, Addr: [4]byte(to.IP.To4())}); err != nil {
		return err
	}
	if err := syscall.SetsockoptInt(c.fd, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1); err != nil {
		return err
	}
	cookie := ""
	if cookies {
		c.request = []byte("GET /create HTTP/1.1\r\nHost: shop.example\r\n\r\n")
		if err := c.send(time.Now()); err != nil {
			return err
		}
		for done := false; !done; {
			var err error
			if done, err = c.receive(); err != nil {
				return err
			}
		}
		_, after, ok := bytes.Cut(c.buf[:c.got], []byte("\r\nSet-Cookie: "))
		if !ok {
			_, after, ok = bytes.Cut(c.buf[:c.got], []byte("\r\nset-cookie: ")) // as fasthttp may spell it
		}
		pair, _, _ := bytes.Cut(after, []byte(";"))
		if !ok {
			return fmt.Errorf("%w: no cookie for a new session", errAnswer)
		}
		cookie = "Cookie: " + string(pair) + "\r\n"
	}
	c.request = []byte("GET " + path + " HTTP/1.1\r\nHost: shop.example\r\n" + cookie + "\r\n")
	return nil
}
