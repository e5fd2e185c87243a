module kubeadm-ts/test/parity/corefile-migration

go 1.24

require github.com/coredns/corefile-migration v1.0.31

require github.com/coredns/caddy v1.1.1 // indirect
