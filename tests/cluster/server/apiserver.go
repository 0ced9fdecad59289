package main

import (
	"context"
	"net"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"
	utilerrors "k8s.io/apimachinery/pkg/util/errors"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	logsapi "k8s.io/component-base/logs/api/v1"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
	"k8s.io/kubernetes/cmd/kube-apiserver/app/options"
)

// auditPolicy has one record of every request, which tells what the API server understood it to be.
const auditPolicy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: Metadata
`

type apiServer struct{ options options.CompletedOptions }

// newAPIServer prepares kube-apiserver as it comes: RBAC, the admission plugins that are on by default, service
// accounts. The listener is bound already, so that no other process can take its port first.
func newAPIServer(ctx context.Context, listener net.Listener, authority *authority, etcd string) (*apiServer, error) {
	arguments, err := apiServerArguments(authority, etcd)
	if err != nil {
		return nil, err
	}
	unset := options.NewServerRunOptions()
	flags := pflag.NewFlagSet("kube-apiserver", pflag.ContinueOnError)
	for _, group := range unset.Flags().FlagSets {
		flags.AddFlagSet(group)
	}
	unset.SecureServing.Listener = listener
	unset.SecureServing.BindPort = listener.Addr().(*net.TCPAddr).Port
	if err := flags.Parse(arguments); err != nil {
		return nil, err
	}
	if err := unset.GenericServerRunOptions.ComponentGlobalsRegistry.Set(); err != nil {
		return nil, err
	}
	if err := logsapi.ValidateAndApply(unset.Logs, utilfeature.DefaultFeatureGate); err != nil {
		return nil, err
	}
	completed, err := unset.Complete(ctx)
	if err != nil {
		return nil, err
	}
	return &apiServer{completed}, utilerrors.NewAggregate(completed.Validate())
}

// Run serves until the context ends.
func (s *apiServer) Run(ctx context.Context) error {
	return app.Run(ctx, s.options)
}

func apiServerArguments(authority *authority, etcd string) ([]string, error) {
	in := func(name string) string { return filepath.Join(authority.directory, name) }
	if err := os.WriteFile(in("audit-policy.yaml"), []byte(auditPolicy), 0o600); err != nil {
		return nil, err
	}
	for _, pair := range []string{"apiserver", "service-accounts"} {
		if _, err := authority.issueServer(pair); err != nil {
			return nil, err
		}
	}
	if err := authority.issueClient("apiserver-kubelet-client", "kube-apiserver", "system:masters"); err != nil {
		return nil, err
	}
	return []string{
		"--advertise-address=10.0.0.1", // nothing dials it; a loopback address is refused
		"--endpoint-reconciler-type=none",
		"--etcd-servers=http://" + etcd,
		"--service-cluster-ip-range=10.0.0.0/24",
		"--authorization-mode=RBAC",
		"--allow-privileged=true",
		"--client-ca-file=" + in("ca.pem"),
		"--token-auth-file=" + in("tokens.csv"),
		"--tls-cert-file=" + in("apiserver.pem"),
		"--tls-private-key-file=" + in("apiserver.key"),
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-signing-key-file=" + in("service-accounts.key"),
		"--service-account-key-file=" + in("service-accounts.key"),
		"--kubelet-certificate-authority=" + in("ca.pem"),
		"--kubelet-client-certificate=" + in("apiserver-kubelet-client.pem"),
		"--kubelet-client-key=" + in("apiserver-kubelet-client.key"),
		"--kubelet-preferred-address-types=InternalIP",
		"--audit-policy-file=" + in("audit-policy.yaml"),
		"--audit-log-path=" + in("audit.log"),
	}, nil
}
