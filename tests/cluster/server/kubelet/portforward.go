package kubelet

import (
	"context"
	"io"
	"net"
	"net/http"
	"strconv"

	"k8s.io/cri-streaming/pkg/streaming/portforward"
)

// servePortForward answers /portForward/NAMESPACE/POD: a pod's port is this machine's loopback port.
func (p *pods) servePortForward(writer http.ResponseWriter, request *http.Request) {
	pod, err := p.lister.Pods(request.PathValue("namespace")).Get(request.PathValue("pod"))
	if err != nil {
		http.Error(writer, err.Error(), http.StatusNotFound)
		return
	}
	portforward.ServePortForward(writer, request, loopback{}, pod.Name, string(pod.UID), &portforward.V4Options{},
		idleTimeout, streamCreationTimeout, portforward.SupportedProtocols)
}

type loopback struct{}

// PortForward copies both ways until both have ended.
func (loopback) PortForward(ctx context.Context, _, _ string, port int32, stream io.ReadWriteCloser) error {
	var dialer net.Dialer
	connection, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(int(port))))
	if err != nil {
		return err
	}
	defer connection.Close()
	go func() {
		_, _ = io.Copy(connection, stream)
		_ = connection.(*net.TCPConn).CloseWrite()
	}()
	_, err = io.Copy(stream, connection)
	return err
}
