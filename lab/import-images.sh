#!/bin/sh
# This script imports images into a new containerd root: import-images.sh ROOT CONTAINERD CTR TAR ...
# It runs in its own mount, PID and network namespaces. It writes nothing outside of ROOT.
set -eu
root=$1 containerd=$2 ctr=$3
shift 3
mount --make-rprivate /
mount -t proc proc /proc
for private in /run /opt /tmp; do
  # The tars and programs can be below one of these folders, so they are opened first.
  case "$containerd $*" in *" $private/"* | "$private/"*) continue ;; esac
  mount -t tmpfs tmpfs "$private"
done
mkdir -p /run/lab-import
cat > /run/lab-import/config.toml << EOF
version = 3
root = '$root'
state = '/run/lab-import/state'
disabled_plugins = ['io.containerd.grpc.v1.cri', 'io.containerd.cri.v1.images', 'io.containerd.cri.v1.runtime',
  'io.containerd.internal.v1.opt', 'io.containerd.nri.v1.nri', 'io.containerd.snapshotter.v1.btrfs',
  'io.containerd.snapshotter.v1.devmapper', 'io.containerd.snapshotter.v1.zfs', 'io.containerd.internal.v1.tracing']
[grpc]
address = '/run/lab-import/sock'
EOF
"$containerd" --config /run/lab-import/config.toml --log-level warn &
daemon=$!
waited=0
until "$ctr" --address /run/lab-import/sock version > /dev/null 2>&1; do
  waited=$((waited + 1))
  [ "$waited" -lt 300 ] || { echo 'containerd does not answer' >&2; exit 1; }
  kill -0 "$daemon"
  sleep 0.1
done
for tar in "$@"; do
  "$ctr" --address /run/lab-import/sock --namespace k8s.io images import --local --snapshotter overlayfs "$tar" > /dev/null
done
kill "$daemon"
wait "$daemon" || true
