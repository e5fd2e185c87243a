#!/bin/sh
# This is the first process of a node, PID 1 of its PID namespace. It builds the node's root from private directories and
# an overlay of the machine's /usr. Then it becomes systemd (a node) or waits (a bare host).
#   boot.sh STAGE NODE_DIR LAYERS KIND [CGROUP ...]
# STAGE      enter | build (in a cgroup namespace)
# NODE_DIR   has root/ (the node's files), usr-upper/ and usr-work/, and gets the file stat
# LAYERS     read-only lower layers of /usr, in overlayfs syntax
# KIND       node | host
# CGROUP     the node's group in each hierarchy
set -eu
stage=$1 dir=$2 layers=$3 kind=$4
root=$dir/root

if [ "$stage" = enter ]; then
  shift 4
  for group in "$@"; do echo 0 > "$group/cgroup.procs"; done
  exec unshare --cgroup "$0" build "$dir" "$layers" "$kind"
fi

# /proc is still the machine's. The first field is the pid on the machine, and the 22nd is the start of the process.
read -r stat < /proc/self/stat
echo "$stat" > "$dir/stat.tmp"
mv "$dir/stat.tmp" "$dir/stat"

# Wait for the network with a limit, because the process that started this one may have been killed.
waited=0
while [ ! -e "$dir/go" ]; do
  waited=$((waited + 1))
  [ "$waited" -lt 1500 ] || exit 1
  sleep 0.02
done

mount --make-rprivate /
mount --bind "$root" "$root"
mount -t overlay -o "volatile,lowerdir=$layers,upperdir=$dir/usr-upper,workdir=$dir/usr-work" usr "$root/usr"

# Mount the PID namespace's own /proc. Writable are only the settings of the network namespace, and private copies of
# settings of the whole machine that a kubelet insists on changing.
mount -t proc -o nosuid,noexec,nodev proc "$root/proc"
mount -t tmpfs -o mode=0755,size=64k tunables "$root/mnt"
tunables='kernel/panic kernel/panic_on_oops kernel/keys/root_maxkeys kernel/keys/root_maxbytes vm/overcommit_memory vm/panic_on_oom'
for name in $tunables; do
  [ -e "$root/proc/sys/$name" ] || continue
  copy=$root/mnt/$(echo "$name" | tr / .)
  cat "$root/proc/sys/$name" > "$copy"
done
mount --bind "$root/proc/sys" "$root/proc/sys"
mount --bind "$root/proc/sys/net" "$root/proc/sys/net"
mount -o remount,bind,ro "$root/proc/sys"
for name in $tunables; do
  [ -e "$root/proc/sys/$name" ] || continue
  mount --bind "$root/mnt/$(echo "$name" | tr / .)" "$root/proc/sys/$name"
done
umount -l "$root/mnt"
if [ -e "$root/proc/sysrq-trigger" ]; then
  mount --bind "$root/proc/sysrq-trigger" "$root/proc/sysrq-trigger"
  mount -o remount,bind,ro "$root/proc/sysrq-trigger"
fi

mount -t sysfs -o nosuid,noexec,nodev,ro sysfs "$root/sys"
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
  mount -t cgroup2 -o nosuid,noexec,nodev cgroup2 "$root/sys/fs/cgroup"
else
  mount -t tmpfs -o mode=0755,nosuid,noexec,nodev cgroup "$root/sys/fs/cgroup"
  # The hierarchies are the machine's. In a cgroup namespace, the root of each one is the node's own group.
  while IFS=: read -r number controllers path; do
    case $number:$controllers in
      0:) name=unified type=cgroup2 options= ;;
      *:name=*) name=${controllers#name=} type=cgroup options=",none,$controllers" ;;
      *) name=$controllers type=cgroup options=",$controllers" ;;
    esac
    mkdir "$root/sys/fs/cgroup/$name"
    if ! mount -t "$type" -o "nosuid,noexec,nodev$options" cgroup "$root/sys/fs/cgroup/$name"; then
      rmdir "$root/sys/fs/cgroup/$name"
      continue
    fi
    case $name in
      *,*) for one in $(echo "$name" | tr , ' '); do ln -s "$name" "$root/sys/fs/cgroup/$one"; done ;;
    esac
  done < /proc/self/cgroup
fi

mount -t tmpfs -o mode=0755,nosuid,strictatime dev "$root/dev"
for device in 'null 1 3 666' 'zero 1 5 666' 'full 1 7 666' 'random 1 8 666' 'urandom 1 9 666' 'tty 5 0 666' \
  'kmsg 1 11 644' 'fuse 10 229 666'; do
  # shellcheck disable=SC2086 # four words
  set -- $device
  mknod -m "$4" "$root/dev/$1" c "$2" "$3"
done
mkdir "$root/dev/pts" "$root/dev/shm" "$root/dev/mqueue"
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts "$root/dev/pts"
mount -t tmpfs -o mode=1777,nosuid,nodev shm "$root/dev/shm"
mount -t mqueue -o nosuid,nodev,noexec mqueue "$root/dev/mqueue"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
ln -s /proc/self/fd/0 "$root/dev/stdin"
ln -s /proc/self/fd/1 "$root/dev/stdout"
ln -s /proc/self/fd/2 "$root/dev/stderr"
mount -t tmpfs -o mode=0755,nosuid,nodev run "$root/run"

hostname "$(cat "$root/etc/hostname")"
cd "$root"
pivot_root . mnt
umount -l /mnt
# The kubelet needs its folder to be a shared mount. Here the whole root is one.
mount --make-rshared /
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
if [ "$kind" = host ]; then
  : > /run/lab-ready
  exec sleep infinity < /dev/null
fi
exec env -i container=lab PATH="$PATH" LANG=C.UTF-8 \
  /lib/systemd/systemd --system --unit=multi-user.target --log-target=journal --show-status=no < /dev/null
