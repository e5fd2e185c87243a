module kubeadm-ts/components/pause

go 1.24
