package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"

	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"k8s.io/client-go/util/cert"
	"k8s.io/client-go/util/keyutil"
)

// authority signs every certificate of the cluster, and keeps them as NAME.pem and NAME.key in the cluster's folder.
type authority struct {
	directory   string
	certificate *x509.Certificate
	key         crypto.Signer
}

func newAuthority(directory string) (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	certificate, err := cert.NewSelfSignedCACert(cert.Config{CommonName: "cluster"}, key)
	if err != nil {
		return nil, err
	}
	made := &authority{directory, certificate, key}
	return made, made.write("ca.pem", pem.EncodeToMemory(&pem.Block{Type: cert.CertificateBlockType, Bytes: certificate.Raw}))
}

func (a *authority) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.certificate)
	return pool
}

// issueServer makes a certificate for this machine's loopback address.
func (a *authority) issueServer(name string) (tls.Certificate, error) {
	return a.issue(name, &x509.Certificate{
		Subject:     pkix.Name{CommonName: name},
		DNSNames:    []string{"localhost"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	})
}

// issueClient makes a certificate that the API server takes for a user and their groups.
func (a *authority) issueClient(name, user string, groups ...string) error {
	_, err := a.issue(name, &x509.Certificate{
		Subject:     pkix.Name{CommonName: user, Organization: groups},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
	return err
}

func (a *authority) issue(name string, template *x509.Certificate) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	template.SerialNumber, err = rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		return tls.Certificate{}, err
	}
	template.NotBefore, template.NotAfter = a.certificate.NotBefore, time.Now().Add(7*24*time.Hour)
	template.KeyUsage = x509.KeyUsageDigitalSignature
	raw, err := x509.CreateCertificate(rand.Reader, template, a.certificate, key.Public(), a.key)
	if err != nil {
		return tls.Certificate{}, err
	}
	keyPEM, err := keyutil.MarshalPrivateKeyToPEM(key)
	if err != nil {
		return tls.Certificate{}, err
	}
	certificatePEM := pem.EncodeToMemory(&pem.Block{Type: cert.CertificateBlockType, Bytes: raw})
	if err := a.write(name+".pem", certificatePEM); err != nil {
		return tls.Certificate{}, err
	}
	if err := a.write(name+".key", keyPEM); err != nil {
		return tls.Certificate{}, err
	}
	return tls.X509KeyPair(certificatePEM, keyPEM)
}

// writeKubeconfig makes a cluster administrator's kubeconfig, and returns its path.
func (a *authority) writeKubeconfig(address string) (string, error) {
	if err := a.issueClient("admin", "admin", "system:masters"); err != nil {
		return "", err
	}
	in := func(name string) string { return filepath.Join(a.directory, name) }
	config := clientcmdapi.NewConfig()
	config.Clusters["cluster"] = &clientcmdapi.Cluster{Server: "https://" + address, CertificateAuthority: in("ca.pem")}
	config.AuthInfos["admin"] = &clientcmdapi.AuthInfo{ClientCertificate: in("admin.pem"), ClientKey: in("admin.key")}
	config.Contexts["admin"] = &clientcmdapi.Context{Cluster: "cluster", AuthInfo: "admin"}
	config.CurrentContext = "admin"
	return in("kubeconfig"), clientcmd.WriteToFile(*config, in("kubeconfig"))
}

func (a *authority) write(name string, content []byte) error {
	return os.WriteFile(filepath.Join(a.directory, name), content, 0o600)
}
