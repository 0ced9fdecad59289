package main

import (
	"errors"
	"net/url"
	"time"

	"go.etcd.io/etcd/server/v3/embed"
)

// startEtcd starts a store of one member on ports of its own. It does not wait for the disk: what it holds is gone
// when the test is.
func startEtcd(directory string) (*embed.Etcd, error) {
	anyPort := []url.URL{{Scheme: "http", Host: "127.0.0.1:0"}}
	config := embed.NewConfig()
	config.Dir = directory
	config.ListenPeerUrls, config.ListenClientUrls = anyPort, anyPort
	config.UnsafeNoFsync = true
	config.LogLevel = "error"
	store, err := embed.StartEtcd(config)
	if err != nil {
		return nil, err
	}
	select {
	case <-store.Server.ReadyNotify():
		return store, nil
	case <-time.After(readyDeadline):
		store.Close()
		return nil, errors.New("etcd is not ready")
	}
}
